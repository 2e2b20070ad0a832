import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, doneWith, KernelProcesses, toldBy } from '../../../src/lab/progress';

const progress = {
  request: 0,
  state: 'running',
  done: 12,
  total: 64,
  seconds: 1,
  seconds_left: 8,
  message: 'masks',
} as const;

function message(type: string, content: object, session = 'kernel', cause = 'cell') {
  const header = { msg_type: type, session };
  return { header, parent_header: { msg_id: cause }, content } as never;
}

test('progress is read from what our widget says, and from nothing else', () => {
  const said = (data: unknown): object => ({ comm_id: 'w', data });
  const update = said({ method: 'update', state: { progress } });
  assert.deepEqual(toldBy(message('comm_msg', update)), { run: 'w', cause: 'cell', progress });
  assert.equal(toldBy(message('stream', update)), null);
  for (const other of [0.5, null, { done: 1, total: 2 }, 'running']) {
    assert.equal(toldBy(message('comm_msg', said({ state: { progress: other } }))), null);
  }
  assert.equal(toldBy(message('comm_msg', said(undefined))), null);
});

test('a cell that runs without a widget tells its progress beside its output', () => {
  const transient = { display_id: 'd', jupyter_xai: progress };
  for (const type of ['display_data', 'update_display_data']) {
    const told = toldBy(message(type, { data: {}, transient }));
    assert.deepEqual(told, { run: 'cell', cause: 'cell', progress });
  }
  assert.equal(toldBy(message('display_data', { data: {}, transient: {} })), null);
  assert.equal(toldBy(message('display_data', { data: {} })), null);
});

test('a run is over when the kernel is done with its cell', () => {
  assert.equal(doneWith(message('status', { execution_state: 'idle' })), 'cell');
  assert.equal(doneWith(message('status', { execution_state: 'busy' })), null);
  assert.equal(doneWith(message('stream', {})), null);
});

test('what an ended kernel said is not listened to, however late it comes', () => {
  const processes = new KernelProcesses();
  const from = (session: string, answers: boolean) =>
    message('status', { execution_state: 'busy' }, session, answers ? 'cell' : '');
  assert.ok(processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
  processes.end();
  assert.ok(!processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
  assert.ok(processes.isAlive(from('second', true)));
  processes.end();
  assert.ok(!processes.isAlive(from('second', true)));
  assert.ok(!processes.isAlive(from('first', true)));
  assert.ok(processes.isAlive(from('server', false)));
});

test('a run is told in a few words', () => {
  assert.equal(brief(progress), '12/64 · 8.0 s left');
  assert.equal(brief({ ...progress, seconds_left: null }), '12/64');
  const uncounted = { ...progress, total: 0, seconds_left: null };
  assert.equal(brief({ ...uncounted, message: 'answering' }), 'answering');
  assert.equal(brief({ ...uncounted, message: '' }), 'begins');
});
