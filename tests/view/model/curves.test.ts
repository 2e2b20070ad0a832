import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Curves } from '../../../src/protocol/explanation';
import {
  valueAfter,
  curvesCost,
  coursesOf,
  likelihood,
  meanFall,
  curvesRange,
} from '../../../src/view/model/curves';
import { example } from '../example';

/** Three units that weigh 3, 2 and 1: 6 with everything, 0 with nothing. */
const CURVES: Curves = {
  order: [2, 0, 1],
  sizes: [0, 1, 2, 3],
  deletion: [6, 3, 1, 0],
  insertion: [0, 3, 5, 6],
  random: { mean: [6, 4, 2, 0], low: [6, 3, 1, 0], high: [6, 5, 3, 0], draws: 10 },
};

test('without the least important so many, the most important others are left', () => {
  const { first, last, random } = coursesOf(CURVES);
  assert.deepEqual(
    first.map(({ value }) => value),
    [6, 3, 1, 0],
  );
  assert.deepEqual(last, [
    { removed: 0, value: 6 },
    { removed: 1, value: 5 },
    { removed: 2, value: 3 },
    { removed: 3, value: 0 },
  ]);
  assert.equal(valueAfter(random, 2), 2);
  assert.equal(valueAfter(random, 7), null);
});

test('the mean fall is the area over the curve, as in Samek et al.', () => {
  const { first, last } = coursesOf(CURVES);
  assert.equal(meanFall(first), 3.5);
  assert.equal(meanFall(last), 2.5);
  assert.equal(meanFall([{ removed: 0, value: null }]), null);
});

test('everything that is drawn has room', () => {
  assert.deepEqual(curvesRange(CURVES), [0, 6]);
  const flat = { ...CURVES, deletion: [1, 1], insertion: [1, 1] };
  const random = { mean: [1, null], low: [1, 1], high: [1, 1], draws: 1 };
  assert.deepEqual(curvesRange({ ...flat, random }), [0, 1]);
});

test('it costs no more masks than there are, twice with a foil, once a sample', () => {
  const units = (n: number) => ({
    level: 'sentence' as const,
    units: Array.from({ length: n }, () => ({
      text: 'x',
      role: 'user' as const,
      protected: false,
    })),
  });
  assert.deepEqual(curvesCost(example()), [8, 'forward']);
  assert.deepEqual(curvesCost(example({ prompt: units(100) })), [2 + 9 * 12, 'forward']);
  const foil = { text: 'No.', supplied: true, unit: null };
  const response = { ...example().response, foil };
  assert.deepEqual(curvesCost(example({ prompt: units(100), response })), [220, 'forward']);
  const method = { name: 'gsmile', exact: false, settings: { sampling: { samples: 5 } } };
  assert.deepEqual(curvesCost(example({ prompt: units(100), value: 'text', method })), [
    550,
    'answer',
  ]);
});

test('a difference of log-probabilities is told as a share', () => {
  assert.equal(likelihood(0), '100\u00a0%');
  assert.equal(likelihood(Math.log(0.5)), '50\u00a0%');
  assert.equal(likelihood(Math.log(0.002)), '0.20\u00a0%');
  assert.equal(likelihood(-30), 'under 0.01\u00a0%');
  assert.equal(likelihood(Math.log(20)), '20.0 times');
});
