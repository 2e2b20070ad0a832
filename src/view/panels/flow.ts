import { button, foreign, h, setText } from '../elements/dom';
import { Slider } from '../elements/slider';
import { svg } from '../elements/svg';
import type { Drawing } from '../model/drawing';
import { asked, type Focus, type Side, type Spot } from '../model/focus';
import {
  chooseLinks,
  firstShare,
  linksOf,
  SHARES,
  type ChosenLinks,
  type Link,
  type Links,
} from '../model/links';
import { isNoise, tint, type Scale } from '../model/scale';
import type { ScoreTable } from '../model/score-table';
import { count, excerpt, integer, number, signed } from '../wording/format';
import { scoreUnit } from '../wording/sentences';
import type { GridEvents } from './grid';
import type { Panel } from './tabs';

/** The picture is this wide in its own units, and stretched to the room there is. */
const WIDTH = 100;
const ROW_HEIGHT = 24;
const THINNEST = 0.75;
const THICKEST = 9;

export interface Flow {
  readonly drawing: Drawing;
  readonly focus: Focus;
}

interface Arc {
  readonly link: Link;
  readonly path: SVGPathElement;
}

/** Arcs from the parts of the prompt to the parts of the answer that they made. */
export class FlowPanel implements Panel {
  readonly name = 'Flow';
  readonly element = h('div', { tabindex: 0 });
  readonly #flow: () => Flow | null;
  readonly #events: GridEvents;
  readonly #threshold: Slider;
  readonly #remark = h('p', { class: 'jxai-panel-title', role: 'status' });
  readonly #picture = h('div', { class: 'jxai-flow-picture' });
  readonly #listed: HTMLButtonElement;
  readonly #table: HTMLTableElement;
  readonly #lines = h('tbody');
  /** What the person chose; until then what suits the explanation. */
  #share: number | null = null;
  #read: { table: ScoreTable; links: Links } | null = null;
  #arcs: Arc[] = [];
  #ends: { label: HTMLButtonElement; spot: Spot }[] = [];

