import { Bar } from '../elements/bar';
import { h, setText } from '../elements/dom';
import type { Layout } from '../model/layout';
import { isNoise, tint } from '../model/scale';
import type { Shown } from '../model/shown';
import { signed } from '../wording/format';

/** Marks that turn the direction of the text behind them; they shall turn their own unit only. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

/** Neighbouring ones the eye hardly tells apart, and most units keep theirs from hover to hover. */
const SHADES = 40;

/** A prompt or response unit that can be pointed at. */
export class UnitElement {
  readonly element: HTMLElement;
  readonly #bar: Bar | null;
  readonly #number: HTMLElement | null;
  /** Where the text itself stands. */
  readonly text: HTMLElement;
  readonly #own: string;
  #marked = false;
  #targets = '';
  #state = '';
  #shade = 0;

  constructor(text: string, layout: Layout, bars: boolean) {
    this.#own = text;
    const kind = `jxai-unit jxai-${layout === 'rows' ? 'row' : 'inline'}`;
    const attributes = { class: kind, role: 'button', tabindex: -1, 'aria-pressed': 'false' };
    if (layout === 'flow') {
      this.element = h('span', attributes, text);
      this.element.classList.toggle('jxai-isolated', TURNING.test(text));
      this.text = this.element;
      this.#bar = null;
      this.#number = null;
      return;
    }
    this.#bar = bars ? new Bar() : null;
    this.#number = h('span', { class: 'jxai-number', 'aria-hidden': 'true' });
    this.text = h('span', { class: 'jxai-text', dir: 'auto' }, text);
    this.element = h(
      'div',
      attributes,
      this.text,
      ...(this.#bar ? [this.#bar.element] : []),
      this.#number,
    );
  }

  /** Repaint; nothing is touched where nothing changed, because hovering repaints every unit. */
  paint(shown: Shown | null, index: number): void {
    const score = shown?.scores.values[index] ?? null;
    const shade = shown ? Math.round(tint(shown.scale, score) * SHADES) : 0;
    const state = this.#stateOf(shown, index, score, shade);
    if (state !== this.#state) {
      this.#state = state;
      this.element.dataset.jxaiState = state;
    }
    if (shade !== this.#shade) {
      this.#shade = shade;
      this.element.style.setProperty('--jxai-tint', String(shade / SHADES));
    }
    if (shown) this.#bar?.draw(shown.scores, index, shown.axis, shown.scale);
    else this.#bar?.clear();
    if (this.#number) setText(this.#number, shown ? (score === null ? '–' : signed(score)) : '');
  }

  /** Words that the style sheet selects by. */
  #stateOf(shown: Shown | null, index: number, score: number | null, shade: number): string {
    if (!shown) return '';
    const cut = shown.top.has(index) ? 'top' : 'out';
    if (score === null) return `${cut} unknown`;
    if (isNoise(shown.scale, score)) return `${cut} noise`;
    // Without a shade there is no hue to tell.
    return score < 0 && shade > 0 ? `${cut} opposes` : cut;
  }

  set pressed(pressed: boolean) {
    this.element.setAttribute('aria-pressed', String(pressed));
  }

  set label(label: string) {
    if (this.element.getAttribute('aria-label') !== label) {
      this.element.setAttribute('aria-label', label);
    }
  }

  /** Why it has no scores of its own, for which it is drawn quietly; empty when it has. */
  set aside(why: string) {
    this.element.classList.toggle('jxai-aside', why !== '');
    this.element.title = why;
  }

  /** Shown in another part of the view: found again here. */
  set marked(marked: boolean) {
    if (marked === this.#marked) return;
    this.#marked = marked;
    this.element.classList.toggle('jxai-marked', marked);
  }

  /** Taken away in another part of the view. */
  set removed(removed: boolean) {
    this.element.classList.toggle('jxai-removed', removed);
  }

  /** Being picked out, together with its neighbours, with the keyboard or a finger. */
  set picked(picked: boolean) {
    this.element.classList.toggle('jxai-picked', picked);
  }

  /** Mark the characters that are explained, or about to be: pairs of first and behind the last. */
  target(ranges: readonly (readonly [number, number])[], pending: boolean): void {
    const targets = ranges.length > 0 ? `${JSON.stringify(ranges)} ${pending}` : '';
    if (targets === this.#targets) return;
    this.#targets = targets;
    const kind = `jxai-target${pending ? ' jxai-pending' : ''}`;
    const title = pending ? 'Being explained' : 'Explained; click to let go';
    let at = 0;
    const parts: (Node | string)[] = [];
    for (const [from, to] of ranges) {
      const piece = this.#own.slice(from, to);
      parts.push(this.#own.slice(at, from));
      if (piece) parts.push(h('mark', { class: kind, title }, piece));
      at = to;
    }
    parts.push(this.#own.slice(at));
    this.text.replaceChildren(...parts.filter((part) => part !== ''));
  }
}
