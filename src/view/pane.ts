import { button, h } from './dom';
import type { Side, Spot } from './focus';
import { count } from './format';
import { step } from './keyboard';
import { ROLE_NAMES, trim, type Section } from './sections';
import { onDragged, selectedEnds, type Drawn } from './selection';
import type { Shown } from './shown';
import type { Place } from './spans';
import { UnitElement, type Layout } from './unit';

export interface PaneEvents {
  point(spot: Spot | null): void;
  toggle(spot: Spot): void;
  /** A piece of the text was picked out, by dragging or from one unit to another. */
  pick?(from: Place, to: Place): void;
}

/** Prompt or response: its units as they are read, shaded by a question. */
export class Pane {
  readonly element: HTMLElement;
  /** Where the level of the units stands. */
  readonly head = h('div', { class: 'jxai-pane-head' });
  readonly #body = h('div', { class: 'jxai-pane-body', role: 'group' });
  readonly #side: Side;
  readonly #events: PaneEvents;
  #layout: Layout = 'flow';
  #units: UnitElement[] = [];
  /** The texts of the units as they were given, and where they stand. */
  #texts: (Drawn & { length: number })[] = [];
  /** Where a piece begins that is picked from unit to unit. */
  #anchor: number | null = null;
  #indices = new Map<Element, number>();
  #entry: HTMLElement | null = null;
  #marked: number | null = null;

  constructor(side: Side, title: string, events: PaneEvents) {
    this.#side = side;
    this.#events = events;
    this.#body.setAttribute('aria-label', title);
    this.element = h('section', { class: `jxai-pane jxai-pane-${side}`, 'aria-label': title });
    this.element.append(this.head, this.#body);
    this.#listen();
  }

  /** Build the text anew. Only needed when the units themselves change. */
  build(sections: readonly Section[], layout: Layout): void {
    this.#layout = layout;
    this.#units = [];
    this.#texts = [];
    this.#anchor = null;
    this.#indices.clear();
    this.#entry = null;
    const named = new Set(sections.map(({ role }) => role)).size > 1;
    const template = sections.filter(({ role }) => role === 'template');
    this.#body.replaceChildren(
      ...sections.map((section) => this.#section(section, layout, named)),
      ...(template.length > 0 ? [this.#templateToggle()] : []),
    );
    this.#enter(this.#visible()[0] ?? null);
  }

  get layout(): Layout {
    return this.#layout;
  }

  paint(shown: Shown | null): void {
    this.#body.classList.toggle('jxai-asked', shown !== null);
    this.#units.forEach((unit, index) => unit.paint(shown, index));
  }

  describe(pinned: readonly number[], label: (index: number) => string): void {
    this.#units.forEach((unit, index) => {
      unit.pressed = pinned.includes(index);
      unit.label = label(index);
    });
  }

  /** Say of every unit why it has no scores of its own; empty where it has. */
  asides(whys: readonly string[]): void {
    this.#units.forEach((unit, index) => (unit.aside = whys[index] ?? ''));
  }

  mark(index: number | null): void {
    if (this.#marked !== null) this.#unit(this.#marked, (unit) => (unit.marked = false));
    if (index !== null) this.#unit(index, (unit) => (unit.marked = true));
    this.#marked = index;
  }

  elementOf(index: number): HTMLElement | null {
    return this.#units[index]?.element ?? null;
  }

  #unit(index: number, change: (unit: UnitElement) => void): void {
    const unit = this.#units[index];
    if (unit) change(unit);
  }

  #section({ role, pieces, thought }: Section, layout: Layout, named: boolean): HTMLElement {
    const section = h('div', { class: `jxai-section jxai-role-${role}` });
    if (role === 'template') {
      section.append(
        h('span', { class: 'jxai-template' }, pieces.map(({ text }) => text).join('')),
      );
      return section;
    }
    if (named) section.append(h('div', { class: 'jxai-role' }, ROLE_NAMES[role]));
    const text = h('div', { class: `jxai-${layout}`, dir: 'auto' });
    for (const { text: whole, index } of pieces) {
      const { before, core, after } = trim(whole);
      const piece = index === null ? this.#quiet(core, layout) : this.#add(core, index, layout);
      const drawn = index === null ? undefined : this.#units[index];
      if (index !== null && drawn) {
        const { length } = whole;
        this.#texts[index] = { element: drawn.text, skipped: before.length, length };
      }
      if (layout === 'flow') {
        text.append(before, piece, after);
      } else {
        piece.classList.toggle('jxai-paragraph-end', /\n[^\S\n]*\n/.test(after));
        text.append(piece);
      }
    }
    section.append(thought ? this.#folded(text, pieces.length) : text);
    return section;
  }

  #folded(text: HTMLElement, parts: number): HTMLElement {
    const summary = h('summary', { class: 'jxai-role' }, `Thoughts, ${count(parts, 'part')}`);
    const details = h('details', { class: 'jxai-thoughts' }, summary, text);
    details.addEventListener('toggle', () => this.#enter(this.#entryAmong(this.#visible())));
    return details;
  }

  /** Show what is folded. */
  unfold(): void {
    for (const details of this.#body.querySelectorAll('details')) details.open = true;
  }

  /** Units that are not folded away. */
  #visible(): HTMLElement[] {
    const elements = this.#units.map(({ element }) => element);
    return elements.filter((element) => !element.closest('details:not([open])'));
  }

  /** The unit that was entered last, as long as it is visible; else the first that is. */
  #entryAmong(visible: readonly HTMLElement[]): HTMLElement | null {
    return visible.find((element) => element === this.#entry) ?? visible[0] ?? null;
  }

  #add(text: string, index: number, layout: Layout): HTMLElement {
    const unit = new UnitElement(text, layout, this.#side === 'prompt');
    this.#units[index] = unit;
    this.#indices.set(unit.element, index);
    return unit.element;
  }

  #quiet(text: string, layout: Layout): HTMLElement {
    const why = 'Protected: never removed, so it has no score';
    return h(layout === 'rows' ? 'div' : 'span', { class: 'jxai-protected', title: why }, text);
  }

