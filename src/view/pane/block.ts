import { h } from '../elements/dom';
import type { Layout } from '../model/layout';
import { trim, type Piece } from '../model/sections';
import { UnitElement } from './unit';

/** So many units are drawn or left as text together. */
const SIZE: Record<Layout, number> = { flow: 60, rows: 15 };

/** What a row adds to the height of its text, in pixels, as the style sheet has it. */
const ROW_PADDING = 8;
const PARAGRAPH_GAP = 10;

/** A unit that is drawn, and how much white space before its text is not part of its element. */
export interface DrawnUnit {
  readonly unit: UnitElement;
  readonly skipped: number;
}

/**
 * A stretch of text: drawn unit by unit while it is near what the reader sees, else as one piece of
 * plain text that takes the same room. So a prompt of any length can be scrolled, searched, copied
 * and read aloud, while the page holds few elements.
 */
export class Block {
  readonly element: HTMLElement;
  readonly details: HTMLDetailsElement | null;
  /** Indices of its units, in order. */
  readonly indices: readonly number[];
  readonly units = new Map<number, DrawnUnit>();
  readonly #pieces: readonly Piece[];
  readonly #layout: Layout;
  readonly #bars: boolean;
  #drawn = false;

  constructor(
    pieces: readonly Piece[],
    layout: Layout,
    bars: boolean,
    details: HTMLDetailsElement | null,
  ) {
    this.#pieces = pieces;
    this.#layout = layout;
    this.#bars = bars;
    this.details = details;
    this.indices = pieces.flatMap(({ index }) => (index === null ? [] : [index]));
    this.element = h(layout === 'flow' ? 'span' : 'div', { class: 'jxai-block' });
    this.#clear();
  }

  get drawn(): boolean {
    return this.#drawn;
  }

  draw(): void {
    if (this.#drawn) return;
    this.#drawn = true;
    this.element.classList.remove('jxai-plain');
    this.element.style.paddingBlockEnd = '';
    this.element.replaceChildren(...this.#pieces.flatMap((piece) => this.#nodes(piece)));
  }

  /** Plain text again. */
  clear(): void {
    if (this.#drawn) this.#clear();
  }

  #clear(): void {
    this.#drawn = false;
    this.units.clear();
    this.element.classList.add('jxai-plain');
    if (this.#layout === 'flow') {
      this.element.textContent = this.#pieces.map(({ text }) => text).join('');
      return;
    }
    const texts = this.#pieces.map(({ text }) => trim(text));
    this.element.textContent = texts.map(({ core }) => core).join('\n');
    const gaps = texts.filter(({ after }) => endsParagraph(after)).length;
    const padding = texts.length * ROW_PADDING + gaps * PARAGRAPH_GAP;
    this.element.style.paddingBlockEnd = `${padding}px`;
  }

  #nodes({ text, index }: Piece): (Node | string)[] {
    const { before, core, after } = trim(text);
    let element: HTMLElement;
    if (index === null) {
      element = quiet(core, this.#layout);
    } else {
      const unit = new UnitElement(core, this.#layout, this.#bars);
      this.units.set(index, { unit, skipped: before.length });
      element = unit.element;
    }
    if (this.#layout === 'flow') return [before, element, after].filter((node) => node !== '');
    element.classList.toggle('jxai-paragraph-end', endsParagraph(after));
    return [element];
  }
}

/** Cut into blocks, at line breaks where there are some: there a change moves nothing else. */
export function blocksOf(
  pieces: readonly Piece[],
  layout: Layout,
  bars: boolean,
  details: HTMLDetailsElement | null,
): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  pieces.forEach(({ text }, at) => {
    const size = at + 1 - from;
    const full = size >= SIZE[layout] || (size >= SIZE[layout] / 2 && text.endsWith('\n'));
    if (!full && at + 1 < pieces.length) return;
    blocks.push(new Block(pieces.slice(from, at + 1), layout, bars, details));
    from = at + 1;
  });
  return blocks;
}

function quiet(text: string, layout: Layout): HTMLElement {
  const why = 'Protected: never removed, so it has no score';
  return h(layout === 'rows' ? 'div' : 'span', { class: 'jxai-protected', title: why }, text);
}

function endsParagraph(after: string): boolean {
  return /\n[^\S\n]*\n/.test(after);
}
