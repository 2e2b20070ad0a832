import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promptSections, trim } from '../../../src/view/model/sections';
import { example } from '../example';

test('neighbours with one role stand together, and only the unprotected are counted', () => {
  const sections = promptSections(example().prompt.units);
  assert.deepEqual(
    sections.map(({ role, pieces }) => [role, pieces.map(({ index }) => index)]),
    [
      ['system', [null]],
      ['user', [0, 1, 2]],
    ],
  );
});

test('white space around a unit is kept beside it', () => {
  assert.deepEqual(trim('\n a b\t '), { before: '\n ', core: 'a b', after: '\t ' });
  assert.deepEqual(trim(' \n'), { before: '', core: ' \n', after: '' });
});
