import type { KernelMessage } from '@jupyterlab/services';
import type { Progress } from '../view';
import { duration, integer } from '../view/wording/format';

/** What a message tells about a run, if it tells anything. */
export interface Told {
  /** The run: by its widget, or by the request that it answers. */
  readonly run: string;
  /** The request that the kernel was at: that of a cell, or of a widget. */
  readonly cause: string;
  readonly progress: Progress;
}

/**
 * Read a run's progress from what a kernel says. Our widget is known by what it says, so that a
 * page that was loaded in the middle of a run understands it, too; cells that run without one say
 * it beside their output, where it is not saved.
 */
export function toldBy(message: KernelMessage.IMessage): Told | null {
  const { msg_type: type } = message.header;
  const cause = causeOf(message);
  if (type === 'comm_msg' || type === 'comm_open') {
    const { comm_id: run, data } = message.content as { comm_id: string; data: unknown };
    const { state } = (data ?? {}) as { state?: { progress?: unknown } };
    const progress = state?.progress;
    return isProgress(progress) ? { run, cause, progress } : null;
  }
  if (type === 'display_data' || type === 'update_display_data') {
    const { transient } = message.content as { transient?: { jupyter_xai?: unknown } };
    const progress = transient?.jupyter_xai;
    return isProgress(progress) ? { run: cause, cause, progress } : null;
  }
  return null;
}

/** The request that the kernel is done with, if the message says so. */
export function doneWith(message: KernelMessage.IMessage): string | null {
  const { execution_state: state } = message.content as { execution_state?: string };
  return message.header.msg_type === 'status' && state === 'idle' ? causeOf(message) : null;
}

/**
 * The processes of one kernel, one after the other. What a process said before its end may arrive
 * after the word of its end: it must not be listened to, because nothing would ever take it back.
 */
export class KernelProcesses {
  #latest = '';
  readonly #over = new Set<string>();

  /** Whether the process that said this is not known to be over. */
  isAlive(message: KernelMessage.IMessage): boolean {
    const { session } = message.header;
    if (this.#over.has(session)) return false;
    // What the server says of a kernel bears the server's own session, and answers nobody.
    if (causeOf(message)) this.#latest = session;
    return true;
  }

  /** The process heard last is over. */
  end(): void {
    this.#over.add(this.#latest);
  }
}

function causeOf({ parent_header: parent }: KernelMessage.IMessage): string {
  return (parent as { msg_id?: string }).msg_id ?? '';
}

function isProgress(value: unknown): value is Progress {
  const { request, state, done, total, message } = (value ?? {}) as Record<string, unknown>;
  return (
    [request, done, total].every((part) => typeof part === 'number') &&
    [state, message].every((part) => typeof part === 'string')
  );
}

/** A run in a few words: how far it is, or what it is at, and how long it will take. */
export function brief({ done, total, message, seconds_left: left }: Progress): string {
  const far = total > 0 ? `${integer(done)}/${integer(total)}` : message || 'begins';
  return left === null ? far : `${far} · ${duration(left)} left`;
}
