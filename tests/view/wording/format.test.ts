import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, excerpt, number, percent, signed } from '../../../src/view/wording/format';

test('numbers have as many digits as can be compared', () => {
  const shown = [0, 1234, 124.4, 12.44, 7.9, 0.62, 0.0996, 0.06, 0.0021, 0.0003].map(number);
  assert.deepEqual(shown, [
    '0',
    '1234',
    '124',
    '12.4',
    '7.90',
    '0.62',
    '0.10',
    '0.060',
    '0.002',
    '3e-4',
  ]);
  assert.deepEqual([99.96, 99.94, 9.996, 9.994, 0.00096, 0.00094].map(number), [
    '100',
    '99.9',
    '10.0',
    '9.99',
    '0.001',
    '9e-4',
  ]);
});

test('scores carry their sign, with a true minus', () => {
  assert.equal(signed(0.62), '+0.62');
  assert.equal(signed(-7.9), '−7.90');
  assert.equal(signed(0), '0');
});

test('shares and times are short', () => {
  assert.equal(percent(0.914), '91\u00a0%');
  assert.deepEqual([0.83, 42, 600, 9000].map(duration), ['0.8 s', '42 s', '10 min', '2.5 h']);
});

test('an excerpt is one line and never half a character', () => {
  assert.equal(excerpt('  two\n words  '), 'two words');
  assert.equal(excerpt('\u{1f3dd}'.repeat(9), 4), `${'\u{1f3dd}'.repeat(3)}…`);
  assert.equal(excerpt('w'.repeat(10_000), 10), 'wwwwwwwww…');
  assert.equal(excerpt(' \n'), '(white space)');
  assert.equal(excerpt(''), '(empty)');
});

test('an excerpt turns nothing behind it', () => {
  assert.equal(excerpt('a \u202e\u2066 b'), 'a \u202e\u2066 b\u2069\u202c');
  assert.equal(excerpt('a \u202bb\u202c \u2067c\u2069'), 'a \u202bb\u202c \u2067c\u2069');
});
