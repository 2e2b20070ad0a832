import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readableChanges } from '../../../src/view/panels/changes';

const KINDS = ['same', 'removed', 'added'] as const;
const many = Array.from({ length: 999 }, (_, index) => ({
  kind: KINDS[index % 3] ?? 'same',
  text: index % 30 === 0 ? 'a long piece that both of them share ' : `piece ${index} `,
}));

/** One of the two texts. */
function text(changes: ReturnType<typeof readableChanges>, other: 'removed' | 'added'): string {
  return changes.flatMap((each) => (each.kind === other ? [] : [each.text])).join('');
}

test('few changes are told as they are', () => {
  assert.deepEqual(readableChanges(many.slice(0, 300)), many.slice(0, 300));
});

test('of very many changes neighbours are told as one, and both texts stay whole', () => {
  const few = readableChanges(many);
  assert.ok(few.length <= 300);
  for (const other of ['removed', 'added'] as const) {
    assert.equal(text(few, other), text(many, other));
  }
  assert.ok(
    few.some(({ kind }) => kind === 'same'),
    'what they share at length is still told',
  );
});

test('texts that share next to nothing are one change', () => {
  assert.deepEqual(
    readableChanges(many, 2).map(({ kind }) => kind),
    ['removed', 'added'],
  );
});
