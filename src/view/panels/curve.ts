import type { Curves, Explanation, Vector } from '../../protocol/explanation';
import { button, h, setText } from '../elements/dom';
import { Inquiry } from '../elements/inquiry';
import { Slider } from '../elements/slider';
import { svg } from '../elements/svg';
import type { Host, Progress } from '../host';
import {
  coursesOf,
  curvesCost,
  curvesRange,
  likelihood,
  meanFall,
  ORDER_NAMES,
  valueAfter,
  type Courses,
  type Order,
} from '../model/curves';
import type { Drawing } from '../model/drawing';
import { NO_KERNEL, whyNot } from '../wording/availability';
import { count, integer, interval, number, signed } from '../wording/format';
import { levelName } from '../wording/levels';
import { valueTitle } from '../wording/sentences';
import type { Panel } from './tabs';

/** The picture is this large in its own units, and stretched to the room there is. */
const SIZE = 100;
const ORDERS = Object.keys(ORDER_NAMES) as Order[];

/** What happens to the answer while the prompt is taken away, part by part. */
export class CurvePanel implements Panel {
  readonly name = 'Curve';
  readonly element = h('div', { tabindex: 0 });
  readonly #host: Host | null;
  readonly #drawing: () => Drawing | null;
  readonly #pinned: () => boolean;
  readonly #whole = h('p', { class: 'jxai-panel-title' }, 'About the whole answer.');
  readonly #onRemoved: (rows: readonly number[]) => void;
  readonly #offer = h('div', { class: 'jxai-offer' });
  readonly #button: HTMLButtonElement;
  readonly #why = h('span', { class: 'jxai-why' });
  readonly #inquiry: Inquiry;
  readonly #chart = h('div', { class: 'jxai-curve-chart' });
  readonly #slider: Slider;
  readonly #plot = h('div', { class: 'jxai-plot' });
  readonly #cursor = svg('line', { y1: 0, y2: SIZE, class: 'jxai-plot-cursor' });
  readonly #figures = new Map<Order, HTMLElement>();
  readonly #heading = h('th', { scope: 'col' });
  readonly #falls = new Map<Order, HTMLElement>();
  #drawn: Curves | null = null;
  #removed = 0;

