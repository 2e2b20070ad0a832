import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison } from '../../../src/protocol/comparison';
import { agreementLine, inCommon, sharesAnswer, standing } from '../../../src/view/model/agreement';
import { Drawing } from '../../../src/view/model/drawing';
import { NOTHING } from '../../../src/view/model/focus';
import type { Shown } from '../../../src/view/model/shown';
import { example } from '../example';

function shown(total: (number | null)[]): Shown {
  const drawing = new Drawing(example({ total, intervals: null }), 'word');
  return drawing.prompt({ focus: NOTHING, k: 1, ownScale: true });
}

test('the top k have in common what both have', () => {
  const one = { units: [0, 1, 2], shown: shown([3, 2, 1]) };
  const other = { units: [1, 2, 0], shown: shown([5, 4, 1]) };
  assert.equal(inCommon(one, other, 1), 0);
  assert.equal(inCommon(one, other, 2), 1);
  assert.equal(inCommon(one, other, 3), 3);
  // What only one of them has does not count among its top.
  assert.equal(inCommon({ ...one, units: [null, 1, 2] }, other, 1), 1);
});

test('agreement is told with its numbers', () => {
  const pair = { first: 'a', second: 'b', common: 4, kendall: -0.5 };
  assert.equal(
    agreementLine(pair, 2, 3),
    'a and b: Kendall’s tau −0.50, 2 of the top 3 in common (of 4 shared units)',
  );
  assert.equal(agreementLine({ ...pair, common: 0 }, 0, 3), 'a and b: no unit in common');
  assert.match(agreementLine({ ...pair, kendall: null }, null, 3), /tau not defined \(of/);
});

test('a unit stands with its own score and its share of the largest', () => {
  const found = shown([1, 4, null]);
  assert.equal(standing('a', found, 0), 'a +1.00 (0.25, rank 2)');
  assert.equal(standing('a', found, 2), 'a: no score');
  assert.equal(standing('a', found, null), 'a: not in it');
});

test('answers are shared where they are cut alike', () => {
  const entry = { label: 'a', explanation: example(), units: [0, 1, 2] };
  const same: Comparison = { what: 'methods', k: 1, entries: [entry, entry], agreement: [] };
  assert.equal(sharesAnswer(same), true);
  const { response } = example();
  const other = { ...entry, explanation: example({ response: { ...response, level: 'token' } }) };
  assert.equal(sharesAnswer({ ...same, entries: [entry, other] }), false);
});
