import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ScoreGrid,
  asPlainJson,
  packForPage,
  unpackFromPage,
  type SentExplanation,
} from '../../../src/view/model/cells';
import { ScoreTable } from '../../../src/view/model/score-table';
import { example } from '../example';

/** Half-precision floats for 0.5, 0, 1, 0.25, 0.5, 0, -0.5, 2, 0, 0, 1, NaN, column after column. */
const HALVES = [
  0x3800, 0x0000, 0x3c00, 0x3400, 0x3800, 0x0000, 0xb800, 0x4000, 0x0000, 0x0000, 0x3c00, 0x7e00,
];

function view(halves: readonly number[]): DataView {
  // As the kernel's messages have it, not at the beginning of its buffer.
  const data = new DataView(new ArrayBuffer(halves.length * 2 + 3), 3);
  halves.forEach((half, at) => data.setUint16(at * 2, half, true));
  return data;
}

function packed(exponent = 0): SentExplanation {
  return {
    ...example({ scores: [], intervals: null }),
    packed: {
      rows: 3,
      columns: 4,
      exponent,
      scores: view(HALVES),
      low: null,
      high: null,
      range: [-0.5, 2],
      ends: [0, 0],
      peaks: [0.5, 2, 1],
      best: [2, 1, 1, 1],
    },
  };
}

test('packed scores read as listed ones do', () => {
  const [one, other] = [new ScoreTable(packed(), 'word'), new ScoreTable(example(), 'word')];
  for (let column = 0; column < 4; column += 1) {
    assert.deepEqual(one.forResponse([column]).values, other.forResponse([column]).values);
    assert.equal(one.strongest(column), other.strongest(column));
  }
  assert.deepEqual(one.forPrompt([1]).values, other.forPrompt([1]).values);
  assert.deepEqual(one.peaks(), other.peaks());
  assert.deepEqual(one.scores(), other.scores());
  assert.equal(one.kept, 'all');
  assert.deepEqual(
    new ScoreTable(packed(), 'sentence').forResponse([1]).values,
    new ScoreTable(example(), 'sentence').forResponse([1]).values,
  );
});

test('the exponent scales all of them', () => {
  assert.deepEqual(new ScoreTable(packed(-3), 'word').forResponse([2]).values, [-0.0625, 0.25, 0]);
});

test('every half-precision float is what it stands for', () => {
  const known: [number, number | null][] = [
    [0x0001, 2 ** -24],
    [0x03ff, (1023 / 1024) * 2 ** -14],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0xfbff, -65504],
    [0x7e00, null],
  ];
  const sent = packed();
  const { scores } = new ScoreGrid({
    ...sent,
    packed: { ...sent.packed, rows: 1, scores: view(known.map(([half]) => half)) },
  } as SentExplanation);
  known.forEach(([, value], column) => assert.equal(scores.at(0, column), value));
});

test('packed intervals are read beside the scores', () => {
  const sent = packed();
  const low = view(HALVES.map(() => 0xbc00));
  const { intervals } = example();
  const table = new ScoreTable(
    {
      ...sent,
      intervals: intervals && { ...intervals, low: [], high: [] },
      packed: { ...sent.packed, low, high: view(HALVES.map(() => 0x4200)), ends: [-1, 3] },
    } as SentExplanation,
    'word',
  );
  assert.deepEqual(table.forResponse([0]).low, [-1, -1, -1]);
  assert.deepEqual(table.forResponse([0]).high, [3, 3, 3]);
  assert.deepEqual(table.forResponse([]).low, intervals?.total_low);
  assert.deepEqual(table.ends().slice(2), [
    [-1, 3],
    [-1, 3],
  ]);
});

test('packed scores become plain JSON, and that says how exact they are', () => {
  const made = asPlainJson(packed());
  assert.ok(!('packed' in made));
  assert.deepEqual(made.scores, example().scores);
  assert.match(made.notes.join(), /half precision/);
  assert.equal(asPlainJson(example()).notes.length, 0);
});

test('what a notebook kept of a large explanation is read, the rest is not known', () => {
  const top = {
    rows: [[2, 0], [1], [], [1]],
    scores: [[1, 0.5], [0.5], [], [1]],
  };
  const table = new ScoreTable(example({ scores: [], intervals: null, top }), 'word');
  assert.equal(table.kept, 'top');
  assert.deepEqual(table.forResponse([0]).values, [0.5, null, 1]);
  assert.deepEqual(table.forResponse([2]).values, [null, null, null]);
  assert.equal(table.largest(), 3.5);
  assert.equal(new ScoreTable(example({ scores: [], intervals: null }), 'word').kept, 'totals');
});

test('what a page holds reads as what was sent', () => {
  const held = JSON.parse(JSON.stringify(packForPage(packed(-3)))) as SentExplanation;
  const read = unpackFromPage(held);
  assert.deepEqual(
    new ScoreTable(read, 'word').scores(),
    new ScoreTable(packed(-3), 'word').scores(),
  );
  assert.match(read.notes.at(-1) ?? '', /half precision/);
  assert.deepEqual(packForPage(read), held, 'and a page that saves itself is the same again');
  const listed = example();
  assert.equal(packForPage(listed), listed);
  assert.equal(unpackFromPage(listed), listed);
});