  constructor(
    host: Host | null,
    drawing: () => Drawing | null,
    pinned: () => boolean,
    onRemoved: (rows: readonly number[]) => void,
  ) {
    this.#host = host;
    this.#drawing = drawing;
    this.#pinned = pinned;
    this.#onRemoved = onRemoved;
    this.#inquiry = new Inquiry(host, 'curves');
    this.#button = button('', () => {
      host?.curves();
      this.#inquiry.begin();
      this.draw();
    });
    this.#slider = new Slider('removed', (removed) => this.#move(removed));
    this.#offer.append(
      h(
        'p',
        {},
        'What becomes of the answer while the prompt is taken away: the most important parts ' +
          'first, the least important first, and at random.',
      ),
      h('div', { class: 'jxai-aside-line' }, this.#button, this.#why),
    );
    this.#chart.append(this.#slider.element, this.#plot, this.#table());
    this.element.append(this.#whole, this.#offer, this.#inquiry.element, this.#chart);
    this.#plot.addEventListener('pointermove', (event) => this.#onPointer(event));
  }

  draw(): void {
    const explanation = this.#drawing()?.explanation;
    if (!explanation) return;
    this.follow();
    const { curves } = explanation;
    this.#offer.hidden = curves !== undefined;
    this.#chart.hidden = curves === undefined;
    if (curves) {
      if (this.#inquiry.asked) this.#inquiry.end();
      this.#drawChart(curves, explanation);
      return;
    }
    this.#drawn = null;
    const [calls, kind] = curvesCost(explanation);
    const why = this.#host ? whyNot(this.#host.choices, explanation.method.name) : NO_KERNEL;
    setText(this.#button, `Compute the curve (up to ${count(calls, kind)})`);
    setText(this.#why, why && `It needs the model. ${why}`);
    this.#button.disabled = why !== '' || this.#inquiry.asked;
  }

  progress(progress: Progress): void {
    this.#inquiry.progress(progress);
    this.draw();
  }

  follow(): void {
    this.#whole.hidden = !this.#pinned();
  }

  leave(): void {
    this.#onRemoved([]);
  }

  #drawChart(curves: Curves, explanation: Explanation): void {
    const { full } = explanation;
    if (curves !== this.#drawn) {
      this.#drawn = curves;
      this.#removed = 0;
      const courses = coursesOf(curves);
      this.#drawPlot(curves, courses, valueTitle(explanation));
      for (const order of ORDERS) {
        const fall = meanFall(courses[order]);
        setText(this.#falls.get(order) as HTMLElement, fall === null ? '–' : signed(-fall));
      }
    }
    this.#slider.set({
      steps: curves.sizes,
      value: this.#removed,
      text: (removed) => this.#spoken(curves, removed),
      why: '',
    });
    this.#read(curves, explanation, full[full.length - 1] ?? null);
    if (!this.element.hidden) this.#onRemoved(curves.order.slice(0, this.#removed));
  }

  #spoken(curves: Curves, removed: number): string {
    return `${integer(removed)} of ${integer(curves.order.length)}`;
  }

  #move(removed: number): void {
    this.#removed = removed;
    this.draw();
  }

  #onPointer({ clientX }: PointerEvent): void {
    const curves = this.#drawn;
    const picture = this.#plot.querySelector('svg');
    if (!curves || !picture) return;
    const { left, width } = picture.getBoundingClientRect();
    const n = curves.order.length;
    const at = Math.min(n, Math.max(0, ((clientX - left) / width) * n));
    const near = curves.sizes.reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a));
    if (near !== this.#removed) this.#move(near);
  }

  /** The numbers where the cursor stands. */
  #read(curves: Curves, explanation: Explanation, full: number | null): void {
    const removed = this.#removed;
    const x = (SIZE * removed) / Math.max(1, curves.order.length);
    this.#cursor.setAttribute('x1', x.toFixed(2));
    this.#cursor.setAttribute('x2', x.toFixed(2));
    const level = levelName(explanation.prompt.level);
    setText(this.#heading, `After ${integer(removed)} ${level} (${valueTitle(explanation)})`);
    const courses = coursesOf(curves);
    const at = curves.sizes.indexOf(removed);
    for (const order of ORDERS) {
      const found = valueAfter(courses[order], removed);
      const parts = [found === null ? '–' : signed(found)];
      const [low, high] = [curves.random.low[at] ?? null, curves.random.high[at] ?? null];
      if (order === 'random' && low !== null && high !== null) parts.push(interval(low, high));
      // A log-probability says little by itself; a share says it to everybody.
      if (explanation.value === 'logprob' && found !== null && full !== null && removed > 0) {
        parts.push(`${likelihood(found - full)} as likely`);
      }
      setText(this.#figures.get(order) as HTMLElement, parts.join(' · '));
    }
  }

  #drawPlot(curves: Curves, courses: Courses, title: string): void {
    const n = Math.max(1, curves.order.length);
    const [low, high] = curvesRange(curves);
    const x = (removed: number): string => ((SIZE * removed) / n).toFixed(2);
    const y = (at: number): string => ((SIZE * (high - at)) / (high - low)).toFixed(2);
    const point = (removed: number, at: number | null): string[] =>
      at === null ? [] : [`${x(removed)} ${y(at)}`];
    const edge = (side: Vector): string[] =>
      curves.sizes.flatMap((size, index) => point(size, side[index] ?? null));
    const band = [...edge(curves.random.low), ...edge(curves.random.high).reverse()];
    const lines = ORDERS.flatMap((order) => {
      const points = courses[order].flatMap(({ removed, value: at }) => point(removed, at));
      return [
        svg('path', { d: `M${points.join('L')}`, class: `jxai-course jxai-course-${order}` }),
        // A line without length and with a round end is a dot, however the picture is stretched.
        svg('path', {
          d: points.map((each) => `M${each}h0`).join(''),
          class: `jxai-dots jxai-course-${order}`,
        }),
      ];
    });
    const picture = svg(
      'svg',
      {
        viewBox: `0 0 ${SIZE} ${SIZE}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `The answer’s ${title} by the number of removed parts; the table below tells it`,
      },
      svg('path', { d: `M${band.join('L')}Z`, class: 'jxai-band' }),
      this.#cursor,
      ...lines,
    );
    const ends = h('div', { class: 'jxai-plot-values', 'aria-hidden': 'true' });
    ends.append(h('span', {}, number(high)), h('span', {}, number(low)));
    const counts = h('div', { class: 'jxai-plot-counts', 'aria-hidden': 'true' });
    counts.append(h('span', {}, '0'), h('span', {}, 'removed'), h('span', {}, integer(n)));
    this.#plot.replaceChildren(ends, picture, counts);
  }

  #table(): HTMLElement {
    const head = h(
      'tr',
      {},
      h('th', { scope: 'col' }, 'Order of removal'),
      this.#heading,
      h('th', { scope: 'col' }, 'Mean change'),
    );
    const body = ORDERS.map((order) => {
      const [figure, fall] = [h('td'), h('td')];
      this.#figures.set(order, figure);
      this.#falls.set(order, fall);
      const key = h('span', { class: `jxai-key jxai-course-${order}`, 'aria-hidden': 'true' });
      return h('tr', {}, h('th', { scope: 'row' }, key, ORDER_NAMES[order]), figure, fall);
    });
    return h(
      'table',
      { class: 'jxai-links jxai-curve-table' },
      h('thead', {}, head),
      h('tbody', {}, ...body),
    );
  }
}
