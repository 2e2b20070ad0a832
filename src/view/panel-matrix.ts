import { foreign, h } from './dom';
import type { Drawing } from './drawing';
import { excerpt, integer, signed } from './format';
import type { Spot } from './focus';
import { order } from './rank';
import { isNoise, tint, type Scale } from './scale';
import { largest, type ScoreTable } from './table';
import type { Panel } from './tabs';

/** More cells than this would make the page slow; the strongest rows and columns are drawn. */
const MOST_CELLS = 6000;
const MOST_COLUMNS = 120;
/** Up to this many columns there is room for the numbers. */
const NUMBERED_COLUMNS = 10;

export interface Grid {
  readonly drawing: Drawing;
  readonly pinned: (spot: Spot) => boolean;
}

/** Something that stands for a prompt unit and a response unit. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly anchor: Element;
}

export interface GridEvents {
  /** It is pointed at; null when the pointer left. */
  cell(at: Cell | null): void;
  point(spot: Spot | null): void;
  toggle(spot: Spot): void;
}

/** Every prompt unit against every response unit. */
export class MatrixPanel implements Panel {
  readonly name = 'Matrix';
  readonly element = h('div', { tabindex: 0 });
  readonly #scroll: HTMLElement;
  readonly #remark = h('p', { class: 'jxai-panel-title' });
  readonly #grid: () => Grid | null;
  readonly #events: GridEvents;
  #places = new WeakMap<Element, { row: number; column: number }>();
  #headers: { button: HTMLButtonElement; spot: Spot }[] = [];

  constructor(grid: () => Grid | null, events: GridEvents) {
    this.#grid = grid;
    this.#events = events;
    const label = 'Scores of every prompt part for every answer part';
    this.#scroll = h('div', {
      class: 'jxai-matrix-scroll',
      role: 'region',
      tabindex: 0,
      'aria-label': label,
    });
    this.element.append(this.#remark, this.#scroll);
    this.#scroll.addEventListener('pointerover', (event) => {
      const cell = event.target instanceof Element ? event.target.closest('td') : null;
      const place = cell ? this.#places.get(cell) : undefined;
      this.#events.cell(cell && place ? { ...place, anchor: cell } : null);
    });
    this.#scroll.addEventListener('pointerleave', () => this.#events.cell(null));
  }

  draw(): void {
    const grid = this.#grid();
    if (!grid) return;
    const { table, scale } = grid.drawing;
    const columns = strongest(
      table.columns.map((_, j) => largest(table.forResponse([j]).values)),
      MOST_COLUMNS,
    );
    const rows = strongest(
      table.units.map((_, row) => largest(columns.map((j) => table.cell(row, j)))),
      Math.floor(MOST_CELLS / Math.max(1, columns.length)),
    );
    this.#remark.textContent = remark(table, rows.length, columns.length);
    this.#places = new WeakMap();
    this.#headers = [];
    const numbered = columns.length <= NUMBERED_COLUMNS;
    const head = h('tr', {}, h('td', { class: 'jxai-corner' }));
    for (const j of columns) {
      const text = table.columns[j]?.text ?? '';
      head.append(this.#header({ side: 'response', index: j }, text, 'col', numbered));
    }
    const body = h('tbody');
    for (const row of rows) {
      const line = h(
        'tr',
        {},
        this.#header({ side: 'prompt', index: row }, grid.drawing.promptText(row), 'row', true),
      );
      for (const j of columns) line.append(this.#cell(table.cell(row, j), row, j, scale));
      body.append(line);
    }
    const kind = numbered ? 'jxai-numbered' : 'jxai-dense';
    this.#scroll.replaceChildren(
      h('table', { class: `jxai-matrix ${kind}` }, h('thead', {}, head), body),
    );
    this.pins();
  }

  /** Show anew which headers are pinned. */
  pins(): void {
    const grid = this.#grid();
    for (const { button, spot } of this.#headers) {
      button.setAttribute('aria-pressed', String(grid?.pinned(spot) ?? false));
    }
  }

  #header(spot: Spot, text: string, scope: 'row' | 'col', roomy: boolean): HTMLElement {
    const short = roomy ? foreign(excerpt(text, 90)) : integer(spot.index + 1);
    const button = h(
      'button',
      { type: 'button', class: 'jxai-matrix-head', title: excerpt(text, 200) },
      short,
    );
    if (!roomy) button.setAttribute('aria-label', `${integer(spot.index + 1)}, “${excerpt(text)}”`);
    button.addEventListener('pointerenter', () => this.#events.point(spot));
    button.addEventListener('pointerleave', () => this.#events.point(null));
    button.addEventListener('focus', () => {
      if (button.matches(':focus-visible')) this.#events.point(spot);
    });
    button.addEventListener('blur', () => this.#events.point(null));
    button.addEventListener('click', () => this.#events.toggle(spot));
    this.#headers.push({ button, spot });
    return h('th', { scope, class: `jxai-matrix-${spot.side}` }, button);
  }

  #cell(score: number | null, row: number, column: number, scale: Scale): HTMLElement {
    const cell = h('td', {}, score === null ? '–' : signed(score));
    cell.style.setProperty('--jxai-tint', tint(scale, score).toFixed(3));
    if (score === null) cell.className = 'jxai-unknown';
    else if (isNoise(scale, score)) cell.className = 'jxai-noise';
    else if (score < 0) cell.className = 'jxai-opposes';
    this.#places.set(cell, { row, column });
    return cell;
  }
}

/** The strongest few, in their own order. */
function strongest(sizes: readonly number[], most: number): number[] {
  return order([...sizes])
    .slice(0, most)
    .sort((a, b) => a - b);
}

function remark(table: ScoreTable, rows: number, columns: number): string {
  const n = table.rows;
  const m = table.columns.length;
  const size = `${integer(n)} prompt parts × ${integer(m)} answer parts`;
  if (rows === n && columns === m) return size;
  return `${size}; the strongest ${integer(rows)} × ${integer(columns)} are drawn`;
}
