import type { Comparison, ComparedEntry } from '../../protocol/comparison';
import { h, setText } from '../elements/dom';
import { Slider } from '../elements/slider';
import type { Mounted } from '../host';
import { agreementLine, inCommon, sharesAnswer, standing } from '../model/agreement';
import { Drawing, type Settled } from '../model/drawing';
import { asked, hover, NOTHING, toggle, type Focus, type Spot } from '../model/focus';
import { layoutFor } from '../model/layout';
import { promptSections, responseSections } from '../model/sections';
import { stepsOfK } from '../model/steps';
import { Pane } from '../pane/pane';
import { excerpt, integer, oneLine } from '../wording/format';
import { levelName } from '../wording/levels';
import { methodTitle, scoreTitle } from '../wording/sentences';

const SCALE =
  'Plus supports, minus opposes. One scale for all columns: full colour is each column’s largest ' +
  'score, since methods measure in different units.';

interface Column extends ComparedEntry {
  readonly drawing: Drawing;
  readonly pane: Pane;
  readonly byUnit: ReadonlyMap<number, number>;
}

/** Several explanations as columns: what is pointed at in one is found in all. */
export class ComparisonView implements Mounted {
  readonly #comparison: Comparison;
  readonly #root = h('div', { class: 'jxai-view jxai-comparison' });
  readonly #caption = h('span', { class: 'jxai-question' });
  readonly #line = h('div', { class: 'jxai-standing', role: 'status' });
  readonly #facts = h('ul', { class: 'jxai-facts', 'aria-label': 'Agreement' });
  readonly #columns: readonly Column[];
  /** The answer, where it is the same in all of them. */
  readonly #answer: Pane | null;
  #response: Focus = NOTHING;
  /** Prompt units by the first entry's count: pointed at, and pinned. */
  #unit: number | null = null;
  #pinned: number | null = null;
  #k: number;

