import type { Comparison } from '../protocol/comparison';
import type { Explanation } from '../protocol/explanation';
import type { Choices, FrameReply, Progress, Settings, WhatIf } from '../protocol/widget';

export type {
  Choices,
  FrameReply,
  MethodChoice,
  MetricChoice,
  Progress,
  Settings,
  WhatIf,
} from '../protocol/widget';

/** One of several things that can be chosen. */
export interface Option {
  readonly value: string;
  readonly text: string;
  /** Why it cannot be chosen; empty when it can. */
  readonly why: string;
}

/** Another prompt: without some units, or with another text at its end. */
export type Change = { readonly removed: readonly number[] } | { readonly text: string };

/** What can be asked beside the scores. */
export type Question = 'checks' | 'metrics' | 'curves' | 'what-if' | 'compare';

/** Whoever can reach the model. Without one, the view only shows what was saved. */
export interface Host {
  readonly choices: Choices;
  explain(settings: Settings): void;
  check(k: number): void;
  /** Measure more of the scores, by groups of metrics. */
  measure(groups: string[], k: number): void;
  /** Follow the deletion and insertion curves; they come with the explanation. */
  curves(): void;
  whatIf(change: Change): void;
  /** Set other methods beside the explanation. */
  compare(methods: readonly string[]): void;
  /** Whether a question is being answered, waits for another, or is none. */
  standing(question: Question): 'asked' | 'waiting' | 'none';
  cancel(): void;
  /** Hand the scores as a DataFrame to a variable of the kernel; a taken name only on demand. */
  frame(name: string, replace: boolean): Promise<FrameReply>;
}

/** The view's own files as text, of which a page is made that needs nothing else. */
export interface Bundle {
  readonly code: string;
  readonly style: string;
}

/** Something that was drawn in the page. */
export interface Mounted {
  destroy(): void;
}

export interface View extends Mounted {
  /** Draw another explanation; what is pinned stays pinned as long as the texts are the same. */
  update(explanation: Explanation | null): void;
  progress(progress: Progress): void;
  /** Another prompt was answered. */
  answered(found: WhatIf): void;
  /** Other methods were set beside the explanation. */
  compared(found: Comparison): void;
}
