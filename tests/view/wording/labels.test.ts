/** The view says what Python says: both are held to the cases of `wording.json`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cost, Explanation } from '../../../src/protocol/explanation';
import { foilHead, whyNoScores } from '../../../src/view/wording/foil-and-targets';
import { capitalized, duration, money } from '../../../src/view/wording/format';
import { costLine, scoreTitle, valueTitle } from '../../../src/view/wording/sentences';
import written from '../../support/wording.json';
import { example } from '../example';

type Value = Explanation['value'];
type Measure = Explanation['method']['measure'];
type Response = Explanation['response'];
type Case<T> = readonly (readonly [T, string])[];

interface Cases {
  readonly durations: Case<number>;
  readonly money: Case<number>;
  readonly costs: Case<Partial<Cost>>;
  readonly values: readonly (readonly [Value, boolean, string])[];
  readonly scores: readonly (readonly [Measure, Value, string])[];
  readonly foils: Case<NonNullable<Response['foil']>>;
  readonly unscored: readonly (readonly [Partial<Response>, readonly string[]])[];
}

const cases = written as unknown as Cases;

const plain = example();
const foil = { text: 'Ski.', supplied: true, unit: 0 };

test('durations and money', () => {
  for (const [seconds, said] of cases.durations) assert.equal(duration(seconds), said);
  for (const [paid, said] of cases.money) assert.equal(money(paid), said);
});

test('costs', () => {
  const nothing: Cost = {
    forwards: 0,
    backwards: 0,
    generations: 0,
    tokens: 0,
    reused: 0,
    seconds: 0,
  };
  for (const [cost, said] of cases.costs) {
    assert.equal(costLine({ ...nothing, ...cost }), said);
  }
});

test('values and scores', () => {
  for (const [value, contrasted, said] of cases.values) {
    const response = contrasted ? { ...plain.response, foil } : plain.response;
    assert.equal(valueTitle(example({ value, response })), said);
  }
  for (const [measure, value, said] of cases.scores) {
    const method = { ...plain.method, measure };
    assert.equal(scoreTitle(example({ value, method })), said);
  }
});

test('foils, and parts without scores', () => {
  for (const [given, said] of cases.foils) {
    const head = foilHead(example({ response: { ...plain.response, foil: given } }));
    assert.equal(head, capitalized(said));
  }
  for (const [given, said] of cases.unscored) {
    const units = said.map((_, at) => ({
      text: 'T',
      ...(given.targets ? { targets: at === 0 ? ['T'] : [] } : {}),
    }));
    const explanation = example({ response: { ...plain.response, ...given, units } });
    assert.deepEqual(
      said.map((_, at) => whyNoScores(explanation, at)),
      said,
    );
  }
});
