import type { Explanation } from '../../protocol/explanation';
import { button, foreign, h, setText } from '../elements/dom';
import type { Host, Settings } from '../host';
import { foilHead, partAtDifference, whyNoFoil } from '../wording/foil-and-targets';
import { excerpt } from '../wording/format';

/** The answer that the response is contrasted with, below it, and where another one is named. */
export class Foil {
  readonly element: HTMLElement;
  readonly #host: Host | null;
  readonly #shown = h('div', { class: 'jxai-foil' });
  readonly #open: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  readonly #form: HTMLFormElement;
  readonly #input = h('input', { type: 'text', class: 'jxai-input', dir: 'auto' });
  readonly #why = h('span', { class: 'jxai-why' });
  readonly #line = h('span', { role: 'status' });

  constructor(host: Host | null, explain: (settings: Settings) => void) {
    this.#host = host;
    this.#open = button('Why not another answer…', () => this.#unfold(this.#form.hidden));
    this.#open.classList.add('jxai-quiet');
    this.#open.setAttribute('aria-expanded', 'false');
    this.#clear = button('Explain it alone', () => {
      setText(this.#line, 'Explaining it alone …');
      explain({ foil: null });
    });
    this.#input.setAttribute('aria-label', 'Another answer');
    this.#input.placeholder = 'What it might have said instead';
    const submit = h('button', { type: 'submit', class: 'jxai-button' }, 'Ask');
    this.#form = h('form', { class: 'jxai-foil-form', hidden: true }, this.#input, submit);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (text === '') return;
      this.#line.replaceChildren('Explaining why not “', foreign(excerpt(text, 40)), '” …');
      explain({ foil: text });
    });
    this.#form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      // It closes the form, and lets go of nothing else.
      event.stopPropagation();
      this.#unfold(false);
    });
    const actions = [this.#open, this.#clear, this.#why, this.#line];
    this.element = h(
      'div',
      {},
      this.#shown,
      h('div', { class: 'jxai-aside-line' }, ...actions),
      this.#form,
    );
  }

  draw(explanation: Explanation): void {
    const { foil, units } = explanation.response;
    const why = whyNoFoil(explanation, this.#host?.choices ?? null);
    setText(this.#line, '');
    // Without a kernel the line above says so already.
    setText(this.#why, this.#host ? why : '');
    this.#open.disabled = why !== '';
    this.#open.title = why;
    // What goes away must not take the keyboard's place in the page with it.
    if (this.#clear.matches(':focus') && !foil) this.#open.focus();
    this.#clear.hidden = !foil?.supplied || why !== '';
    this.#shown.hidden = !foil;
    if (!foil) return;
    if (foil.text.trim() === this.#input.value.trim()) {
      this.#input.value = '';
      this.#unfold(false);
    }
    const answer = units.map(({ text }) => text).join('');
    const { same, rest } = partAtDifference(foil.text, answer);
    this.#shown.replaceChildren(
      h('div', { class: 'jxai-foil-head' }, foilHead(explanation)),
      h(
        'div',
        { class: 'jxai-foil-text', dir: 'auto' },
        h('span', { class: 'jxai-foil-same' }, same),
        rest,
      ),
    );
  }

  #unfold(open: boolean): void {
    const within = this.#form.contains(document.activeElement);
    this.#form.hidden = !open;
    this.#open.setAttribute('aria-expanded', String(open));
    if (open) this.#input.focus();
    else if (within) this.#open.focus();
  }
}
