import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drawing } from '../../../src/view/model/drawing';
import { NOTHING, toggle } from '../../../src/view/model/focus';
import { foldLine, passages, quietUnits } from '../../../src/view/model/fold';
import type { Section } from '../../../src/view/model/sections';
import { example } from '../example';

const LONG = 'x'.repeat(99) + ' ';

function section(n: number, from = 0): Section {
  const pieces = Array.from({ length: n }, (_, at) => ({ text: LONG, index: from + at }));
  return { role: 'user', pieces };
}

const nobody = (): boolean => false;
const shape = (found: ReturnType<typeof passages>): [number, boolean][] =>
  found.map(({ pieces, folded }) => [pieces.length, folded]);

test('quiet is what is small for the whole answer and for every part of it', () => {
  const total = [10, 0.1, 0.1, 0.3, null, -0.1];
  const peaks = [5, 0.01, 0.2, 0.01, 0.01, null];
  assert.deepEqual(quietUnits(total, peaks, 0), [false, true, false, false, false, true]);
  assert.deepEqual(quietUnits(total, peaks, 0.5), [false, true, true, true, false, true]);
  assert.deepEqual(quietUnits([0, 0], [0, 0], 0), [false, false], 'nothing stands out of nothing');
});

test('only long passages fold, and what is kept in view parts them', () => {
  assert.deepEqual(shape(passages(section(7), Array(7).fill(true), nobody)), [[7, false]]);
  assert.deepEqual(shape(passages(section(20), Array(20).fill(true), nobody)), [[20, true]]);
  const kept = shape(passages(section(20), Array(20).fill(true), (index) => index === 9));
  assert.deepEqual(kept, [
    [9, true],
    [1, false],
    [10, true],
  ]);
  const short = shape(passages(section(20), Array(20).fill(true), (index) => index === 4));
  assert.deepEqual(short, [
    [5, false],
    [15, true],
  ]);
});

test('protected text and templates are never folded away', () => {
  const { pieces } = section(20);
  const guarded = pieces.map((piece, at) => (at === 10 ? { ...piece, index: null } : piece));
  const found = passages({ role: 'user', pieces: guarded }, Array(20).fill(true), nobody);
  assert.deepEqual(shape(found), [
    [10, true],
    [1, false],
    [9, true],
  ]);
  assert.deepEqual(shape(passages({ role: 'template', pieces }, Array(20).fill(true), nobody)), [
    [20, false],
  ]);
});

test('no piece is lost or doubled', () => {
  const whole = section(50);
  const quiet = Array.from({ length: 50 }, (_, at) => at % 13 !== 0);
  const found = passages(whole, quiet, (index) => index === 30);
  assert.deepEqual(
    found.flatMap(({ pieces }) => pieces),
    whole.pieces,
  );
});

test('pins and the k strongest are wanted in view', () => {
  const drawing = new Drawing(example(), 'word');
  const settled = { focus: toggle(NOTHING, { side: 'prompt', index: 2 }), k: 1, ownScale: false };
  assert.deepEqual([...drawing.folding(settled as never).wanted], [1, 2]);
});

test('a fold says how much it hides, and what of the top', () => {
  assert.equal(foldLine(1240, 'token', 0), '… 1,240 tokens below the threshold');
  assert.equal(
    foldLine(12, 'sentence', 2),
    '… 12 sentences below the threshold, 2 of the top among them',
  );
});
