import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryPins } from '../../../src/view/model/pins';
import type { Piece } from '../../../src/view/model/sections';

const pieces = (...texts: string[]): Piece[] => texts.map((text, index) => ({ text, index }));
const words = pieces('Go ', 'north. ', 'Swim ', 'there.');
const sentences = pieces('Go north. ', 'Swim there.');

test('the same units keep their pins', () => {
  assert.deepEqual(carryPins([0, 2], words, pieces('Go ', 'north. ', 'Swim ', 'there.')), [0, 2]);
});

test('a coarser cut pins what holds a pin, a finer one all parts of it', () => {
  assert.deepEqual(carryPins([2], words, sentences), [1]);
  assert.deepEqual(carryPins([1, 2], words, sentences), [0, 1]);
  assert.deepEqual(carryPins([1], sentences, words), [2, 3]);
});

test('white space is nobody’s: byte-pair tokens begin with it', () => {
  const tokens = pieces('Go', ' north', '.', ' Swim', ' there', '.');
  assert.deepEqual(carryPins([1], words, tokens), [1, 2]);
});

test('another text has no pins', () => {
  assert.deepEqual(carryPins([0], words, pieces('Go ', 'south. ', 'Swim ', 'there.')), []);
});

test('only what can be removed is counted', () => {
  const before: Piece[] = [{ text: '<user>', index: null }, ...pieces('One. Two. ')];
  const after: Piece[] = [{ text: '<user>', index: null }, ...pieces('One. ', 'Two. ')];
  assert.deepEqual(carryPins([0], before, after), [0, 1]);
});
