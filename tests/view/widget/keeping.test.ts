import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyModel } from '@anywidget/types';
import { Keeping } from '../../../src/widget/keeping';
import type { State } from '../../../src/widget/state';

const SOON = 10_000;

/** A view's model and element, what it sent to the kernel and told its host. */
function view(state: object, keeps = true) {
  const sent: object[] = [];
  const told: object[] = [];
  const listeners: ((message: object) => void)[] = [];
  const model = {
    get: (name: keyof object) => state[name],
    send: (message: object) => sent.push(message),
    on: (_: string, listener: (message: object) => void) => listeners.push(listener),
    off: (_: string, listener: (message: object) => void) =>
      listeners.splice(listeners.indexOf(listener), 1),
  } as unknown as AnyModel<State>;
  const el = {
    closest: () => (keeps ? {} : null),
    dispatchEvent: ({ detail }: CustomEvent<object>) => told.push(detail),
  } as unknown as HTMLElement;
  return { keeping: new Keeping(model, el), sent, told, listeners };
}

const ANSWERED = { result: { request: 3 }, progress: { state: 'idle' }, what_if: {} };

test('many answers in a row are one question for what to save', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { keeping, sent } = view(ANSWERED);
  keeping.answered();
  keeping.answered();
  t.mock.timers.tick(SOON);
  assert.deepEqual(sent, [{ kind: 'bundle' }]);
});

test('what the kernel says is handed on', () => {
  const { told, listeners } = view(ANSWERED);
  for (const tell of listeners) tell({ kind: 'bundle', data: { a: 1 }, metadata: {} });
  for (const tell of listeners) tell({ kind: 'something else' });
  assert.deepEqual(told, [{ data: { a: 1 }, metadata: {} }]);
});

test('nothing is asked by hosts that keep nothing, of runs that go on, or without a question', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cases = [
    view(ANSWERED, false),
    view({ ...ANSWERED, progress: { state: 'running' } }),
    view({ ...ANSWERED, result: { request: 0 } }),
  ];
  for (const { keeping } of cases) keeping.answered();
  t.mock.timers.tick(SOON);
  assert.deepEqual(
    cases.map(({ sent }) => sent),
    [[], [], []],
  );
});

test('a view that is gone asks nothing', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { keeping, sent, listeners } = view(ANSWERED);
  keeping.answered();
  keeping.destroy();
  t.mock.timers.tick(SOON);
  assert.deepEqual([sent, listeners], [[], []]);
});
