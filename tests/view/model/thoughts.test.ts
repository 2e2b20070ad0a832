import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseSections } from '../../../src/view/model/sections';
import { inThoughts } from '../../../src/view/model/thoughts';

test('what stands within the tags is a thought, the tags too', () => {
  const texts = ['<think>\n', 'Warm. ', 'Quiet. ', '</think>\n\n', 'Go ', 'to Naxos.'];
  assert.deepEqual(inThoughts(texts), [true, true, true, true, false, false]);
  assert.deepEqual(inThoughts(['Go ', 'north.']), [false, false]);
});

test('a unit that ends a thought and begins the answer is not hidden', () => {
  assert.deepEqual(inThoughts(['<think>Warm. ', 'Quiet.</think> Go.']), [true, false]);
  assert.deepEqual(inThoughts(['Well, <think>warm. ', 'Quiet.</think>\n']), [false, true]);
});

test('a thought may be opened by the template, or never end', () => {
  assert.deepEqual(inThoughts(['Warm.</think>\n', 'Go.']), [true, false]);
  assert.deepEqual(inThoughts(['Go. ', '<think>Warm. ', 'Quiet']), [false, true, true]);
});

test('there may be several thoughts, in sections of their own, and indices go on', () => {
  const texts = ['<think>a</think>', 'B ', '<think>c ', 'd</think>', 'E'];
  assert.deepEqual(
    responseSections(texts).map(({ thought, pieces }) => [
      thought,
      pieces.map(({ index }) => index),
    ]),
    [
      [true, [0]],
      [false, [1]],
      [true, [2, 3]],
      [false, [4]],
    ],
  );
});
