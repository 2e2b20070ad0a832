import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pointing } from '../../../src/view/controls/pointing';
import type { Section } from '../../../src/view/model/sections';

function sections(...texts: string[]): Section[] {
  const pieces = texts.map((text, index) => ({ text, index }));
  return [{ pieces }] as unknown as Section[];
}

/** What was told of hovering, one entry a change. */
function pointing() {
  const told: (string | null)[] = [];
  const point = new Pointing(
    () => {
      const { hover } = point.focus;
      told.push(hover && `${hover.side} ${hover.index}`);
    },
    () => {},
  );
  point.keep(sections('Be brief. ', 'A dog. ', 'Be brief. '), sections('Yes. ', 'Yes. '));
  return { point, told };
}

test('of equal sentences the one under the pointer lights up, and no other', () => {
  const { point, told } = pointing();
  for (const index of [0, 2, 0]) point.point({ side: 'prompt', index });
  for (const index of [0, 1]) point.point({ side: 'response', index });
  assert.deepEqual(told, ['prompt 0', 'prompt 2', 'prompt 0', 'response 0', 'response 1']);
});

test('staying on a unit draws nothing anew, and leaving waits a moment', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { point, told } = pointing();
  for (let i = 0; i < 3; i += 1) point.point({ side: 'prompt', index: 2 });
  point.point(null);
  assert.deepEqual(told, ['prompt 2']);
  t.mock.timers.tick(1_000);
  assert.deepEqual(told, ['prompt 2', null]);
});

test('of equal sentences only the pinned one stays pinned', () => {
  const { point } = pointing();
  point.toggle({ side: 'prompt', index: 2 });
  point.keep(sections('Be brief. ', 'A dog. ', 'Be brief. '), sections('Yes. ', 'Yes. '));
  assert.deepEqual(point.focus.prompt, [2]);
});
