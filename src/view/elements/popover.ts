import { button, h } from './dom';
import { step } from './keyboard';

/** Pixels between a panel and the edge of its view. */
const MARGIN = 6;

/** A button that opens a small panel below it. Escape and whatever happens elsewhere close it. */
export class Popover {
  readonly element: HTMLElement;
  readonly panel: HTMLElement;
  readonly #trigger: HTMLButtonElement;

  constructor(text: string, name: string, ...children: HTMLElement[]) {
    this.#trigger = button(text, () => this.#show(this.panel.hidden), name === text ? null : name);
    this.#trigger.setAttribute('aria-expanded', 'false');
    if (name !== text) this.#trigger.setAttribute('aria-label', name);
    this.panel = h('div', { class: 'jxai-popover', role: 'group', 'aria-label': name });
    this.panel.hidden = true;
    this.panel.append(...children);
    this.element = h('span', { class: 'jxai-popover-of' }, this.#trigger, this.panel);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusout', ({ relatedTarget: to }) => {
      // Clicks on text move the focus nowhere; those within the panel must not close it.
      if (to instanceof Node && !this.element.contains(to)) this.close();
    });
  }

  /** Close it where a click was not meant for it; to be called for every click on the page. */
  clicked(target: EventTarget | null): void {
    if (!(target instanceof Node && this.element.contains(target))) this.close();
  }

  /** Back to where it is opened from. */
  focus(): void {
    this.#trigger.focus();
  }

  close(): void {
    if (this.panel.hidden) return;
    if (this.panel.contains(document.activeElement)) this.#trigger.focus();
    this.#show(false);
  }

  #show(open: boolean): void {
    this.panel.hidden = !open;
    this.#trigger.setAttribute('aria-expanded', String(open));
    if (!open) return;
    this.#fit();
    this.#controls()[0]?.focus();
  }

  /** It hangs from its button's right edge; in narrow views it would reach out on the left. */
  #fit(): void {
    const { panel } = this;
    panel.style.right = '';
    const view = panel.closest('.jxai-view')?.getBoundingClientRect();
    const outside = (view?.left ?? 0) + MARGIN - panel.getBoundingClientRect().left;
    if (outside > 0) panel.style.right = `${-outside}px`;
  }

  #controls(): HTMLElement[] {
    const all = this.panel.querySelectorAll<HTMLElement>('button, input, select');
    return [...all].filter((one) => !one.matches(':disabled') && one.offsetParent !== null);
  }

  #onKey(event: KeyboardEvent): void {
    if (this.panel.hidden) return;
    if (event.key === 'Escape') {
      // It closes the panel, and lets go of nothing else.
      event.stopPropagation();
      this.close();
      return;
    }
    const buttons = this.#controls().filter((one) => one instanceof HTMLButtonElement);
    const at = buttons.findIndex((one) => one === event.target);
    if (at < 0 || !/^(Arrow(Up|Down)|Home|End)$/.test(event.key)) return;
    const next = step(buttons, at, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next]?.focus();
  }
}
