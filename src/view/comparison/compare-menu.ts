import type { Comparison } from '../../protocol/comparison';
import type { Explanation } from '../../protocol/explanation';
import { button, h } from '../elements/dom';
import { Inquiry } from '../elements/inquiry';
import { Popover } from '../elements/popover';
import type { Host, MethodChoice, Progress } from '../host';
import { NO_KERNEL } from '../wording/availability';
import { methodTitle } from '../wording/sentences';
import { ComparisonView } from './comparison-view';

/** Which other methods to set beside the explanation, and the comparison in its place. */
export class CompareMenu {
  readonly popover: Popover;
  readonly #host: Host | null;
  readonly #root: HTMLElement;
  readonly #list = h('div', { class: 'jxai-picks', role: 'group', 'aria-label': 'Methods' });
  readonly #ask: HTMLButtonElement;
  readonly #inquiry: Inquiry;
  readonly #picked = new Set<string>();
  #own = '';
  #offered = '';
  #drawn: ComparisonView | null = null;

  constructor(host: Host | null, root: HTMLElement) {
    this.#host = host;
    this.#root = root;
    this.#inquiry = new Inquiry(host, 'compare');
    this.#ask = button('Compare', () => {
      host?.compare([...this.#picked]);
      this.#inquiry.begin();
    });
    this.#ask.disabled = true;
    const why = h('p', { class: 'jxai-save-line' }, `It needs the model. ${NO_KERNEL}`);
    const parts = host ? [this.#list, this.#ask, this.#inquiry.element] : [why];
    this.popover = new Popover('Compare', 'Compare with other methods', ...parts);
    this.popover.panel.classList.add('jxai-compare-menu');
  }

  draw({ method }: Explanation): void {
    const choices = this.#host?.choices.methods ?? [];
    const others = choices.filter(({ name }) => name !== method.name);
    const offered = JSON.stringify(others);
    this.#own = method.name;
    // What is ticked, and the keyboard's place, stay while scores arrive.
    if (offered === this.#offered) return;
    this.#offered = offered;
    const known = new Set(others.filter(({ available }) => available).map(({ name }) => name));
    for (const name of this.#picked) if (!known.has(name)) this.#picked.delete(name);
    const inOrder = [...others].sort((a, b) => Number(b.available) - Number(a.available));
    this.#list.replaceChildren(...inOrder.map((one) => this.#pick(one)));
    this.#ask.disabled = this.#picked.size === 0;
  }

  progress(progress: Progress): void {
    this.#inquiry.progress(progress);
  }

  /** Draw the comparison in the place of the view, until it is closed. */
  compared(comparison: Comparison): void {
    this.#inquiry.end();
    const place = this.#root.parentElement;
    if (!place) return;
    this.#drawn?.destroy();
    this.popover.close();
    // Whoever writes elsewhere by now is not torn away.
    const held = place.contains(document.activeElement);
    this.#root.hidden = true;
    const back = button(`Back to ${methodTitle(this.#own)}`, () => this.#close());
    this.#drawn = new ComparisonView(place, comparison, back);
    if (held) back.focus();
  }

  destroy(): void {
    this.#drawn?.destroy();
  }

  #close(): void {
    this.#drawn?.destroy();
    this.#drawn = null;
    this.#root.hidden = false;
    this.popover.focus();
  }

  #pick({ name, title, available, why }: MethodChoice): HTMLElement {
    const box = h('input', { type: 'checkbox', checked: this.#picked.has(name) });
    box.disabled = !available;
    box.addEventListener('change', () => {
      if (box.checked) this.#picked.add(name);
      else this.#picked.delete(name);
      this.#ask.disabled = this.#picked.size === 0;
    });
    const text = h('span', {}, title || methodTitle(name));
    const label = h('label', { class: 'jxai-pick' }, box, text);
    if (!available) label.append(h('span', { class: 'jxai-why' }, why || 'not available'));
    return label;
  }
}
