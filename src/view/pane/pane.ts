import { button, h } from '../elements/dom';
import { step } from '../elements/keyboard';
import type { Side, Spot } from '../model/focus';
import type { Folding, Passage } from '../model/fold';
import type { Layout } from '../model/layout';
import { ROLE_NAMES, type Piece, type Section } from '../model/sections';
import type { Shown } from '../model/shown';
import type { Within } from '../model/spans';
import { count } from '../wording/format';
import { Block, blocksOf, type DrawnUnit } from './block';
import { BARE, dressUp, target, type Dress } from './dress';
import { Folds, UNFOLDED } from './folds';
import { Gestures, type Ground, type PaneEvents } from './gestures';
import { select, selectedEnds, type Drawn as DrawnText } from './selection';
import type { UnitElement } from './unit';

/** Up to so many units are drawn at once, the others when they come near. */
const AT_ONCE: Record<Layout, number> = { flow: 240, rows: 60 };
/** How near: below and above what is seen. */
const NEAR = '200px 0px';

/** Prompt or response: its units as they are read, shaded by a question. */
export class Pane {
  readonly element: HTMLElement;
  /** Where the level of the units stands. */
  readonly head = h('div', { class: 'jxai-pane-head' });
  readonly #body = h('div', { class: 'jxai-pane-body', role: 'group' });
  readonly #side: Side;
  readonly #near: IntersectionObserver;
  readonly #folds = new Folds((indices) => this.#open(indices));
  readonly #gestures: Gestures;
  #sections: readonly Section[] = [];
  #layout: Layout = 'flow';
  #blocks: Block[] = [];
  #byElement = new Map<Element, Block>();
  #byIndex = new Map<number, Block>();
  #indexOf = new WeakMap<Element, number>();
  #lengths = new Map<number, number>();
  /** What was folded when the text was put together. */
  #composed = '';
  #thoughtsOpen = false;
  #onPaper = false;
  #entry: number | null = null;
  #dress: Dress = { ...BARE };

