import type { Comparison } from '../protocol/comparison';
import type { Cost, Explanation } from '../protocol/explanation';

/** What a person can ask to be computed anew; only what changes is named. */
export interface Settings {
  method?: string;
  units?: string;
  response_units?: string;
  value?: string;
  perturbations?: number;
  k?: number;
  /** Which pieces of the response are explained, in code points; null for all of it. */
  targets?: (readonly [number, number])[] | null;
  /** A text that the response is contrasted with; null for none. */
  foil?: string | null;
}

/** One of several things that can be chosen. */
export interface Option {
  readonly value: string;
  readonly text: string;
  /** Why it cannot be chosen; empty when it can. */
  readonly why: string;
}

export interface MethodChoice {
  name: string;
  title: string;
  available: boolean;
  /** Why it is not available; empty when it is. */
  why: string;
}

/** A group of metrics that can be measured on demand. */
export interface MetricChoice {
  name: string;
  title: string;
  /** What it tells, and what it asks of the model. */
  what: string;
  cost: string;
  /** Why it cannot be measured; empty when it can. */
  why: string;
}

/** What the kernel can compute for this model. */
export interface Choices {
  methods: MethodChoice[];
  levels: string[];
  response_levels: string[];
  values: string[];
  metrics: MetricChoice[];
  /** What the prompt ends with: its text, or the last message of a chat. */
  text?: string;
}

/** Another prompt: without some units, or with another text at its end. */
export type Change = { readonly removed: readonly number[] } | { readonly text: string };

/** The model's answer to a changed prompt. */
export interface WhatIf {
  readonly removed: readonly number[] | null;
  readonly text: string | null;
  readonly before: string;
  /** null where the model cannot answer such a prompt. */
  readonly response: string | null;
  readonly changes: readonly {
    readonly kind: 'same' | 'removed' | 'added';
    readonly text: string;
  }[];
  /** Of the old response after the old prompt; null for models that do not tell. */
  readonly logprob_before: number | null;
  /** Of the old response after the changed prompt. */
  readonly logprob: number | null;
  /** Of the new response after the changed prompt. */
  readonly logprob_response: number | null;
  readonly cost: Cost;
  readonly notes: readonly string[];
}

/** What can be asked beside the scores. */
export type Question = 'checks' | 'metrics' | 'curves' | 'what-if' | 'compare';

export interface Progress {
  state: 'idle' | 'running' | 'failed' | 'cancelled';
  done: number;
  total: number;
  seconds: number;
  seconds_left: number | null;
  message: string;
}

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

/** What became of a DataFrame: its rows, or what stands against it. */
export interface FrameReply {
  readonly rows: number;
  readonly taken: boolean;
  readonly error: string;
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
