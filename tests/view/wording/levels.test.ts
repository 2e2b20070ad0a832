import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coarserThan, levelName, LEVELS } from '../../../src/view/wording/levels';

test('every level has a name, and one that is not known keeps its own', () => {
  assert.deepEqual(
    LEVELS.map(levelName),
    LEVELS.map((level) => `${level}s`),
  );
  assert.equal(levelName('stanza'), 'stanza');
});

test('units are made of finer ones; given spans of none, and none of them', () => {
  assert.deepEqual(coarserThan('sentence'), ['paragraph', 'message']);
  assert.deepEqual(coarserThan('message'), []);
  assert.deepEqual(coarserThan('span'), []);
  assert.deepEqual(coarserThan('stanza'), []);
  assert.ok(LEVELS.every((level) => !coarserThan(level).includes('span')));
});
