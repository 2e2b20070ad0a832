import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeset } from '../../../src/view/saving/typeset';

/** Every character is ten wide. */
const measure = (text: string): number => 10 * [...text].length;

function lines(texts: string[], width: number): string[] {
  return typeset(texts, width, measure).map((line) => line.map(({ text }) => text).join(''));
}

test('lines break at white space, and words run on from one text into the next', () => {
  assert.deepEqual(lines(['Go no', 'rth now'], 80), ['Go north', 'now']);
  assert.deepEqual(lines(['Go no', 'rth now'], 50), ['Go ', 'north', 'now']);
  assert.deepEqual(lines(['one\n\ntwo'], 90), ['one', '', 'two']);
});

test('a word wider than a line is cut between whole characters', () => {
  assert.deepEqual(lines(['🏝🏝🏝🏝🏝'], 20), ['🏝🏝', '🏝🏝', '🏝']);
  for (const line of typeset(['a', 'w'.repeat(1000)], 70, measure)) {
    const end = line[line.length - 1];
    assert.ok(end && end.x + end.width <= 70);
  }
});

test('no text is lost but the white space at which lines break', () => {
  const text = 'Lately, I have\tbeen  tired.\nWhere to?';
  const set = typeset([text], 60, measure).flat();
  const joined = set.map((fragment) => fragment.text).join('');
  assert.equal(joined.replace(/\s/g, ''), text.replace(/\s/g, ''));
});
