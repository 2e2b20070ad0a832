import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, stepsOfK, stepsOfPerturbations } from '../../../src/view/model/steps';

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
