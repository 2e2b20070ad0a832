import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScoreTable } from '../../../src/view/model/score-table';
import { sum } from '../../../src/view/model/vector';
import { example } from '../example';

test('rows are the units that can be removed, named by their place in the prompt', () => {
  const table = new ScoreTable(example(), 'word');
  assert.deepEqual(table.units, [1, 2, 3]);
  assert.equal(table.rows, 3);
});

test('no response unit in particular means the total, with its intervals', () => {
  const scores = new ScoreTable(example(), 'word').forResponse([]);
  assert.deepEqual(scores.values, [0.25, 3.5, null]);
  assert.deepEqual(scores.low, [-0.1, 3, null]);
});

test('one response unit is its column, with its intervals', () => {
  const scores = new ScoreTable(example(), 'word').forResponse([2]);
  assert.deepEqual(scores.values, [-0.5, 2, 0]);
  assert.deepEqual(scores.high, [-0.4, 2.2, 0.1]);
});

test('log-probabilities of several response units are summed, without intervals', () => {
  const scores = new ScoreTable(example(), 'word').forResponse([0, 1]);
  assert.deepEqual(scores.values, [0.75, 0.5, 1]);
  assert.equal(scores.low, null);
});

test('other values of several response units are averaged', () => {
  const scores = new ScoreTable(example({ value: 'logit' }), 'word').forResponse([0, 1]);
  assert.deepEqual(scores.values, [0.375, 0.25, 0.5]);
});

test('one prompt unit is its row, several are joined', () => {
  const table = new ScoreTable(example(), 'word');
  assert.deepEqual(table.forPrompt([1]).values, [0, 0.5, 2, 1]);
  assert.deepEqual(table.forPrompt([0, 1]).values, [0.5, 0.75, 1.5, 1]);
});

test('what was not evaluated stays unknown in every sum', () => {
  const table = new ScoreTable(example(), 'word');
  assert.deepEqual(table.forResponse([2, 3]).values, [-0.5, 3, null]);
  assert.equal(sum([1, null]), null);
  assert.equal(sum([]), 0);
});

test('words are summed to sentences, with no interval that would be wrong', () => {
  const table = new ScoreTable(example(), 'sentence');
  assert.equal(table.level, 'sentence');
  assert.deepEqual(
    table.columns.map(({ text, full }) => [text, full]),
    [
      ['Go north. ', -3],
      ['Swim there.', -0.75],
    ],
  );
  assert.deepEqual(table.forResponse([0]).values, [0.75, 0.5, 1]);
  assert.deepEqual(table.forResponse([1]).values, [-0.5, 3, null]);
  assert.equal(table.forResponse([1]).low, null);
  assert.deepEqual(table.forResponse([]).low, [-0.1, 3, null], 'the total was computed');
});

test('the scale ends at the largest magnitude, totals included', () => {
  assert.equal(new ScoreTable(example(), 'word').largest(), 3.5);
});
