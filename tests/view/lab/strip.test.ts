import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripOf } from '../../../src/lab/strip';

const unit = (text: string, quiet = false) => ({ text, protected: quiet });

test('a strip has the signs and order of the scores; protected units have none', () => {
  const strip = stripOf([unit('<s>', true), unit('abcd'), unit('ef'), unit('')], [2, -4, null]);
  assert.deepEqual(
    strip.map(({ size }) => size),
    [3, 4, 2, 1],
  );
  const shades = strip.map(({ shade }) => shade);
  assert.deepEqual([shades[0], shades[2], shades[3]], [0, -1, 0]);
  assert.ok(0 < (shades[1] ?? 0) && (shades[1] ?? 0) < 1);
});

test('a long prompt keeps its strongest units and its length', () => {
  const units = Array.from({ length: 1000 }, () => unit('word '));
  const total = units.map((_, index) => (index === 500 ? -3 : 0.1));
  const strip = stripOf(units, total);
  assert.ok(strip.length <= 40);
  assert.equal(
    strip.reduce((sum, { size }) => sum + size, 0),
    5000,
  );
  assert.equal(
    strip.findIndex(({ shade }) => shade === -1),
    20,
  );
});

test('a prompt without scores has a blank strip', () => {
  assert.deepEqual(
    stripOf([unit('a'), unit('b')], [null, null]).map(({ shade }) => shade),
    [0, 0],
  );
});
