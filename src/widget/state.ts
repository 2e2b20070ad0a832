import type { Choices, Explanation, Progress, Settings } from '../view';

/** The traits that the kernel and the view share. */
export interface State {
  /** Kernel to view. */
  result: { request: number; explanation: Explanation | null };
  /** Kernel to view. */
  progress: Progress & { request: number };
  /** Kernel to view. */
  choices: Choices;
  /** View to kernel; ids only ever grow. */
  request: Request;
}

export type Request =
  | { id: number; kind: 'explain'; settings: Settings }
  | { id: number; kind: 'checks'; k: number }
  | { id: number; kind: 'cancel' };
