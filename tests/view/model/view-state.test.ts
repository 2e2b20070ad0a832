import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING } from '../../../src/view/model/focus';
import { ViewState } from '../../../src/view/model/view-state';
import { example } from '../example';

test('until something is chosen, the explanation’s own k and levels hold', () => {
  const state = new ViewState();
  assert.equal(state.k, 1);
  const drawing = state.show(example());
  assert.equal(state.drawing, drawing);
  assert.equal(state.k, example().k);
  assert.equal(drawing?.table.level, example().response.level);
  assert.equal(drawing?.cut.level, example().prompt.level);
  assert.equal(state.show(null), null);
  assert.equal(state.drawing, null);
});

test('a chosen k holds for the next explanation, and never exceeds its units', () => {
  const state = new ViewState();
  state.show(example());
  state.chosenK = 3;
  assert.equal(state.settled(NOTHING).k, 3);
  state.chosenK = 9;
  assert.equal(state.settled(NOTHING).k, 3);
  state.show(example({ k: 1 }));
  assert.equal(state.k, 3);
});

test('a summed level stays for new scores, until they cannot be summed', () => {
  const state = new ViewState();
  state.show(example());
  assert.ok(state.chooseLevel('sentence'));
  assert.equal(state.show(example())?.table.level, 'sentence');
  const averaged = state.show(example({ value: 'logit' }));
  assert.equal(averaged?.table.level, 'word');
  assert.equal(state.show(example())?.table.level, 'word');
});

test('a level that only the model can give is not shown before it came', () => {
  const state = new ViewState();
  state.show(example());
  assert.ok(!state.chooseLevel('token'));
  assert.equal(state.show(example())?.table.level, 'word');
});

test('the prompt is cut as chosen where that is a sum, else as it was computed', () => {
  const state = new ViewState();
  state.show(example());
  state.choosePromptLevel('paragraph');
  assert.equal(state.show(example())?.cut.level, 'paragraph');
  state.choosePromptLevel('token');
  assert.equal(state.show(example())?.cut.level, 'sentence');
});
