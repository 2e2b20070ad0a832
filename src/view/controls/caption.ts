import { h, setText } from '../elements/dom';
import { Tooltip } from '../elements/tooltip';

const HINT = 'Point at a part of the answer; click to pin it.';
const PINNED_HINT = 'Pinned; Escape lets go.';

/** What the shading answers, and the numbers behind the unit that is pointed at. */
export class Caption {
  readonly element: HTMLElement;
  readonly tooltip: Tooltip;
  readonly #question = h('span', { class: 'jxai-question' });
  readonly #hint = h('span', { class: 'jxai-hint' }, HINT);

  constructor(root: HTMLElement) {
    this.tooltip = new Tooltip(root);
    this.element = h('div', { class: 'jxai-caption' }, this.#question, this.#hint);
  }

  ask(question: string): void {
    setText(this.#question, question);
  }

  /** Say what is known of a unit, beside it where an anchor is given. */
  tell(lines: readonly string[], anchor: Element | null): void {
    setText(this.#hint, lines.join(' · '));
    if (anchor) this.tooltip.show(anchor, lines);
    else this.tooltip.hide();
  }

  /** Nothing is pointed at. */
  rest(pinned: boolean): void {
    this.tooltip.hide();
    setText(this.#hint, pinned ? PINNED_HINT : HINT);
  }
}
