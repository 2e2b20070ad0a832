import { Bar } from '../elements/bar';
import { button, foreign, h, setText } from '../elements/dom';
import type { Ranking } from '../model/drawing';
import type { Side } from '../model/focus';
import { layoutFor } from '../model/layout';
import { isNoise } from '../model/scale';
import type { Shown } from '../model/shown';
import { excerpt, integer, interval, signed } from '../wording/format';
import type { Panel } from './tabs';

/** So many rows are drawn until more are asked for: hovering redraws them all. */
const FEW = 12;
/** Of longer lists only both ends are drawn: the middle is nearly nothing, and would be slow. */
const MANY = 100;

/** Bars with their intervals, sorted by score, for whatever is being asked. */
export class ScoresPanel implements Panel {
  readonly name = 'Scores';
  readonly element = h('div', { tabindex: 0 });
  readonly #title = h('p', { class: 'jxai-panel-title' });
  readonly #list = h('ol', { class: 'jxai-bars' });
  readonly #gap = h('li', { class: 'jxai-bar-gap' });
  readonly #more: HTMLButtonElement;
  readonly #ranking: () => Ranking | null;
  readonly #rows: BarRow[] = [];
  #all = false;

  constructor(
    ranking: () => Ranking | null,
    onMark: (side: Side, index: number | null) => void,
    onReveal: (side: Side, index: number) => void,
  ) {
    this.#ranking = ranking;
    this.#more = button('', () => {
      this.#all = !this.#all;
      this.draw();
    });
    this.#more.classList.add('jxai-quiet');
    this.element.append(this.#title, this.#list, this.#more);
    const rowOf = ({ target }: Event): BarRow | undefined =>
      this.#rows.find(({ element }) => element.contains(target as Node));
    // In a long text, what is strong may stand far from what is seen.
    this.#list.addEventListener('click', (event) => {
      const [current, row] = [this.#ranking(), rowOf(event)];
      if (current && row) onReveal(current.side, row.index);
    });
    this.#list.addEventListener('pointerover', (event) => {
      const row = rowOf(event);
      const current = this.#ranking();
      if (current) onMark(current.side, row?.index ?? null);
    });
    this.#list.addEventListener('pointerleave', () => {
      const current = this.#ranking();
      if (current) onMark(current.side, null);
    });
  }

  follow(): void {
    this.draw();
  }

  draw(): void {
    const ranking = this.#ranking();
    this.element.classList.toggle('jxai-empty', ranking === null);
    if (!ranking) return;
    setText(this.#title, ranking.title);
    this.#list.classList.toggle('jxai-words', layoutFor(ranking.level) === 'flow');
    this.#list.classList.toggle('jxai-exact', ranking.shown.scores.low === null);
    const { shown } = ranking;
    const [first, last] = this.#listed(shown);
    const indices = [...first, ...last];
    const { length } = indices;
    while (this.#rows.length < length) this.#rows.push(new BarRow());
    const rows = this.#rows.slice(0, length);
    rows.forEach((row, place) => row.draw(ranking, indices[place] ?? 0));
    const gap = last.length > 0 ? [this.#gap] : [];
    setText(this.#gap, `… ${integer(shown.size - length)} between`);
    if (this.#list.childElementCount !== length + gap.length) {
      const elements = rows.map(({ element }) => element);
      elements.splice(first.length, 0, ...gap);
      this.#list.replaceChildren(...elements);
    }
    this.#more.hidden = shown.size <= FEW;
    const all = shown.size > MANY ? `Show ${MANY} of` : 'Show all';
    setText(this.#more, this.#all ? 'Show fewer' : `${all} ${integer(shown.size)}`);
  }

  /** What stands above and, where there is a gap, below it. */
  #listed(shown: Shown): [first: number[], last: number[]] {
    if (!this.#all) return [shown.first(FEW), []];
    if (shown.size <= MANY) return [shown.first(shown.size), []];
    const first = shown.first(MANY / 2);
    const above = new Set(first);
    return [first, shown.last(MANY / 2).filter((index) => !above.has(index))];
  }
}

class BarRow {
  readonly element = h('li', { class: 'jxai-bar-row' });
  readonly #text = foreign('');
  readonly #bar = new Bar();
  readonly #number = h('span', { class: 'jxai-number' });
  readonly #interval = h('span', { class: 'jxai-interval' });
  index = 0;

  constructor() {
    const text = h('span', { class: 'jxai-bar-text' }, this.#text);
    this.element.append(text, this.#bar.element, this.#number, this.#interval);
  }

  draw({ shown, text, marked, unknown }: Ranking, index: number): void {
    this.index = index;
    const { values, low, high } = shown.scores;
    const score = values[index] ?? null;
    setText(this.#text, excerpt(text(index), 120));
    this.#bar.draw(shown.scores, index, shown.axis, shown.scale);
    setText(this.#number, score === null ? unknown : signed(score));
    const from = low?.[index] ?? null;
    const to = high?.[index] ?? null;
    setText(this.#interval, from === null || to === null ? '' : interval(from, to));
    this.element.classList.toggle('jxai-top', shown.top.has(index));
    this.element.classList.toggle('jxai-marked', index === marked);
    this.element.classList.toggle('jxai-noise', isNoise(shown.scale, score));
    this.element.classList.toggle('jxai-unknown', score === null);
  }
}
