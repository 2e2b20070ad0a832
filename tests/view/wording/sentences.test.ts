import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../../src/protocol/explanation';
import type { Progress } from '../../../src/view/host';
import {
  checkFor,
  costLine,
  coverageLine,
  progressLine,
  questionLine,
  readingLine,
  scaleSentence,
  scoreNoise,
  scoreTitle,
  scoreUnit,
  summaryParts,
  valueTitle,
} from '../../../src/view/wording/sentences';
import { example } from '../example';

const [check] = example().checks as [Check];

function changed(changes: Partial<Check>): Check {
  return { ...check, ...changes };
}

test('the question says whether several are summed or averaged', () => {
  assert.equal(questionLine([], 'sentence', 'sum'), 'What made the whole answer');
  assert.equal(questionLine(['Go. '], 'sentence', 'sum'), 'What made “Go.”');
  assert.equal(
    questionLine(['a', 'b'], 'word', 'sum'),
    'What made 2 pinned words together (summed)',
  );
  assert.match(questionLine(['a', 'b'], 'word', 'mean'), /averaged/);
});

test('coverage and cost are one line each', () => {
  assert.equal(coverageLine(3, 8, 0.91), '3 of 8 shown, cover 91\u00a0% of |score|');
  assert.match(coverageLine(2, 8, 1, 2), /; only 2 units have a score$/);
  assert.match(coverageLine(1, 8, 1, 1), /; only 1 unit has a score$/);
  assert.equal(coverageLine(0, 8, null, 0), '0 of 8 shown; no unit has a score');
  assert.equal(coverageLine(3, 8, null), '3 of 8 shown');
  const { cost } = example();
  assert.equal(costLine({ ...cost, forwards: 64, generations: 0 }), '64 forwards, 0.8 s');
  assert.equal(
    costLine({ ...cost, forwards: 1, reused: 12 }),
    '1 forward, 1 answer, 12 reused, 0.8 s',
  );
});

test('progress says how far it is and how long it takes', () => {
  const progress: Progress = {
    state: 'running',
    done: 32,
    total: 64,
    seconds: 1,
    seconds_left: 1.2,
    message: '',
  };
  assert.equal(progressLine(progress), '32 of 64 · 1.2 s left');
  assert.equal(progressLine({ ...progress, total: 0, seconds_left: null }), 'Starting…');
  const cancelled = progressLine({ ...progress, state: 'cancelled' });
  assert.equal(cancelled, 'Cancelled after 32 of 64; what arrived is kept.');
  const message = 'stopped at max_forwards=32';
  const spent = progressLine({ ...progress, state: 'cancelled', message });
  assert.equal(spent, 'Stopped at max_forwards=32.');
  const failed = progressLine({ ...progress, state: 'failed', message: 'Out of memory.' });
  assert.equal(failed, 'Out of memory.');
});

test('a reading tells score, interval, doubt and rank', () => {
  const base = { score: 0.42, low: 0.4, high: 0.5, rank: 1, of: 12, noise: false };
  assert.equal(readingLine(base), '+0.42 [0.40, 0.50], rank 1 of 12');
  assert.equal(
    readingLine({ ...base, low: -0.1 }),
    '+0.42 [−0.10, 0.50], may be zero, rank 1 of 12',
  );
  assert.equal(
    readingLine({ ...base, low: null, noise: true }),
    '+0.42, below the noise, rank 1 of 12',
  );
  assert.equal(readingLine({ ...base, score: null }), 'not evaluated yet');
});

test('the check shown is the one for k, or the nearest', () => {
  const checks = [changed({ k: 1 }), changed({ k: 4 })];
  assert.equal(checkFor(checks, 4)?.k, 4);
  assert.equal(checkFor(checks, 2)?.k, 1);
  assert.equal(checkFor([], 2), null);
});

test('the summary is the metrics at a glance', () => {
  assert.deepEqual(summaryParts(example(), 2), [
    ['removed top 2', 'log p −7.90'],
    ['removed 2 at random', 'log p −0.60 [−1.40, −0.10]'],
    ['held-out LDS', '0.91'],
    ['noise', '0.010'],
  ]);
  assert.deepEqual(summaryParts(example({ checks: [], lds: null, noise: null }), 2), []);
  const foil = { text: 'Stay.', supplied: true, unit: 0 } as const;
  const contrasted = example({ response: { ...example().response, foil } });
  assert.deepEqual(summaryParts(contrasted, 2)[0], [
    'removed top 2',
    'lead over the other answer −7.90',
  ]);
});

test('a part of the answer is summed up by its own check', () => {
  const [whole] = example().checks;
  assert.ok(whole);
  const { k: _, parts: __, ...own } = { ...whole, parts: undefined };
  const checks = [{ ...whole, parts: [{ ...own, unit: 1, drop: 3, rank: 2 }] }];
  assert.deepEqual(summaryParts(example({ checks }), 2, 1).slice(0, 3), [
    ['removed top 2', 'log p −3.00'],
    ['removed any 2', 'log p −0.60 [−1.40, −0.10]'],
    ['held-out LDS of the whole answer', '0.91'],
  ]);
  assert.deepEqual(summaryParts(example({ checks }), 2, 0), summaryParts(example({ checks }), 2));
});

test('scores are called what the method measures, checks what the model is judged by', () => {
  const plain = example();
  assert.equal(scoreTitle(plain), 'log-probability (nats)');
  assert.equal(scoreUnit(plain), 'nats');
  const method = { ...plain.method, measure: 'attention' as const };
  const attended = example({ method, noise: 0.2 });
  assert.equal(scoreTitle(attended), 'share of attention');
  assert.equal(scoreUnit(attended), '');
  assert.equal(scoreNoise(attended), 0);
  assert.doesNotMatch(scaleSentence(attended), /nats|supports/);
  assert.equal(valueTitle(attended), 'log-probability (nats)');
  const steep = example({ method: { ...plain.method, measure: 'slope' } });
  assert.equal(scoreTitle(steep), 'slope of the log-probability');
});
