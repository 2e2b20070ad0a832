import type { Explanation } from '../../protocol/explanation';
import { h, setText } from '../elements/dom';
import type { Shown } from '../model/shown';
import { signed } from '../wording/format';
import { scaleSentence, scoreUnit } from '../wording/sentences';

/** What the colours mean, and for how much they stand. */
export class Legend {
  readonly element: HTMLElement;
  readonly #low = h('span', { class: 'jxai-legend-end' });
  readonly #high = h('span', { class: 'jxai-legend-end' });
  readonly #sentence = h('span', { class: 'jxai-legend-sentence' });
  readonly #coverage = h('span', { class: 'jxai-coverage' });

  constructor(onOwnScale: (own: boolean) => void) {
    const ramp = h('span', { class: 'jxai-ramp', 'aria-hidden': 'true' });
    const own = h('input', { type: 'checkbox', class: 'jxai-checkbox' });
    own.addEventListener('change', () => onOwnScale(own.checked));
    const title = 'Off: shades can be compared between all parts of the answer';
    this.element = h(
      'div',
      { class: 'jxai-legend' },
      this.#coverage,
      h('span', { class: 'jxai-scale' }, this.#low, ramp, this.#high),
      h('label', { class: 'jxai-own-scale', title }, own, 'own scale for each part'),
      this.#sentence,
    );
  }

  draw({ scale, lifted }: Shown, explanation: Explanation, coverage: string): void {
    const unit = scoreUnit(explanation);
    setText(this.#low, `${lifted ? '≤ ' : ''}${signed(-scale.limit)}`);
    setText(this.#high, `${lifted ? '≥ ' : ''}${signed(scale.limit)}${unit ? ` ${unit}` : ''}`);
    setText(this.#sentence, scaleSentence(explanation));
    setText(this.#coverage, coverage);
  }
}
