import type { Option } from '../host';
import { h, setText } from './dom';

/** A named choice: a select where something can be chosen, plain text where not. */
export class Choice {
  readonly element: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #text = h('span', { class: 'jxai-fixed' });
  #drawn = '';

  constructor(name: string, onChoose: (value: string) => void) {
    this.#select = h('select', { class: 'jxai-select', 'aria-label': name });
    this.element = h(
      'span',
      { class: 'jxai-control' },
      h('span', { class: 'jxai-name' }, name),
      this.#select,
      this.#text,
    );
    this.#select.addEventListener('change', () => onChoose(this.#select.value));
  }

  set(options: readonly Option[], value: string): void {
    const choosable = options.filter(({ why }) => why === '').length > 1;
    this.#select.hidden = !choosable;
    this.#text.hidden = choosable;
    setText(this.#text, options.find((option) => option.value === value)?.text ?? value);
    // An open list would close if its options were replaced while results stream in.
    const drawn = JSON.stringify(options);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#select.replaceChildren(
        ...options.map(({ value, text, why }) =>
          h('option', { value, disabled: why !== '', title: why }, why ? `${text} (${why})` : text),
        ),
      );
    }
    if (this.#select.value !== value) this.#select.value = value;
  }
}
