import type { Choices, Comparison, Explanation, FrameReply, Progress, WhatIf } from '../view';
import type { Request } from '../protocol/widget';

/** The traits that the kernel and the view share. */
export interface State {
  /** Kernel to view. */
  result: { request: number; explanation: Explanation | null };
  /** Kernel to view. */
  progress: Progress & { request: number };
  /** Kernel to view. */
  choices: Choices;
  /** Kernel to view; empty until another prompt was asked. */
  what_if: Partial<WhatIf & { request: number }>;
  /** Kernel to view; empty until other methods were asked for. */
  compared: Partial<Comparison & { request: number }>;
  /** View to kernel; ids only ever grow. */
  request: Request;
  /** Kernel to view: what became of a DataFrame. */
  framed: FrameReply & { request: number };
  /** The view's own files, where anywidget keeps them. */
  _esm?: string;
  _css?: string;
}
