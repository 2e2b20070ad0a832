import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, doneWith, KernelProcesses, toldBy } from '../../../src/lab/progress';
import { isPrompt, loadsMagics, promptSource } from '../../../src/lab/prompt-cell';
import { stripOf } from '../../../src/lab/strip';

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

const unit = (text: string, quiet = false) => ({ text, protected: quiet });

test('a strip has the signs and order of the scores; protected units have none', () => {
  const strip = stripOf([unit('<s>', true), unit('abcd'), unit('ef'), unit('')], [2, -4, null]);
  assert.deepEqual(
    strip.map(({ size }) => size),
    [3, 4, 2, 1],
  );
  const shades = strip.map(({ shade }) => shade);
  assert.deepEqual([shades[0], shades[2], shades[3]], [0, -1, 0]);
  assert.ok(0 < (shades[1] ?? 0) && (shades[1] ?? 0) < 1);
});

test('a long prompt keeps its strongest units and its length', () => {
  const units = Array.from({ length: 1000 }, () => unit('word '));
  const total = units.map((_, index) => (index === 500 ? -3 : 0.1));
  const strip = stripOf(units, total);
  assert.ok(strip.length <= 40);
  assert.equal(
    strip.reduce((sum, { size }) => sum + size, 0),
    5000,
  );
  assert.equal(
    strip.findIndex(({ shade }) => shade === -1),
    20,
  );
});

test('a prompt without scores has a blank strip', () => {
  assert.deepEqual(
    stripOf([unit('a'), unit('b')], [null, null]).map(({ shade }) => shade),
    [0, 0],
  );
});

const progress = {
  request: 0,
  state: 'running',
  done: 12,
  total: 64,
  seconds: 1,
  seconds_left: 8,
  message: 'masks',
} as const;

function message(type: string, content: object, session = 'kernel', cause = 'cell') {
  const header = { msg_type: type, session };
  return { header, parent_header: { msg_id: cause }, content } as never;
}

test('progress is read from what our widget says, and from nothing else', () => {
  const said = (data: unknown): object => ({ comm_id: 'w', data });
  const update = said({ method: 'update', state: { progress } });
  assert.deepEqual(toldBy(message('comm_msg', update)), { run: 'w', cause: 'cell', progress });
  assert.equal(toldBy(message('stream', update)), null);
  for (const other of [0.5, null, { done: 1, total: 2 }, 'running']) {
    assert.equal(toldBy(message('comm_msg', said({ state: { progress: other } }))), null);
  }
  assert.equal(toldBy(message('comm_msg', said(undefined))), null);
});

test('a cell that runs without a widget tells its progress beside its output', () => {
  const transient = { display_id: 'd', jupyter_xai: progress };
  for (const type of ['display_data', 'update_display_data']) {
    const told = toldBy(message(type, { data: {}, transient }));
    assert.deepEqual(told, { run: 'cell', cause: 'cell', progress });
  }
  assert.equal(toldBy(message('display_data', { data: {}, transient: {} })), null);
  assert.equal(toldBy(message('display_data', { data: {} })), null);
});

test('a run is over when the kernel is done with its cell', () => {
  assert.equal(doneWith(message('status', { execution_state: 'idle' })), 'cell');
  assert.equal(doneWith(message('status', { execution_state: 'busy' })), null);
  assert.equal(doneWith(message('stream', {})), null);
});

test('what an ended kernel said is not listened to, however late it comes', () => {
  const processes = new KernelProcesses();
  const from = (session: string, answers: boolean) =>
    message('status', { execution_state: 'busy' }, session, answers ? 'cell' : '');
  assert.ok(processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
  processes.end();
  assert.ok(!processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
  assert.ok(processes.isAlive(from('second', true)));
  processes.end();
  assert.ok(!processes.isAlive(from('second', true)));
  assert.ok(!processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
});

test('a run is told in a few words', () => {
  assert.equal(brief(progress), '12/64 · 8.0 s left');
  assert.equal(brief({ ...progress, seconds_left: null }), '12/64');
  const uncounted = { ...progress, total: 0, seconds_left: null };
  assert.equal(brief({ ...uncounted, message: 'answering' }), 'answering');
  assert.equal(brief({ ...uncounted, message: '' }), 'begins');
});
