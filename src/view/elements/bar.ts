import { place, tint, type Axis, type Scale } from '../model/scale';
import type { Scores } from '../model/vector';
import { h } from './dom';

/** A bar that grows from zero to a score, with its interval as a whisker. */
export class Bar {
  readonly element = h('span', { class: 'jxai-bar', 'aria-hidden': 'true' });
  readonly #fill = h('span', { class: 'jxai-bar-fill' });
  readonly #whisker = h('span', { class: 'jxai-bar-whisker' });
  readonly #zero = h('span', { class: 'jxai-bar-zero' });

  constructor() {
    this.element.append(this.#fill, this.#whisker, this.#zero);
  }

  draw({ values, low, high }: Scores, index: number, axis: Axis, scale: Scale): void {
    const score = values[index] ?? null;
    const zero = place(axis, 0);
    this.#zero.style.left = share(zero);
    hide(this.#zero, axis.low === 0);
    span(this.#fill, zero, score === null ? zero : place(axis, score));
    this.#fill.style.setProperty('--jxai-tint', tint(scale, score).toFixed(3));
    this.#fill.classList.toggle('jxai-opposes', (score ?? 0) < 0);
    const from = low?.[index] ?? null;
    const to = high?.[index] ?? null;
    hide(this.#whisker, from === null || to === null);
    if (from === null || to === null) return;
    span(this.#whisker, place(axis, from), place(axis, to));
    // An end that lies outside has no cap.
    this.#whisker.classList.toggle('jxai-from-outside', from < axis.low);
    this.#whisker.classList.toggle('jxai-to-outside', to > axis.high);
  }

  clear(): void {
    this.#whisker.hidden = true;
    this.#zero.hidden = true;
    this.#fill.style.width = '0';
  }
}

function span(element: HTMLElement, from: number, to: number): void {
  element.style.left = share(Math.min(from, to));
  element.style.width = share(Math.abs(to - from));
}

/** The attribute is set anew, and the style with it, even where it says the same. */
function hide(element: HTMLElement, hidden: boolean): void {
  if (element.hidden !== hidden) element.hidden = hidden;
}

function share(part: number): string {
  return `${(part * 100).toFixed(2)}%`;
}
