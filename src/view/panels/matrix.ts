import { foreign, h } from '../elements/dom';
import type { Spot } from '../model/focus';
import { order } from '../model/rank';
import { isNoise, tint, type Scale } from '../model/scale';
import type { ScoreTable } from '../model/score-table';
import { count, excerpt, integer, signed } from '../wording/format';
import type { Grid, GridEvents } from './grid';
import { MatrixMap } from './matrix-map';
import type { Panel } from './tabs';

/** More cells than this are painted, not set as a table. */
const MOST_CELLS = 400;
/** Up to this many columns there is room for the numbers. */
const NUMBERED_COLUMNS = 10;

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
  #map: MatrixMap | null = null;
  readonly #sorted = h('input', { type: 'checkbox', class: 'jxai-checkbox', checked: true });
  readonly #sorting: HTMLElement;

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
    this.#sorting = h('label', { class: 'jxai-own-scale' }, this.#sorted, 'strongest rows first');
    this.#sorted.addEventListener('change', () => this.draw());
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
    this.#remark.textContent = remark(table);
    const { scrollLeft = 0, scrollTop = 0 } = this.#map?.element ?? {};
    this.#map?.destroy();
    this.#map = null;
    if (table.rows * table.columns.length > MOST_CELLS) {
      this.#drawMap(grid).scrollTo(scrollLeft, scrollTop);
      return;
    }
    const columns = table.columns.map((_, j) => j);
    const rows = table.units.map((_, row) => row);
    this.#places = new WeakMap();
    this.#headers = [];
    this.element.replaceChildren(this.#remark, this.#scroll);
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
    this.#scroll.hidden = false;
    this.#scroll.replaceChildren(
      h('table', { class: `jxai-matrix ${kind}` }, h('thead', {}, head), body),
    );
    this.pins();
  }

  #drawMap(grid: Grid): HTMLElement {
    this.#scroll.hidden = true;
    this.#scroll.replaceChildren();
    this.#headers = [];
    const { table } = grid.drawing;
    const inOrder = table.units.map((_, row) => row);
    const rows = this.#sorted.checked ? order(table.peaks()) : inOrder;
    this.#map = new MatrixMap(grid, rows, this.#events);
    this.#remark.append(' · ', this.#sorting);
    this.element.replaceChildren(this.#remark, this.#scroll, this.#map.element);
    this.#map.draw();
    return this.#map.element;
  }

  /** Show anew which headers are pinned. */
  pins(): void {
    this.#map?.pins();
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

function remark(table: ScoreTable): string {
  return `${count(table.rows, 'prompt part')} × ${count(table.columns.length, 'answer part')}`;
}
