import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, hover, NOTHING, toggle } from '../../../src/view/model/focus';

test('pointing asks about one unit, whatever is pinned; leaving returns to the pins', () => {
  const pinned = toggle(toggle(NOTHING, { side: 'response', index: 2 }), {
    side: 'response',
    index: 0,
  });
  assert.deepEqual(asked(pinned, 'response'), [0, 2]);
  const pointing = hover(pinned, { side: 'response', index: 1 });
  assert.deepEqual(asked(pointing, 'response'), [1]);
  assert.deepEqual(asked(hover(pointing, null), 'response'), [0, 2]);
});

test('a second click lets go', () => {
  const spot = { side: 'response', index: 2 } as const;
  assert.deepEqual(toggle(toggle(NOTHING, spot), spot), NOTHING);
});
