import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrompt, loadsMagics, promptSource } from '../../../src/lab/prompt-cell';

test('a text becomes a prompt as it stands, where IPython leaves it alone', () => {
  assert.equal(
    promptSource('I am tired.\n\n--model x\\'),
    '%%xai explain\nI am tired.\n\n--model x\\',
  );
  // The magic drops the last line break.
  assert.equal(promptSource('one\n'), '%%xai explain\none\n\n');
});

for (const text of [
  '>>> 1 + 1',
  'a\n  >>> b',
  '... and so',
  'In [3]: x',
  'nul\0',
  'a\rb',
  '\ud800',
  'a\n  ',
]) {
  test(`a text that IPython would alter is handed over as a variable: ${JSON.stringify(text)}`, () => {
    const [assigned, magic] = promptSource(text).split('\n');
    assert.equal(magic, '%xai explain --prompt prompt_to_explain');
    const [, literal = ''] = (assigned ?? '').split(' = ');
    assert.equal(JSON.parse(literal), text);
    assert.ok(isPrompt(promptSource(text)));
  });
}

test('prompts are told from other cells', () => {
  for (const source of [
    '%%xai',
    '%%xai explain -k 2\ntext',
    '%xai explain "a"',
    'e = %xai explain "a"',
  ]) {
    assert.ok(isPrompt(source), source);
  }
  for (const source of [
    '',
    'x = 1',
    '%xai methods',
    '%%xaight',
    '# %xai explain',
    'print("%%xai")',
  ]) {
    assert.ok(!isPrompt(source), source);
  }
  assert.ok(loadsMagics('import os\n%load_ext jupyter_xai'));
  assert.ok(loadsMagics('%reload_ext jupyter_xai'));
  assert.ok(!loadsMagics('# %load_ext jupyter_xai'));
  assert.ok(!loadsMagics('%load_ext jupyter_xai2'));
});
