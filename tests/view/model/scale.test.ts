import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisFor, isNoise, place, tint } from '../../../src/view/model/scale';

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
