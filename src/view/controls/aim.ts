import type { Explanation } from '../../protocol/explanation';
import { button, h, setText } from '../elements/dom';
import type { Host, Settings } from '../host';
import {
  aimLine,
  spanBetween,
  whyNoSpans,
  type Aiming,
  type Place,
  type Span,
} from '../model/spans';

/** The line below the answer: which piece of it is explained. Asks for one, and lets go of it. */
export class Aim {
  readonly element: HTMLElement;
  readonly #host: Host | null;
  readonly #explain: (settings: Settings) => void;
  readonly #mark: (spans: readonly Span[], pending: boolean) => void;
  readonly #line = h('span', {
    class: 'jxai-aim-line',
    role: 'status',
    dir: 'auto',
    tabindex: -1,
  });
  readonly #release: HTMLButtonElement;
  #explanation: Explanation | null = null;
  #aiming: Aiming = null;

  constructor(
    host: Host | null,
    explain: (settings: Settings) => void,
    mark: (spans: readonly Span[], pending: boolean) => void,
  ) {
    this.#host = host;
    this.#explain = explain;
    this.#mark = mark;
    const title = 'Escape does the same';
    this.#release = button('Let go of it', () => this.release(), title);
    this.element = h('div', { class: 'jxai-aside-line' }, this.#line, this.#release);
  }

  draw(explanation: Explanation): void {
    this.#explanation = explanation;
    this.#await(null);
  }

  /** Ask about a piece of the answer only; false where none can be had. */
  pick(texts: readonly string[], from: Place, to: Place): boolean {
    const span = this.#why() ? null : spanBetween(texts, from, to);
    if (!span) return false;
    this.#await(span);
    this.#explain({ targets: [span] });
    return true;
  }

  /** Ask about what the cell asked about, usually all of the answer, unless no piece is explained. */
  release(): void {
    if (this.#why() || !this.#aimed()) return;
    this.#await('all');
    this.#explain({ targets: null });
  }

  #await(aiming: Aiming): void {
    this.#aiming = aiming;
    if (!this.#explanation) return;
    const why = this.#why();
    this.#mark(this.#spans(), aiming !== null);
    setText(this.#line, aimLine(this.#explanation, aiming, why));
    const released = !this.#aimed() || why !== '';
    // What goes away must not take the keyboard's place in the page with it.
    if (released && this.#release.matches(':focus')) this.#line.focus();
    this.#release.hidden = released;
    this.#line.classList.toggle('jxai-aimed', this.#aimed());
  }

  /** The pieces that are explained, or about to be. */
  #spans(): readonly Span[] {
    if (this.#aiming) return this.#aiming === 'all' ? [] : [this.#aiming];
    const targets = this.#explanation?.response.targets;
    return targets?.kind === 'spans' ? (targets.spans as unknown as Span[]) : [];
  }

  #aimed(): boolean {
    if (this.#aiming) return this.#aiming !== 'all';
    return this.#explanation?.response.targets?.kind === 'spans';
  }

  #why(): string {
    if (!this.#explanation) return '';
    return whyNoSpans(this.#explanation, this.#host?.choices ?? null);
  }
}
