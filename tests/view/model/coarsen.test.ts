import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Explanation } from '../../../src/protocol/explanation';
import { promptLevelOptions } from '../../../src/view/controls/prompt-level';
import { coarsen, promptOriginOf } from '../../../src/view/model/coarsen';
import { Drawing } from '../../../src/view/model/drawing';
import { NOTHING } from '../../../src/view/model/focus';
import { example } from '../example';

const words = ['Be ', 'brief. ', 'Be ', 'very ', 'kind.'];

/** Five words of two sentences, after a protected one. */
function worded(changes: Partial<Explanation> = {}): Explanation {
  const units = words.map((text) => ({ text, role: 'user', protected: false }) as const);
  return example({
    prompt: { level: 'word', units: [...example().prompt.units.slice(0, 1), ...units] },
    scores: [
      [1, 0, 0, 0.5],
      [2, -1, 0, 0.25],
      [0.5, 0, 3, 0],
      [0.25, 0, 1, null],
      [0.125, 0, -1, 0],
    ],
    total: [1.5, 1.25, 3.5, 1.25, -0.875],
    intervals: null,
    checks: [],
    ...changes,
  });
}

const settled = { focus: NOTHING, k: 1, ownScale: false };

test('sentences are the sums of their words, in every column and in total', () => {
  const { explanation, parts } = coarsen(worded(), 'sentence');
  assert.deepEqual(parts, [
    [0, 1],
    [2, 3, 4],
  ]);
  assert.deepEqual(
    explanation.prompt.units.map(({ text }) => text),
    ['Be kind.\n', 'Be brief. ', 'Be very kind.'],
  );
  assert.deepEqual(explanation.scores, [
    [3, -1, 0, 0.75],
    [0.875, 0, 3, null],
  ]);
  assert.deepEqual(explanation.total, [2.75, 3.875]);
  assert.equal(explanation.intervals, null);
});

test('nothing is added up over roles or protected text', () => {
  const units = [
    { text: 'Be kind. ', role: 'system', protected: false },
    { text: 'Where ', role: 'user', protected: false },
    { text: '<|im|>', role: 'template', protected: true },
    { text: 'to?', role: 'user', protected: false },
  ] as const;
  const explanation = worded({
    prompt: { level: 'word', units: [...units] },
    scores: [[1], [2], [4]],
    total: [1, 2, 4],
  });
  assert.deepEqual(coarsen(explanation, 'message').explanation.total, [1, 2, 4]);
});

test('where only the totals were kept, only they are added up', () => {
  const { explanation } = coarsen(worded({ scores: [] }), 'sentence');
  assert.deepEqual(explanation.scores, []);
  assert.deepEqual(explanation.total, [2.75, 3.875]);
});

test('k is about computed units: what holds one of them is outlined', () => {
  const drawing = new Drawing(worded(), 'word', 'sentence');
  const shown = drawing.prompt(settled);
  assert.deepEqual([...shown.top], [1]);
  assert.deepEqual(shown.scores.values, [2.75, 3.875]);
  assert.match(drawing.coverage(shown, settled), /^k counts computed words: 1 of 5 shown/);
  assert.equal(drawing.promptText(1), 'Be very kind.');
  assert.deepEqual([...drawing.prompt({ ...settled, k: 3 }).top], [0, 1]);
});

test('larger units are summed or computed, smaller ones computed', () => {
  const found = promptLevelOptions(worded(), ['token', 'word', 'sentence']);
  assert.deepEqual(
    found.map(({ text }) => text),
    [
      'tokens, compute',
      'words',
      'sentences, summed',
      'sentences, compute',
      'paragraphs, summed',
      'messages, summed',
    ],
  );
  assert.deepEqual(
    promptLevelOptions(worded(), null).map(({ text }) => text),
    ['words', 'sentences, summed', 'paragraphs, summed', 'messages, summed'],
  );
  const spans = worded({ prompt: { ...worded().prompt, level: 'span' } });
  assert.equal(promptOriginOf(spans, 'message'), 'asked');
});

test('more intensity gives smaller scores full colour, and the scale says so', () => {
  const shown = new Drawing(worded(), 'word').prompt({ ...settled, intensity: 4 });
  assert.equal(shown.scale.limit, 3.5 / 4);
  assert.equal(shown.lifted, true);
});
