import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Explanation } from '../../../src/protocol/explanation';
import { Drawing } from '../../../src/view/model/drawing';
import { hover, NOTHING, toggle, type Focus } from '../../../src/view/model/focus';
import { example } from '../example';

const settled = (focus: Focus) => ({ focus, k: 2, ownScale: false });

test('pointing at the prompt leaves its own shading alone', () => {
  const drawing = new Drawing(example(), 'word');
  const pointing = hover(NOTHING, { side: 'prompt', index: 1 });
  assert.deepEqual(drawing.prompt(settled(pointing)).scores.values, [0.25, 3.5, null]);
  assert.deepEqual(drawing.response(settled(pointing))?.scores.values, [0, 0.5, 2, 1]);
  assert.equal(drawing.response(settled(NOTHING)), null);
});

test('the list turns to the answer only when the prompt alone is pinned', () => {
  const drawing = new Drawing(example(), 'word');
  assert.equal(
    drawing.ranking(settled(hover(NOTHING, { side: 'prompt', index: 1 }))).side,
    'prompt',
  );
  const pinned = toggle(NOTHING, { side: 'prompt', index: 1 });
  assert.equal(drawing.ranking(settled(pinned)).side, 'response');
  const both = toggle(pinned, { side: 'response', index: 0 });
  assert.equal(drawing.ranking(settled(both)).side, 'prompt');
});

test('the top k are chosen anew for every question, and a joint set holds for all', () => {
  const drawing = new Drawing(example(), 'word');
  assert.deepEqual([...drawing.prompt(settled(NOTHING)).top], [1, 0]);
  const first = toggle(NOTHING, { side: 'response', index: 0 });
  assert.deepEqual([...drawing.prompt(settled(first)).top], [2, 0]);
  const joint = new Drawing(example({ sets: { 2: [0, 2] } }), 'word');
  assert.deepEqual([...joint.prompt(settled(NOTHING)).top], [0, 2]);
});

test('where fewer units have a score than k, it is told; a joint set is whole', () => {
  const few = { total: [0, 3.5, 0] };
  const line = (e: Partial<Explanation>): string => {
    const drawing = new Drawing(example(e), 'word');
    return drawing.coverage(drawing.prompt(settled(NOTHING)), settled(NOTHING));
  };
  assert.equal(line(few), '1 of 3 shown, cover 100\u00a0% of |score|; only 1 unit has a score');
  assert.equal(line({ ...few, sets: { 2: [0, 2] } }), '2 of 3 shown, cover 0\u00a0% of |score|');
  assert.doesNotMatch(line({}), /only/);
});

test('one scale holds for the view unless each question is to have its own', () => {
  const drawing = new Drawing(example(), 'word');
  const focus = toggle(NOTHING, { side: 'response', index: 1 });
  assert.equal(drawing.prompt({ focus, k: 2, ownScale: false }).scale.limit, 3.5);
  assert.equal(drawing.prompt({ focus, k: 2, ownScale: true }).scale.limit, 0.5);
});

test('labels tell text, score and rank of what is pinned, not of what is pointed at', () => {
  const drawing = new Drawing(example(), 'word');
  const pointing = hover(NOTHING, { side: 'response', index: 0 });
  const label = '“I like the sea.”, +3.50 [3.00, 4.00], rank 1 of 3';
  assert.equal(drawing.promptLabel(settled(pointing))(1), label);
  assert.equal(drawing.promptLabel(settled(NOTHING))(2), '“Where to?”, not evaluated yet');
  assert.equal(drawing.answerLabel(2), '“Swim”, log p −0.50, most from “I like the sea.”, +2.00');
});
