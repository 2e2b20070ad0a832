import { h, setText } from '../elements/dom';
import type { Host } from '../host';
import { NO_KERNEL } from '../wording/availability';

const TAKEN = 'Replace it';

/** Asks for the name of a variable, and sends the scores there as a DataFrame. */
export class FrameForm {
  readonly element: HTMLFormElement;
  readonly #host: Host | null;
  readonly #input = h('input', {
    type: 'text',
    class: 'jxai-input',
    value: 'scores',
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-label': 'Name of the variable',
  });
  readonly #submit = h('button', { type: 'submit', class: 'jxai-button' }, 'Send');
  readonly #line = h('p', { class: 'jxai-save-line', role: 'status' });
  /** The name that is taken, and may be replaced by asking again. */
  #taken = '';

  constructor(host: Host | null) {
    this.#host = host;
    this.element = h(
      'form',
      { class: 'jxai-frame-form' },
      h('span', {}, 'DataFrame, to the variable'),
      h('span', { class: 'jxai-frame-fields' }, this.#input, this.#submit),
      this.#line,
    );
    if (!host) {
      this.#input.disabled = true;
      this.#submit.disabled = true;
      setText(this.#line, NO_KERNEL);
    }
    this.#input.addEventListener('input', () => this.#ask(''));
    this.#input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      // A notebook around us may keep the key from submitting the form.
      event.preventDefault();
      event.stopPropagation();
      void this.#send();
    });
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const name = this.#input.value.trim();
    if (!this.#host || name === '') return;
    setText(this.#line, 'Sending…');
    const { error, taken, rows } = await this.#host.frame(name, name === this.#taken);
    this.#ask(taken ? name : '');
    setText(this.#line, error || `${name} has ${rows} rows now.`);
  }

  #ask(taken: string): void {
    this.#taken = taken;
    setText(this.#submit, taken === '' ? 'Send' : TAKEN);
  }
}
