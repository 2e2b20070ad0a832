import type { Explanation } from '../../protocol/explanation';
import { later, SETTLE_MS } from '../elements/later';
import type { Host, MetricChoice } from '../host';
import type { Pinned } from '../model/drawing';
import { whyNot } from '../wording/availability';

/** What the checks are drawn of. */
export interface Checked {
  readonly explanation: Explanation;
  readonly k: number;
  readonly pinned: Pinned;
  /** The check for this k is on its way. */
  readonly coming: boolean;
  /** What more can be measured; null without the model. */
  readonly offered: readonly MetricChoice[] | null;
  /** The group that is being measured. */
  readonly measuring: string | null;
}

/** What is tested about the scores: their check for each k, and what is measured on demand. */
export class Testing {
  readonly #host: Host | null;
  readonly #onChange: () => void;
  readonly #settling = later(SETTLE_MS);
  #asked: number | null = null;
  #measuring: string | null = null;

  constructor(host: Host | null, onChange: () => void) {
    this.#host = host;
    this.#onChange = onChange;
  }

  state(explanation: Explanation, k: number, pinned: Pinned): Checked {
    const coming = this.#asked === k;
    const offered = this.#host?.choices.metrics ?? null;
    return { explanation, k, pinned, coming, offered, measuring: this.#measuring };
  }

  /** Another k is on the screen; its check is asked for when the slider rests. */
  settle(shown: () => Checked | null): void {
    this.#settling.run(() => {
      const now = shown();
      if (now) this.#check(now);
    });
  }

  measure(group: string, k: number): void {
    if (!this.#host || this.#measuring === group) return;
    this.#measuring = group;
    this.#host.measure([group], k);
    this.#onChange();
  }

  arrived({ checks }: Explanation): void {
    if (checks.some(({ k }) => k === this.#asked)) this.#asked = null;
  }

  /** What was asked for has come, or will not come. */
  follow(): void {
    if (!this.#measuring || this.#host?.standing('metrics') !== 'none') return;
    this.#measuring = null;
    this.#onChange();
  }

  forget(): void {
    this.#asked = null;
  }

  destroy(): void {
    this.#settling.cancel();
  }

  #check({ explanation: { checks, method }, k }: Checked): void {
    if (!this.#host || whyNot(this.#host.choices, method.name)) return;
    if (checks.some((check) => check.k === k)) return;
    this.#asked = k;
    this.#host.check(k);
    this.#onChange();
  }
}