  #templateToggle(): HTMLElement {
    const toggle = button('Show template', () => {
      const shown = this.#body.classList.toggle('jxai-with-template');
      toggle.setAttribute('aria-pressed', String(shown));
    });
    toggle.setAttribute('aria-pressed', 'false');
    toggle.classList.add('jxai-quiet');
    return toggle;
  }

  #spotOf(target: EventTarget | null): Spot | null {
    const element = target instanceof Element ? target.closest('.jxai-unit') : null;
    const index = element ? this.#indices.get(element) : undefined;
    return index === undefined ? null : { side: this.#side, index };
  }

  #listen(): void {
    const body = this.#body;
    body.addEventListener('pointerover', (event) => this.#events.point(this.#spotOf(event.target)));
    body.addEventListener('pointerleave', () => this.#events.point(null));
    body.addEventListener('focusin', (event) => {
      const spot = this.#spotOf(event.target);
      if (!spot) return;
      this.#enter(event.target as HTMLElement);
      // A click focuses too, but there the pointer decides what is being looked at.
      if ((event.target as HTMLElement).matches(':focus-visible')) this.#events.point(spot);
    });
    body.addEventListener('focusout', () => this.#events.point(null));
    body.addEventListener('click', (event) => {
      const spot = this.#spotOf(event.target);
      // Whoever drags over the text wants to copy it.
      if (spot && event.shiftKey) this.#pickTo(spot.index);
      else if (spot && (document.getSelection()?.isCollapsed ?? true)) this.#toggle(spot);
    });
    body.addEventListener('mousedown', (event) => {
      // The browser would select from where the last click was.
      if (event.shiftKey && this.#events.pick) event.preventDefault();
    });
    if (this.#events.pick) {
      onDragged(body, () => {
        const ends = selectedEnds(this.#texts);
        if (ends) this.#events.pick?.(...ends);
      });
    }
    body.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): void {
    const spot = this.#spotOf(event.target);
    if (!spot || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      if (event.shiftKey) this.#pickTo(spot.index);
      else this.#toggle(spot);
    } else {
      const elements = this.#visible();
      const at = elements.findIndex((element) => this.#indices.get(element) === spot.index);
      const next = step(elements, at, event.key);
      if (next === null) return;
      elements[next]?.focus();
    }
    event.preventDefault();
    // The notebook around us moves between cells on the same keys.
    event.stopPropagation();
  }

  #toggle(spot: Spot): void {
    this.#anchor = spot.index;
    this.#events.toggle(spot);
  }

  /** From the unit that was clicked last to this one. */
  #pickTo(index: number): void {
    const [from, to] = [this.#anchor ?? index, index].sort((a, b) => a - b) as [number, number];
    const end = { index: to, offset: this.#texts[to]?.length ?? 0 };
    // Escape is to be heard here.
    this.#units[index]?.element.focus();
    this.#events.pick?.({ index: from, offset: 0 }, end);
  }

  /** One unit is reached by Tab, the others from it by the arrows. */
  #enter(element: HTMLElement | null): void {
    this.#entry?.setAttribute('tabindex', '-1');
    element?.setAttribute('tabindex', '0');
    this.#entry = element;
  }
}
