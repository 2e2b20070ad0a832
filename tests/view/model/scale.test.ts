import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverage, order, rank, strongest, top, weakest } from '../../../src/view/model/rank';
import { axisFor, isNoise, place, tint } from '../../../src/view/model/scale';
import { nearest, stepsOfK, stepsOfPerturbations } from '../../../src/view/model/steps';

const scale = { limit: 4, noise: 0.1 };

test('zero, noise and the unknown have no colour', () => {
  assert.equal(tint(scale, 0), 0);
  assert.equal(tint(scale, 0.09), 0);
  assert.equal(tint(scale, null), 0);
  assert.equal(tint({ limit: 0, noise: 0 }, 0), 0);
});

test('support and opposition of one size have one strength, and the largest has all', () => {
  assert.equal(tint(scale, 4), 1);
  assert.equal(tint(scale, -4), 1);
  assert.equal(tint(scale, 2), tint(scale, -2));
  assert.equal(tint(scale, 9), 1);
});

test('a larger score is never paler', () => {
  const tints = [0.1, 0.5, 1, 2, 3, 4].map((score) => tint(scale, score));
  assert.deepEqual(
    tints,
    [...tints].sort((a, b) => a - b),
  );
});

test('noise is what is smaller than the noise', () => {
  assert.equal(isNoise(scale, -0.05), true);
  assert.equal(isNoise(scale, 0.1), false);
  assert.equal(isNoise(scale, null), false);
});

test('an axis holds zero, all scores and all intervals', () => {
  const axis = axisFor([[1, null, 3]], [[-1, 0]]);
  assert.ok(place(axis, -1) < 0.01);
  assert.ok(place(axis, 3) > 0.99);
  assert.ok(Math.abs(place(axis, 1) - 0.5) < 0.01);
});

test('without opposition bars begin at the left end', () => {
  assert.equal(place(axisFor([[1, 2]], []), 0), 0);
  assert.deepEqual(axisFor([], []), { low: 0, high: 1 });
});

test('wide intervals do not squeeze the bars to nothing', () => {
  const axis = axisFor([[1, -0.5]], [[-40], [60]]);
  assert.ok(axis.high < 1.6 && axis.low > -1.6);
});

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

test('k can be any number up to 20 and ends at all', () => {
  assert.deepEqual(stepsOfK(4), [1, 2, 3, 4]);
  assert.deepEqual(stepsOfK(1), [1]);
  const steps = stepsOfK(2000);
  assert.deepEqual(steps.slice(18, 23), [19, 20, 25, 30, 35]);
  assert.equal(steps[steps.length - 1], 2000);
  assert.ok(steps.length < 80);
});

test('perturbations go in powers of two, by way of the number in use, to all there are', () => {
  assert.deepEqual(stepsOfPerturbations(100, 50), [8, 16, 32, 50, 64, 100]);
  assert.deepEqual(stepsOfPerturbations(5, null), [5]);
  assert.deepEqual(stepsOfPerturbations(64, 64), [8, 16, 32, 64]);
  assert.equal(stepsOfPerturbations(1_048_576, 64).length, 18);
});

test('a slider stands at the stop nearest to the value', () => {
  assert.equal(nearest([8, 16, 32], 20), 1);
  assert.equal(nearest([8, 16, 32], 1000), 2);
});
