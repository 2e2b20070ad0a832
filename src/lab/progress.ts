import type { KernelMessage } from '@jupyterlab/services';
import { duration, integer } from '../view/format';
import type { Progress } from '../view';

/** What a message tells about a run, if it tells anything. */
export interface Told {
  /** The widget that the run belongs to. */
  readonly widget: string;
  readonly progress: Progress;
}

/**
 * Read a run's progress from the traffic between a kernel and its widgets. Our widget is known by
 * what it says, so that a page that was loaded in the middle of a run understands it, too.
 */
export function toldBy(message: KernelMessage.IMessage): Told | null {
  const { msg_type: type } = message.header;
  if (type !== 'comm_msg' && type !== 'comm_open') return null;
  const { comm_id: widget, data } = message.content as { comm_id: string; data: unknown };
  const { state } = (data ?? {}) as { state?: { progress?: unknown } };
  const progress = state?.progress;
  return isProgress(progress) ? { widget, progress } : null;
}

function isProgress(value: unknown): value is Progress {
  const { request, state, done, total, message } = (value ?? {}) as Record<string, unknown>;
  return (
    [request, done, total].every((part) => typeof part === 'number') &&
    [state, message].every((part) => typeof part === 'string')
  );
}

/** A run in a few words: how far it is, and how long it will take. */
export function brief({ done, total, seconds_left: left }: Progress): string {
  const far = total > 0 ? `${integer(done)}/${integer(total)}` : 'begins';
  return left === null ? far : `${far} · ${duration(left)} left`;
}
