import assert from 'node:assert/strict';
import { test } from 'node:test';

import { courseSentence, coursePath, sureness } from '../../../src/view/panels/search';
import { example } from '../example';

const PROVEN = { sets: 364, evaluated: 364, proven: true, drop: 3, gap: 0 };

test('a set is called the best only when all sets were tried', () => {
  const told = example({ noise: 0.01 });
  assert.match(sureness(PROVEN, told, 3), /^The best of all 364 sets of 3: every one was tried\.$/);
  const some = { ...PROVEN, evaluated: 120, proven: false, gap: null };
  assert.match(sureness(some, told, 3), /best of 120 tried, of 364 sets of 3: another may do more/);
  assert.match(sureness({ ...PROVEN, sets: 1 }, told, 4), /only one set of 4/);
});

test('what the search had missed is told, unless it is noise', () => {
  const told = example({ noise: 0.01, value: 'logprob' });
  assert.match(sureness({ ...PROVEN, gap: 0.5 }, told, 3), /fell short by 0\.50 nats/);
  assert.doesNotMatch(sureness({ ...PROVEN, gap: 0.005 }, told, 3), /fell short/);
});

test('the course is told by its ends', () => {
  const sentence = courseSentence(
    [
      [1, -0.5],
      [16, 2],
      [67, 7.9],
    ],
    example(),
  );
  assert.equal(sentence, 'log p +0.50 after 1 evaluation, −7.90 after 67');
});

test('the curve is a staircase down to the largest drop, and ends with the evaluations', () => {
  const drawn = coursePath(
    [
      [0, 0],
      [50, 10],
    ],
    100,
  );
  assert.equal(drawn, 'M2.0 2.0H90.0V26.0H178.0');
  assert.equal(coursePath([], 10), '');
});
