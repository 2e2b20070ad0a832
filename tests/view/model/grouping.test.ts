import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groups, originOf } from '../../../src/view/model/grouping';
import { example } from '../example';

test('coarser levels are summed only where values add up', () => {
  assert.equal(originOf(example(), 'word'), 'computed');
  assert.equal(originOf(example(), 'sentence'), 'summed');
  assert.equal(originOf(example(), 'token'), 'asked');
  assert.equal(originOf(example({ value: 'text' }), 'sentence'), 'asked');
  assert.equal(originOf(example(), 'message'), 'asked');
});

test('tokens that carry their space in front join the word that they begin', () => {
  assert.deepEqual(groups(['Un', 'like', 'ly', ' it', ' is', '.'], 'word'), [
    [0, 1, 2],
    [3],
    [4, 5],
  ]);
  assert.deepEqual(groups(['Un', 'likely ', 'it ', 'is.'], 'word'), [[0, 1], [2], [3]]);
});

test('sentences end at full stops and line breaks, not after abbreviations', () => {
  const texts = ['Ask ', 'Dr. ', 'Who. ', 'Then ', 'rest.\n', 'Bye'];
  assert.deepEqual(groups(texts, 'sentence'), [[0, 1, 2], [3, 4], [5]]);
});

test('every unit is in exactly one group, whatever the text', () => {
  const texts = ['', ' ', '\n\n', '旅行の', '助言。', '\u{1f3dd}', 'e\u0301. ', '', 'x'];
  for (const level of ['word', 'sentence', 'paragraph']) {
    assert.deepEqual(
      groups(texts, level).flat(),
      texts.map((_, index) => index),
    );
  }
});
