import { nearest } from '../model/steps';
import { h, setText } from './dom';

export interface Stops {
  readonly steps: readonly number[];
  readonly value: number;
  /** What stands beside the slider for a value. */
  readonly text: (value: number) => string;
  /** Why it cannot be moved; empty when it can. */
  readonly why: string;
}

/** A slider over uneven stops. */
export class Slider {
  readonly element: HTMLElement;
  readonly #input = h('input', { type: 'range', class: 'jxai-range', min: 0, step: 1 });
  readonly #output = h('span', { class: 'jxai-output' });
  readonly #why = h('span', { class: 'jxai-hidden' });
  #stops: Stops = { steps: [1], value: 1, text: String, why: '' };

  constructor(name: string, onMove: (value: number) => void) {
    this.element = h(
      'label',
      { class: 'jxai-control jxai-slider' },
      h('span', { class: 'jxai-name' }, name),
      this.#input,
      this.#output,
      this.#why,
    );
    this.#input.addEventListener('input', () => {
      this.#describe();
      onMove(this.value);
    });
  }

  get value(): number {
    return this.#stops.steps[Number(this.#input.value)] ?? this.#stops.value;
  }

  set(stops: Stops): void {
    this.#stops = stops;
    this.#input.max = String(stops.steps.length - 1);
    this.#input.value = String(nearest(stops.steps, stops.value));
    this.#input.disabled = stops.why !== '';
    this.element.title = stops.why;
    setText(this.#why, stops.why);
    this.#describe();
  }

  #describe(): void {
    const text = this.#stops.text(this.value);
    setText(this.#output, text);
    this.#input.setAttribute('aria-valuetext', text);
  }
}