  constructor(flow: () => Flow | null, events: GridEvents) {
    this.#flow = flow;
    this.#events = events;
    this.#threshold = new Slider('threshold', (index) => {
      this.#share = SHARES[index] ?? 0;
      this.draw();
    });
    const head = ['Part of the prompt', 'Part of the answer', 'Score'];
    this.#table = h(
      'table',
      { class: 'jxai-links', hidden: true },
      h('thead', {}, h('tr', {}, ...head.map((name) => h('th', { scope: 'col' }, name)))),
      this.#lines,
    );
    this.#listed = button('As a table', () => {
      this.#table.hidden = !this.#table.hidden;
      this.draw();
    });
    this.#listed.classList.add('jxai-quiet');
    const top = h('div', { class: 'jxai-flow-head' }, this.#threshold.element, this.#remark);
    this.element.append(top, this.#picture, this.#listed, this.#table);
    this.#picture.addEventListener('pointerover', (event) => {
      const arc = this.#arcs.find(({ path }) => path === event.target);
      this.#events.cell(arc ? { ...arc.link, anchor: arc.path } : null);
      this.#emphasise(arc ? (link) => link === arc.link : null);
    });
    this.#picture.addEventListener('pointerleave', () => {
      this.#events.cell(null);
      this.follow();
    });
  }

  draw(): void {
    const flow = this.#flow();
    if (!flow) return;
    const { drawing } = flow;
    const { table, scale, explanation } = drawing;
    if (this.#read?.table !== table) this.#read = { table, links: linksOf(table) };
    const { links } = this.#read;
    const share = this.#share ?? firstShare(links, scale.noise);
    const unit = scoreUnit(explanation);
    this.#threshold.set({
      steps: SHARES.map((_, index) => index),
      value: SHARES.findIndex((each) => each === share),
      text: (index) => `${number((SHARES[index] ?? 0) * links.largest)} ${unit}`.trimEnd(),
      why: links.largest > 0 ? '' : 'There are no scores yet.',
    });
    const picked = chooseLinks(links, share);
    setText(this.#remark, remark(picked));
    this.#drawPicture(picked, drawing, scale);
    this.#drawTable(picked, drawing);
    this.follow();
  }

  /** What is pointed at or pinned stands out; the rest steps back. */
  follow(): void {
    const flow = this.#flow();
    if (!flow) return;
    const { focus } = flow;
    const rows = new Set(asked(focus, 'prompt'));
    const columns = new Set(asked(focus, 'response'));
    for (const { label, spot } of this.#ends) {
      label.setAttribute('aria-pressed', String(focus[spot.side].includes(spot.index)));
    }
    const meant = ({ row, column }: Link): boolean =>
      (rows.size === 0 || rows.has(row)) && (columns.size === 0 || columns.has(column));
    this.#emphasise(rows.size + columns.size > 0 ? meant : null);
  }

  #emphasise(meant: ((link: Link) => boolean) | null): void {
    for (const { link, path } of this.#arcs) {
      path.classList.toggle('jxai-faint', meant !== null && !meant(link));
    }
  }

  #drawPicture(picked: ChosenLinks, drawing: Drawing, scale: Scale): void {
    const { rows, columns, links } = picked;
    const height = Math.max(rows.length, columns.length) * ROW_HEIGHT;
    const middle = (place: number, of: number): number => ((place + 0.5) * height) / of;
    this.#arcs = links.map((link) => {
      const from = middle(rows.indexOf(link.row), rows.length);
      const to = middle(columns.indexOf(link.column), columns.length);
      const half = WIDTH / 2;
      const path = svg('path', {
        d: `M0 ${from}C${half} ${from} ${half} ${to} ${WIDTH} ${to}`,
        class: link.score < 0 ? 'jxai-arc jxai-opposes' : 'jxai-arc',
        'stroke-width': thickness(link.score, scale),
      });
      // On the view's own scale, as everywhere else; never so faint that it cannot be seen.
      const shade = isNoise(scale, link.score) ? 0 : tint(scale, link.score);
      path.style.setProperty('--jxai-tint', shade.toFixed(3));
      return { link, path };
    });
    this.#ends = [];
    const picture = svg(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${Math.max(height, 1)}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${count(links.length, 'arc')} from the prompt to the answer; the table below tells them`,
      },
      // The strongest lie on top.
      ...this.#arcs.map(({ path }) => path).reverse(),
    );
    this.#picture.style.height = `${height}px`;
    this.#picture.replaceChildren(
      this.#labels('prompt', rows, (row) => drawing.promptText(row)),
      picture,
      this.#labels('response', columns, (column) => drawing.table.columns[column]?.text ?? ''),
    );
  }

  #labels(side: Side, indices: readonly number[], text: (index: number) => string): HTMLElement {
    const labels = indices.map((index) => {
      const spot: Spot = { side, index };
      const label = h(
        'button',
        { type: 'button', class: 'jxai-flow-end', title: excerpt(text(index), 200) },
        foreign(excerpt(text(index), 90)),
      );
      label.addEventListener('pointerenter', () => this.#events.point(spot));
      label.addEventListener('pointerleave', () => this.#events.point(null));
      label.addEventListener('focus', () => {
        if (label.matches(':focus-visible')) this.#events.point(spot);
      });
      label.addEventListener('blur', () => this.#events.point(null));
      label.addEventListener('click', () => this.#events.toggle(spot));
      this.#ends.push({ label, spot });
      return label;
    });
    const name = side === 'prompt' ? 'Parts of the prompt' : 'Parts of the answer';
    return h(
      'div',
      { class: `jxai-flow-ends jxai-flow-${side}`, role: 'group', 'aria-label': name },
      ...labels,
    );
  }

  #drawTable({ links }: ChosenLinks, drawing: Drawing): void {
    this.#listed.setAttribute('aria-expanded', String(!this.#table.hidden));
    if (this.#table.hidden) return;
    const rows = links.map(({ row, column, score }) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, foreign(excerpt(drawing.promptText(row)))),
        h('td', {}, foreign(excerpt(drawing.table.columns[column]?.text ?? ''))),
        h('td', {}, signed(score)),
      ),
    );
    this.#lines.replaceChildren(...rows);
  }
}

function thickness(score: number, { limit }: Scale): number {
  const share = limit > 0 ? Math.min(1, Math.abs(score) / limit) : 0;
  return Number((THINNEST + share * (THICKEST - THINNEST)).toFixed(2));
}

function remark({ links, hidden }: ChosenLinks): string {
  const drawn = count(links.length, 'arc');
  return hidden > 0 ? `${drawn}, the strongest; ${integer(hidden)} more are hidden` : drawn;
}
