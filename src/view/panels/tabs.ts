import { h } from '../elements/dom';

/** What stands in a tab; drawn, and in the page, only while it can be seen. */
export interface Panel {
  readonly name: string;
  readonly element: HTMLElement;
  draw(): void;
  /** Follow what is pointed at, where the panel shows that. */
  follow?(): void;
  /** Another tab is shown. */
  leave?(): void;
}

export class Tabs {
  readonly element: HTMLElement;
  readonly #list = h('div', { class: 'jxai-tabs', role: 'tablist', 'aria-label': 'Details' });
  readonly #panels: readonly Panel[];
  readonly #buttons: HTMLButtonElement[];
  #open = 0;

  constructor(panels: readonly Panel[]) {
    this.#panels = panels;
    this.#buttons = panels.map(({ name }, index) => {
      const tab = h('button', { type: 'button', role: 'tab', class: 'jxai-tab' }, name);
      tab.addEventListener('click', () => this.#show(index));
      return tab;
    });
    this.#list.append(...this.#buttons);
    this.#list.addEventListener('keydown', (event) => this.#onKey(event));
    for (const { name, element } of panels) {
      element.setAttribute('role', 'tabpanel');
      element.setAttribute('aria-label', name);
      element.classList.add('jxai-panel');
    }
    this.element = h('div', { class: 'jxai-details' }, this.#list);
    this.#mark();
  }

  /** Draw what can be seen. */
  draw(): void {
    this.#panels[this.#open]?.draw();
  }

  /** Something else is being pointed at or pinned. */
  follow(): void {
    this.#panels[this.#open]?.follow?.();
  }

  /** Draw everything: paper has no tabs. */
  onPaper(printing: boolean): void {
    this.#place(printing ? this.#panels : this.#panels.slice(this.#open, this.#open + 1));
    if (printing) for (const panel of this.#panels) panel.draw();
  }

  #show(index: number): void {
    if (index !== this.#open) this.#panels[this.#open]?.leave?.();
    this.#open = index;
    this.#mark();
    this.draw();
  }

  #mark(): void {
    this.#panels.forEach(({ element }, index) => {
      const open = index === this.#open;
      element.hidden = !open;
      this.#buttons[index]?.setAttribute('aria-selected', String(open));
      this.#buttons[index]?.setAttribute('tabindex', open ? '0' : '-1');
    });
    this.#place(this.#panels.slice(this.#open, this.#open + 1));
  }

  /** Closed tabs hold thousands of nodes together: they are kept out of the page. */
  #place(panels: readonly Panel[]): void {
    let next: HTMLElement | null = null;
    for (const panel of [...this.#panels].reverse()) {
      const { element } = panel;
      if (!panels.includes(panel)) {
        element.remove();
        continue;
      }
      // What is there stays as it is, with the keyboard's place in it.
      if (!element.parentElement) this.element.insertBefore(element, next);
      next = element;
    }
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#panels.length - 1;
    const places: Record<string, number> = {
      ArrowRight: this.#open === last ? 0 : this.#open + 1,
      ArrowLeft: this.#open === 0 ? last : this.#open - 1,
      Home: 0,
      End: last,
    };
    const next = places[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#show(next);
    this.#buttons[next]?.focus();
  }
}
