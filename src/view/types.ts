import type { Explanation } from '../protocol';

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
}

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

export interface View {
  /** Draw another explanation; what is pinned stays pinned as long as the texts are the same. */
  update(explanation: Explanation | null): void;
  progress(progress: Progress): void;
  destroy(): void;
}
