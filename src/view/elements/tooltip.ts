import { h } from './dom';

const GAP = 6;

/** The numbers behind a shade, beside the unit, inside the view so that no cell cuts it off. */
export class Tooltip {
  readonly element = h('div', { class: 'jxai-tooltip', 'aria-hidden': 'true', hidden: true });
  readonly #root: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  show(anchor: Element, lines: readonly string[]): void {
    this.element.replaceChildren(...lines.map((line) => h('div', {}, line)));
    this.element.hidden = false;
    const rect = anchor.getClientRects()[0];
    if (!rect) return this.hide();
    const home = this.#root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(GAP, Math.min(rect.left - home.left, home.width - width - GAP));
    const above = rect.top - home.top - height - GAP;
    const top = above >= 0 ? above : rect.bottom - home.top + GAP;
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
