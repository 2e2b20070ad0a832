import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyModel } from '@anywidget/types';
import { Session } from '../../../src/widget/session';
import type { Request } from '../../../src/protocol/widget';
import type { State } from '../../../src/widget/state';

function talk(result = 0): { session: Session; sent: Request[] } {
  const state: Record<string, unknown> = { result: { request: result, explanation: null } };
  const sent: Request[] = [];
  const model = {
    get: (name: string) => state[name],
    set: (name: string, value: unknown) => (state[name] = value),
    save_changes: () => sent.push(state.request as Request),
  };
  return { session: new Session(model as unknown as AnyModel<State>), sent };
}

test('ids grow from what was there', () => {
  const { session, sent } = talk(4);
  session.explain({ perturbations: 32 });
  session.explain({ perturbations: 64 });
  assert.deepEqual(sent, [
    { id: 5, kind: 'explain', settings: { perturbations: 32 } },
    { id: 6, kind: 'explain', settings: { perturbations: 64 } },
  ]);
});

test('what answers an older request is stale', () => {
  const { session } = talk();
  assert.equal(session.isStale(0), false);
  session.explain({ method: 'shap' });
  session.explain({ method: 'linear' });
  assert.equal(session.isStale(1), true);
  assert.equal(session.isStale(2), false);
});

test('what arrived before a cancel is still drawn', () => {
  const { session, sent } = talk();
  session.explain({ perturbations: 32 });
  session.cancel();
  assert.deepEqual(sent[1], { id: 2, kind: 'cancel' });
  assert.equal(session.isStale(1), false);
});

test('a check waits for the scores that are being computed, and the last one counts', () => {
  const { session, sent } = talk();
  session.explain({ perturbations: 32 });
  session.check(3);
  session.check(5);
  assert.equal(sent.length, 1);
  session.follow('running');
  assert.equal(sent.length, 1);
  session.follow('idle');
  assert.deepEqual(sent[1], { id: 2, kind: 'checks', k: 5 });
  session.follow('idle');
  assert.equal(sent.length, 2);
});

test('a check is given up with the run that failed', () => {
  const { session, sent } = talk();
  session.explain({ perturbations: 32 });
  session.check(3);
  session.follow('failed');
  session.follow('idle');
  assert.equal(sent.length, 1);
});

test('measuring waits for the scores that are being computed', () => {
  const { session, sent } = talk();
  session.explain({ perturbations: 32 });
  session.measure(['curves'], 3);
  assert.equal(sent.length, 1);
  session.follow('idle');
  assert.deepEqual(sent[1], { id: 2, kind: 'metrics', groups: ['curves'], k: 3 });
  assert.equal(session.isStale(1), true);
});

test('questions do not push each other aside, but the newest of a kind wins', () => {
  const { session, sent } = talk();
  session.whatIf({ removed: [1] });
  session.curves();
  session.check(3);
  session.whatIf({ text: 'Go.' });
  assert.deepEqual(sent, [
    { id: 1, kind: 'what-if', removed: [1] },
    { id: 2, kind: 'what-if', text: 'Go.' },
  ]);
  assert.equal(session.isStale(1), true);
  assert.deepEqual(
    [session.standing('what-if'), session.standing('curves'), session.standing('checks')],
    ['asked', 'waiting', 'waiting'],
  );
  session.follow('running');
  session.follow('idle');
  assert.deepEqual(sent[2], { id: 3, kind: 'curves' });
  assert.equal(session.standing('what-if'), 'none');
  session.follow('idle');
  assert.deepEqual(sent[3], { id: 4, kind: 'checks', k: 3 });
});

test('new scores put aside every question about the old ones', () => {
  const { session, sent } = talk();
  session.curves();
  session.whatIf({ removed: [0] });
  session.explain({ method: 'shap' });
  session.follow('running');
  session.follow('idle');
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ['curves', 'explain'],
  );
  assert.equal(session.standing('what-if'), 'none');
});

test('while a cell runs in the kernel, questions wait', () => {
  const { session, sent } = talk();
  session.follow('running');
  session.whatIf({ removed: [0] });
  assert.deepEqual(sent, []);
  session.follow('idle');
  assert.equal(sent.length, 1);
});