  constructor(side: Side, title: string, events: PaneEvents) {
    this.#side = side;
    this.#body.setAttribute('aria-label', title);
    this.element = h('section', { class: `jxai-pane jxai-pane-${side}`, 'aria-label': title });
    this.head.append(h('span', { class: 'jxai-title', dir: 'auto' }, title));
    this.element.append(this.head, this.#body);
    this.#near = new IntersectionObserver((entries) => this.#onNear(entries), {
      root: this.#body,
      rootMargin: NEAR,
    });
    const ground: Ground = {
      body: this.#body,
      spotOf: (target) => this.#spotOf(target),
      next: (from, key) => this.#next(from, key),
      focus: (index) => this.#focus(index),
      enter: (index) => this.#enter(index),
      texts: () => this.#texts(),
      lengthOf: (index) => this.#lengths.get(index) ?? 0,
      showPicked: (index, picked) => {
        const drawn = this.#drawn(index);
        if (drawn) drawn.unit.picked = picked;
      },
    };
    this.#gestures = new Gestures(ground, events);
  }

  /** Build the text anew. Only needed when the units themselves change. */
  build(sections: readonly Section[], layout: Layout, level: string, folding = UNFOLDED): void {
    this.#sections = sections;
    this.#layout = layout;
    this.#folds.begin(folding, level);
    this.#thoughtsOpen = false;
    this.#dress = { ...BARE };
    this.#gestures.begin();
    this.#lengths.clear();
    for (const { pieces } of sections) {
      for (const { text, index } of pieces)
        if (index !== null) this.#lengths.set(index, text.length);
    }
    this.#entry = null;
    this.#compose();
    this.#body.scrollTop = 0;
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** Fold long passages of quiet units, except where one of them is to be seen. */
  fold(folding: Folding): void {
    this.#folds.folding = folding;
    if (this.#foldedAway() !== this.#composed) this.#recompose();
  }

  paint(shown: Shown | null): void {
    this.#dress.shown = shown;
    this.#eachDrawn((unit, index) => unit.paint(shown, index));
    this.#folds.paint(shown);
  }

  describe(pinned: readonly number[], label: (index: number) => string): void {
    this.#dress.pinned = pinned;
    this.#dress.label = label;
    this.#eachDrawn((unit, index) => {
      unit.pressed = pinned.includes(index);
      unit.label = label(index);
    });
  }

  /** Say of every unit why it has no scores of its own; empty where it has. */
  asides(whys: readonly string[]): void {
    this.#dress.asides = whys;
    this.#eachDrawn((unit, index) => (unit.aside = whys[index] ?? ''));
  }

  /** Mark the characters that are explained by themselves, or are about to be. */
  target(targets: ReadonlyMap<number, readonly Within[]>, pending: boolean): void {
    this.#dress.targets = targets;
    this.#dress.pending = pending;
    const selection = document.getSelection();
    const own = [selection?.anchorNode, selection?.focusNode].every((node) =>
      this.#body.contains(node ?? null),
    );
    const selected = own ? selectedEnds(this.#texts()) : null;
    this.#eachDrawn((_, index, drawn) => target(drawn, index, this.#dress));
    if (selected) select(this.#texts(), selected);
  }

  mark(index: number | null): void {
    const before = this.#dress.marked;
    this.#dress.marked = index;
    for (const [each, marked] of [
      [before, false],
      [index, true],
    ] as const) {
      const drawn = each === null ? undefined : this.#drawn(each);
      if (drawn) drawn.unit.marked = marked;
    }
  }

  /** Strike out what is taken away elsewhere in the view. */
  strike(indices: readonly number[]): void {
    this.#dress.removed = new Set(indices);
    this.#eachDrawn((unit, index) => (unit.removed = this.#dress.removed.has(index)));
  }

  /** The element of a unit, if it is near enough to be drawn. */
  elementOf(index: number): HTMLElement | null {
    return this.#drawn(index)?.unit.element ?? null;
  }

  /** Scroll to a unit, out of its fold if it is in one. */
  reveal(index: number): void {
    if (!this.#byIndex.has(index)) this.#open([index]);
    const block = this.#byIndex.get(index);
    if (block?.details) block.details.open = true;
    this.#draw(block);
    this.elementOf(index)?.scrollIntoView({ block: 'nearest' });
  }

  /** Show all that is folded, unit by unit; afterwards only what is near again. */
  onPaper(printing: boolean): void {
    this.#onPaper = printing;
    this.#recompose();
    if (!printing) return;
    for (const details of this.#body.querySelectorAll('details')) details.open = true;
    for (const block of this.#blocks) this.#draw(block);
  }

  destroy(): void {
    this.#near.disconnect();
  }

  // Composing

  #recompose(): void {
    const focused = this.#spotOf(document.activeElement);
    const scrolled = this.#body.scrollTop;
    this.#compose();
    this.#body.scrollTop = scrolled;
    if (focused && this.#byIndex.has(focused.index)) this.#focus(focused.index);
  }

  #compose(): void {
    this.#near.disconnect();
    this.#blocks = [];
    this.#folds.clear();
    this.#byElement.clear();
    this.#byIndex.clear();
    this.#composed = this.#foldedAway();
    const named = new Set(this.#sections.map(({ role }) => role)).size > 1;
    const template = this.#sections.some(({ role }) => role === 'template');
    this.#body.replaceChildren(
      ...this.#sections.map((section) => this.#section(section, named)),
      ...(template ? [this.#templateToggle()] : []),
    );
    let drawn = 0;
    for (const block of this.#blocks) {
      if (drawn + block.indices.length <= AT_ONCE[this.#layout]) this.#draw(block);
      drawn += block.indices.length;
    }
    // A short text is drawn as a whole, once and for all.
    if (drawn > AT_ONCE[this.#layout]) {
      for (const { element } of this.#blocks) this.#near.observe(element);
    }
    this.#enter(this.#entryAmong(this.#visible()));
  }

  #section(section: Section, named: boolean): HTMLElement {
    const { role, pieces, thought } = section;
    const element = h('div', { class: `jxai-section jxai-role-${role}` });
    if (role === 'template') {
      const text = pieces.map((piece) => piece.text).join('');
      element.append(h('span', { class: 'jxai-template' }, text));
      return element;
    }
    if (named) {
      element.setAttribute('role', 'group');
      element.setAttribute('aria-label', ROLE_NAMES[role]);
      element.append(h('div', { class: 'jxai-role' }, ROLE_NAMES[role]));
    }
    const text = h('div', { class: `jxai-${this.#layout}`, dir: 'auto' });
    const details = thought ? this.#folded(text, pieces.length) : null;
    for (const { pieces: part, folded } of this.#passages(section)) {
      if (folded) text.append(this.#folds.button(part));
      else text.append(...this.#blocksOf(part, details));
    }
    element.append(details ?? text);
    return element;
  }

  #blocksOf(pieces: readonly Piece[], details: HTMLDetailsElement | null): HTMLElement[] {
    const blocks = blocksOf(pieces, this.#layout, this.#side === 'prompt', details);
    for (const block of blocks) {
      this.#blocks.push(block);
      this.#byElement.set(block.element, block);
      for (const index of block.indices) this.#byIndex.set(index, block);
    }
    return blocks.map(({ element }) => element);
  }

  /** Paper shows all. */
  #passages(section: Section): Passage[] {
    return this.#onPaper
      ? [{ pieces: section.pieces, folded: false }]
      : this.#folds.passages(section);
  }

  #foldedAway(): string {
    return this.#onPaper ? '' : this.#folds.away(this.#sections);
  }

  #open(indices: readonly number[]): void {
    this.#folds.open(indices);
    this.#recompose();
    const [first] = indices;
    if (first !== undefined) this.#focus(first);
  }

  #folded(text: HTMLElement, parts: number): HTMLDetailsElement {
    const summary = h('summary', { class: 'jxai-role' }, `Thoughts, ${count(parts, 'part')}`);
    const details = h('details', { class: 'jxai-thoughts' }, summary, text);
    details.open = this.#thoughtsOpen;
    details.addEventListener('toggle', () => {
      if (!this.#onPaper) this.#thoughtsOpen = details.open;
      this.#enter(this.#entryAmong(this.#visible()));
    });
    return details;
  }

  #templateToggle(): HTMLElement {
    const toggle = button('Show template', () => {
      const shown = this.#body.classList.toggle('jxai-with-template');
      toggle.setAttribute('aria-pressed', String(shown));
    });
    toggle.setAttribute('aria-pressed', String(this.#body.matches('.jxai-with-template')));
    toggle.classList.add('jxai-quiet');
    return toggle;
  }

  // Drawing what is near

  #onNear(entries: readonly IntersectionObserverEntry[]): void {
    if (this.#onPaper) return;
    for (const { target, isIntersecting } of entries) {
      const block = this.#byElement.get(target);
      if (!block) continue;
      if (isIntersecting) this.#draw(block);
      else if (!this.#inUse(block)) block.clear();
    }
  }

  /** What has the keyboard or is being selected is kept, else both would be lost. */
  #inUse({ element, indices }: Block): boolean {
    if (this.#entry !== null && indices.includes(this.#entry)) return true;
    const selection = document.getSelection();
    return !!selection && !selection.isCollapsed && selection.containsNode(element, true);
  }

  #draw(block: Block | undefined): void {
    if (!block || block.drawn) return;
    block.draw();
    for (const [index, drawn] of block.units) this.#dressUp(drawn, index);
  }

  #dressUp(drawn: DrawnUnit, index: number): void {
    this.#indexOf.set(drawn.unit.element, index);
    drawn.unit.element.tabIndex = index === this.#entry ? 0 : -1;
    dressUp(drawn, index, this.#dress);
    drawn.unit.picked = this.#gestures.picks(index);
  }

  #drawn(index: number): DrawnUnit | undefined {
    return this.#byIndex.get(index)?.units.get(index);
  }

  #eachDrawn(change: (unit: UnitElement, index: number, drawn: DrawnUnit) => void): void {
    for (const { units } of this.#blocks) {
      for (const [index, drawn] of units) change(drawn.unit, index, drawn);
    }
  }

  // Moving about

  /** Units that are not folded away, in order. */
  #visible(): number[] {
    return this.#blocks.flatMap(({ indices, details }) =>
      details && !details.open ? [] : indices,
    );
  }

  /** The unit that was entered last, as long as it is visible; else the first that is. */
  #entryAmong(visible: readonly number[]): number | null {
    const entry = this.#entry;
    return entry !== null && visible.includes(entry) ? entry : (visible[0] ?? null);
  }

  /** Which unit a key leads to. */
  #next(from: number, key: string): number | null {
    const visible = this.#visible();
    if (key === 'Home') return visible[0] ?? null;
    if (key === 'End') return visible[visible.length - 1] ?? null;
    const at = this.#blocks.findIndex(({ indices }) => indices.includes(from));
    const around = this.#blocks.slice(Math.max(0, at - 2), at + 3);
    const near = around.filter(({ details }) => !details || details.open);
    for (const block of near) this.#draw(block);
    const indices = near.flatMap((block) => block.indices);
    const elements = indices.flatMap((index) => this.elementOf(index) ?? []);
    const place = step(elements, indices.indexOf(from), key);
    return place === null ? null : (indices[place] ?? null);
  }

  #focus(index: number): void {
    this.#draw(this.#byIndex.get(index));
    this.elementOf(index)?.focus();
  }

  /** One unit is reached by Tab, the others from it by the arrows. */
  #enter(index: number | null): void {
    const before = this.#entry === null ? null : this.elementOf(this.#entry);
    before?.setAttribute('tabindex', '-1');
    this.#entry = index;
    if (index === null) return;
    this.#draw(this.#byIndex.get(index));
    this.elementOf(index)?.setAttribute('tabindex', '0');
  }

  #spotOf(target: EventTarget | null): Spot | null {
    const element = target instanceof Element ? target.closest('.jxai-unit') : null;
    const index = element ? this.#indexOf.get(element) : undefined;
    return index === undefined ? null : { side: this.#side, index };
  }

  *#texts(): Iterable<DrawnText> {
    for (const { units } of this.#blocks) {
      for (const [index, { unit, skipped }] of units) yield { index, element: unit.text, skipped };
    }
  }
}