  /** With a button it leads back to what it was opened from. */
  constructor(el: HTMLElement, comparison: Comparison, back: HTMLButtonElement | null = null) {
    this.#comparison = comparison;
    this.#k = comparison.k;
    this.#columns = comparison.entries.map((entry) => this.#column(entry));
    this.#answer = sharesAnswer(comparison) ? this.#shared() : null;
    const most = Math.max(...this.#columns.map(({ units }) => units.length));
    const k = new Slider('k', (value) => {
      this.#k = value;
      this.#paint();
    });
    k.set({ steps: stepsOfK(most), value: this.#k, text: integer, why: '' });
    this.#root.append(
      h('div', { class: 'jxai-compare-head' }, ...(back ? [back] : []), this.#caption, k.element),
      h('div', { class: 'jxai-columns' }, ...this.#columns.map((column) => this.#drawn(column))),
      ...(this.#answer ? [this.#answer.element] : []),
      this.#line,
      h('div', { class: 'jxai-compare-foot' }, this.#facts, h('p', {}, SCALE)),
    );
    this.#root.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape') return;
      const rests = this.#pinned === null && this.#response.response.length === 0;
      if (back && rests) return back.click();
      this.#response = NOTHING;
      this.#unit = this.#pinned = null;
      this.#paint();
    });
    el.append(this.#root);
    this.#describe();
    this.#paint();
  }

  destroy(): void {
    for (const { pane } of this.#columns) pane.destroy();
    this.#answer?.destroy();
    this.#root.remove();
  }

  #column(entry: ComparedEntry): Column {
    const { explanation, units, label } = entry;
    const byUnit = new Map<number, number>();
    units.forEach((unit, row) => unit !== null && byUnit.set(unit, row));
    const pane = new Pane('prompt', label, {
      point: (spot) => this.#point(spot ? this.#unitOf(entry, spot.index) : null),
      toggle: ({ index }) => {
        const unit = this.#unitOf(entry, index);
        this.#pinned = unit === this.#pinned ? null : unit;
        this.#unit = unit;
        this.#describe();
        this.#paint();
      },
    });
    const { prompt } = explanation;
    pane.build(promptSections(prompt.units), layoutFor(prompt.level), prompt.level);
    return {
      ...entry,
      drawing: new Drawing(explanation, explanation.response.level),
      pane,
      byUnit,
    };
  }

  /** What only one of them has gets a number that no other has. */
  #unitOf({ units, label }: ComparedEntry, row: number): number {
    const at = this.#comparison.entries.findIndex((entry) => entry.label === label);
    return units[row] ?? -1 - (row * this.#comparison.entries.length + at);
  }

  #drawn({ label, explanation, pane, drawing }: Column): HTMLElement {
    const { method, model, partial } = explanation;
    // The label may be the method's name already.
    const by = method.name === label ? [] : [methodTitle(method.name)];
    const what = [...by, scoreTitle(explanation)].join(', ');
    pane.head.append(
      h(
        'span',
        { class: 'jxai-size' },
        what,
        ...(partial ? [', stopped early'] : []),
        ...(model.name === label ? [] : [` · ${model.name}`]),
      ),
    );
    if (!sharesAnswer(this.#comparison)) {
      const text = drawing.table.columns.map((column) => column.text).join('');
      pane.element.append(
        h('div', { class: 'jxai-role' }, 'Response'),
        h('div', { class: 'jxai-foil-text', dir: 'auto', tabindex: 0 }, text.trim()),
      );
    }
    return pane.element;
  }

  #shared(): Pane {
    const answer = new Pane('response', 'Response', {
      point: (spot) => {
        this.#response = hover(this.#response, spot);
        this.#paint();
      },
      toggle: (spot: Spot) => {
        this.#response = toggle(this.#response, spot);
        this.#describe();
        this.#paint();
      },
    });
    const { table } = this.#columns[0]?.drawing ?? {};
    const texts = table?.columns.map(({ text }) => text) ?? [];
    const level = table?.level ?? '';
    answer.build(responseSections(texts), layoutFor(level), level);
    answer.head.append(h('span', { class: 'jxai-size' }, levelName(level)));
    return answer;
  }

  #settled(): Settled {
    return { focus: this.#response, k: this.#k, ownScale: true };
  }

  #point(unit: number | null): void {
    this.#unit = unit;
    this.#paint();
  }

  #describe(): void {
    for (const column of this.#columns) {
      const { pane, drawing } = column;
      const row = this.#rowOf(column, this.#pinned);
      pane.describe(row === null ? [] : [row], drawing.promptLabel(this.#settled()));
    }
    const first = this.#columns[0]?.drawing;
    const pins = this.#response.response;
    this.#answer?.describe(
      pins,
      (index) => `“${oneLine(first?.table.columns[index]?.text ?? '')}”`,
    );
  }

  #rowOf(column: Column, unit: number | null): number | null {
    if (unit === null) return null;
    const own = column.units.findIndex((_, row) => this.#unitOf(column, row) === unit);
    return column.byUnit.get(unit) ?? (own < 0 ? null : own);
  }

  #paint(): void {
    const settled = this.#settled();
    const unit = this.#unit ?? this.#pinned;
    const drawn = this.#columns.map((column) => {
      const shown = column.drawing.prompt(settled);
      column.pane.paint(shown);
      column.pane.mark(this.#rowOf(column, unit));
      return { column, shown };
    });
    const [first] = this.#columns;
    const what = first && this.#answer ? first.drawing.question(settled) : 'What made each answer';
    setText(this.#caption, what);
    const of = this.#columns.find((column) => this.#rowOf(column, unit) !== null);
    const row = of ? this.#rowOf(of, unit) : null;
    const text = of && row !== null ? `“${excerpt(of.drawing.promptText(row), 50)}”: ` : '';
    const standings = drawn.map(({ column, shown }) =>
      standing(column.label, shown, this.#rowOf(column, unit)),
    );
    const hint = 'Point at a part: it is found in every column; Enter or a click keeps it.';
    setText(this.#line, unit === null ? hint : text + standings.join(' · '));
    const whole = asked(settled.focus, 'response').length === 0;
    const facts = this.#comparison.agreement.map((agreement) => {
      const pair = [agreement.first, agreement.second].map((label) =>
        drawn.find(({ column }) => column.label === label),
      );
      const [one, other] = pair.map((each) => each && { ...each, units: each.column.units });
      const both = one && other && whole ? inCommon(one, other, this.#k) : null;
      return h('li', {}, agreementLine(agreement, both, this.#k));
    });
    this.#facts.replaceChildren(...facts);
  }
}
