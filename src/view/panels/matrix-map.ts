import { foreign, h } from '../elements/dom';
import { inkOf } from '../elements/ink';
import type { Side, Spot } from '../model/focus';
import { tint } from '../model/scale';
import { excerpt, integer } from '../wording/format';
import type { Grid, GridEvents } from './grid';

const ROW = 22;
const COLUMN = 16;
/** Room for the texts beside and above the cells. */
const BESIDE = 190;
const BESIDE_NARROW = 110;
const ABOVE = 84;
const NARROW = 480;
const TALLEST = 420;
/** Where nothing is laid out yet, as on paper. */
const WIDTH = 640;
/** As the style sheet has it. */
const FULL = 0.56;

/** Which rows or columns are seen, and how far the first of them is cut off. */
interface Stretch {
  readonly first: number;
  readonly count: number;
  readonly cut: number;
}

/**
 * All cells of a large matrix, of which those in view are painted on a canvas: it may have millions.
 * Texts beside and above it are buttons, as in a table.
 */
export class MatrixMap {
  readonly element: HTMLElement;
  readonly #canvas = h('canvas', { 'aria-hidden': 'true' });
  readonly #cursor = h('div', { class: 'jxai-map-cursor', hidden: true });
  readonly #beside = h('div', { class: 'jxai-map-rows', role: 'group', 'aria-label': 'Prompt' });
  readonly #above = h('div', {
    class: 'jxai-map-columns',
    role: 'group',
    'aria-label': 'Response',
  });
  readonly #layer: HTMLElement;
  readonly #sizer: HTMLElement;
  readonly #grid: Grid;
  /** Prompt units from top to bottom. */
  readonly #order: readonly number[];
  readonly #events: GridEvents;
  readonly #resized = new ResizeObserver(() => this.draw());
  readonly #buttons = new Map<string, HTMLButtonElement>();
  /** Which header is reached by Tab, of rows and of columns. */
  readonly #entries: Record<Side, number> = { prompt: 0, response: 0 };

  constructor(grid: Grid, order: readonly number[], events: GridEvents) {
    this.#grid = grid;
    this.#order = order;
    this.#events = events;
    this.#layer = h('div', { class: 'jxai-map-layer' });
    this.#layer.append(this.#canvas, this.#cursor, this.#beside, this.#above);
    this.#sizer = h('div', { class: 'jxai-map-sizer' }, this.#layer);
    this.element = h('div', { class: 'jxai-map', role: 'region', tabindex: 0 }, this.#sizer);
    this.element.setAttribute('aria-label', 'Scores of every prompt part for every answer part');
    this.element.addEventListener('scroll', () => this.draw(), { passive: true });
    this.#canvas.addEventListener('pointermove', (event) => this.#onMove(event));
    this.#canvas.addEventListener('pointerleave', () => this.#point(null));
    this.#resized.observe(this.element);
  }

  destroy(): void {
    this.#resized.disconnect();
  }

  draw(): void {
    const { table } = this.#grid.drawing;
    const beside = this.#room();
    const wide = beside + table.columns.length * COLUMN;
    const tall = ABOVE + table.rows * ROW;
    this.#sizer.style.width = `${wide}px`;
    this.#sizer.style.height = `${tall}px`;
    const width = Math.min(this.element.clientWidth || WIDTH, wide);
    const height = Math.min(this.element.clientHeight || TALLEST, tall);
    this.#layer.style.width = `${width}px`;
    this.#layer.style.height = `${height}px`;
    const { scrollLeft, scrollTop } = this.element;
    const rows = stretch(scrollTop, height - ABOVE, ROW, table.rows);
    const columns = stretch(scrollLeft, width - beside, COLUMN, table.columns.length);
    this.#point(null);
    this.#paint(rows, columns, width, height);
    this.#head('prompt', rows);
    this.#head('response', columns);
  }

  /** Show anew which headers are pinned. */
  pins(): void {
    for (const button of this.#buttons.values()) {
      button.setAttribute('aria-pressed', String(this.#grid.pinned(this.#spotOf(button))));
    }
  }

  #room(): number {
    return (this.element.clientWidth || WIDTH) < NARROW ? BESIDE_NARROW : BESIDE;
  }

  #paint(rows: Stretch, columns: Stretch, width: number, height: number): void {
    const sharp = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * sharp);
    this.#canvas.height = Math.round(height * sharp);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const { table, scale } = this.#grid.drawing;
    const ink = inkOf(this.element);
    const left = this.#room();
    context.scale(sharp, sharp);
    context.beginPath();
    context.rect(left, ABOVE, width - left, height - ABOVE);
    context.clip();
    for (let i = 0; i < rows.count; i += 1) {
      const y = ABOVE - rows.cut + i * ROW;
      for (let j = 0; j < columns.count; j += 1) {
        const x = left - columns.cut + j * COLUMN;
        const score = table.cell(this.#order[rows.first + i] ?? 0, columns.first + j);
        context.globalAlpha = 0.4;
        context.fillStyle = ink.line;
        context.fillRect(x, y, COLUMN - 1, ROW - 1);
        if (score === null) {
          context.globalAlpha = 0.5;
          context.fillStyle = ink.quiet;
          context.fillRect(x + 5, y + 10, 5, 1);
          continue;
        }
        const shade = tint(scale, score);
        if (shade === 0) continue;
        context.globalAlpha = shade * FULL;
        context.fillStyle = score < 0 ? ink.opposes : ink.supports;
        context.fillRect(x, y, COLUMN - 1, ROW - 1);
      }
    }
  }

  #head(side: Side, { first, count, cut }: Stretch): void {
    const place = side === 'prompt' ? this.#beside : this.#above;
    place.style.setProperty('--jxai-cut', `${-cut}px`);
    place.style.setProperty('--jxai-beside', `${this.#room()}px`);
    const last = first + count - 1;
    this.#entries[side] = Math.max(first, Math.min(last, this.#entries[side]));
    const kept = new Set<HTMLElement>();
    for (let at = first; at <= last; at += 1) {
      const key = `${side} ${at}`;
      const button = this.#buttons.get(key) ?? this.#button(side, at);
      this.#buttons.set(key, button);
      button.style.setProperty('--jxai-place', String(at - first));
      button.tabIndex = at === this.#entries[side] ? 0 : -1;
      kept.add(button);
      if (button.parentElement !== place) place.append(button);
    }
    for (const [key, button] of this.#buttons) {
      if (button.dataset.jxaiSide !== side || kept.has(button)) continue;
      button.remove();
      this.#buttons.delete(key);
    }
  }

  #button(side: Side, at: number): HTMLButtonElement {
    const spot = this.#spotAt(side, at);
    const { index } = spot;
    const { table } = this.#grid.drawing;
    const text =
      side === 'prompt' ? this.#grid.drawing.promptText(index) : (table.columns[index]?.text ?? '');
    const attributes = {
      type: 'button',
      class: 'jxai-matrix-head',
      title: excerpt(text, 200),
      'aria-label': `${integer(index + 1)}, “${excerpt(text)}”`,
      'aria-pressed': String(this.#grid.pinned(spot)),
      'data-jxai-side': side,
      'data-jxai-at': at,
    };
    const button = h('button', attributes, foreign(excerpt(text, side === 'prompt' ? 40 : 14)));
    button.addEventListener('pointerenter', () => this.#events.point(spot));
    button.addEventListener('pointerleave', () => this.#events.point(null));
    button.addEventListener('focus', () => {
      this.#entries[side] = at;
      if (button.matches(':focus-visible')) this.#events.point(spot);
    });
    button.addEventListener('blur', () => this.#events.point(null));
    button.addEventListener('click', () => this.#events.toggle(spot));
    button.addEventListener('keydown', (event) => this.#onKey(event, side, at));
    return button;
  }

  #onKey(event: KeyboardEvent, side: Side, at: number): void {
    const { table } = this.#grid.drawing;
    const last = (side === 'prompt' ? table.rows : table.columns.length) - 1;
    const places: Record<string, number> = {
      [side === 'prompt' ? 'ArrowDown' : 'ArrowRight']: at + 1,
      [side === 'prompt' ? 'ArrowUp' : 'ArrowLeft']: at - 1,
      Home: 0,
      End: last,
    };
    const next = places[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#reach(side, Math.max(0, Math.min(last, next)));
  }

  /** Scroll as far as a header needs, and focus it. */
  #reach(side: Side, at: number): void {
    const [size, length, way] =
      side === 'prompt'
        ? ([ROW, this.element.clientHeight - ABOVE, 'scrollTop'] as const)
        : ([COLUMN, this.element.clientWidth - this.#room(), 'scrollLeft'] as const);
    const start = at * size;
    if (start < this.element[way]) this.element[way] = start;
    else if (start + size > this.element[way] + length) this.element[way] = start + size - length;
    this.#entries[side] = at;
    this.draw();
    this.#buttons.get(`${side} ${at}`)?.focus({ preventScroll: true });
  }

  /** What stands at a place from the top or from the left. */
  #spotAt(side: Side, at: number): Spot {
    return { side, index: side === 'prompt' ? (this.#order[at] ?? 0) : at };
  }

  #spotOf({ dataset }: HTMLElement): Spot {
    return this.#spotAt(dataset.jxaiSide as Side, Number(dataset.jxaiAt));
  }

  #onMove({ offsetX, offsetY }: PointerEvent): void {
    const { table } = this.#grid.drawing;
    const left = this.#room();
    const row = Math.floor((offsetY - ABOVE + this.element.scrollTop) / ROW);
    const column = Math.floor((offsetX - left + this.element.scrollLeft) / COLUMN);
    const within = offsetX >= left && offsetY >= ABOVE;
    const there = row < table.rows && column < table.columns.length;
    this.#point(within && there ? { row, column } : null);
  }

  #point(at: { row: number; column: number } | null): void {
    if (!at) {
      if (!this.#cursor.hidden) this.#events.cell(null);
      this.#cursor.hidden = true;
      return;
    }
    const x = this.#room() - this.element.scrollLeft + at.column * COLUMN;
    const y = ABOVE - this.element.scrollTop + at.row * ROW;
    this.#cursor.hidden = false;
    this.#cursor.style.transform = `translate(${x}px, ${y}px)`;
    const { index: row } = this.#spotAt('prompt', at.row);
    this.#events.cell({ row, column: at.column, anchor: this.#cursor });
  }
}

function stretch(scrolled: number, length: number, size: number, most: number): Stretch {
  const first = Math.min(Math.floor(scrolled / size), Math.max(0, most - 1));
  const cut = scrolled - first * size;
  const count = Math.max(0, Math.min(most - first, Math.ceil((length + cut) / size)));
  return { first, count, cut };
}
