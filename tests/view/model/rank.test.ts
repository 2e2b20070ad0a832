import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverage, order, rank, strongest, top, weakest } from '../../../src/view/model/rank';

test('support comes before opposition, and the unknown is last', () => {
  assert.deepEqual(order([-3, null, 2, 0, 2]), [2, 4, 3, 0, 1]);
});

test('the first few and the rank of one agree with the order of all', () => {
  const values = [0.5, null, -2, 0.5, 3, 0, 0.5, null];
  const all = order(values);
  for (let most = 0; most <= values.length + 1; most += 1) {
    assert.deepEqual(strongest(values, most), all.slice(0, most), `the first ${most}`);
    const known = all.filter((index) => values[index] !== null);
    const last = known.slice(Math.max(0, known.length - most));
    assert.deepEqual(new Set(weakest(values, most)).size, last.length);
    assert.deepEqual(
      weakest(values, most).map((index) => values[index]),
      last.map((index) => values[index]),
      `the last ${most}`,
    );
  }
  const long = Array.from({ length: 5_000 }, (_, index) => Math.sin(index * index));
  for (const most of [1, 12, 700]) {
    assert.deepEqual(strongest(long, most), order(long).slice(0, most));
    assert.deepEqual(weakest(long, most), order(long).slice(-most));
  }
  all.forEach((index, place) => assert.equal(rank(values, index), place + 1));
});

test('the top k are the strongest support, or the set found for that k', () => {
  const values = [-3, null, 2, 0];
  assert.deepEqual([...top(values, 1, null)], [2]);
  assert.deepEqual([...top(values, 4, null)], [2, 0], 'never without a score');
  assert.deepEqual([...top([NaN, 1, 0], 3, null)], [1]);
  assert.deepEqual([...top(values, 2, { 2: [0, 3] })], [0, 3]);
  assert.deepEqual([...top(values, 1, { 2: [0, 3] })], [2]);
});

test('coverage counts magnitudes', () => {
  assert.equal(coverage([3, -1, null], new Set([0])), 0.75);
  assert.equal(coverage([0, 0], new Set([0])), null);
});
