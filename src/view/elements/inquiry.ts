import type { Host, Progress, Question } from '../host';
import { progressLine } from '../wording/sentences';
import { button, h, setText } from './dom';

const WAITING = 'Waiting for what is running…';
const PUT_ASIDE = 'Put aside for the new scores; ask again.';

/** How far the answer to one question is, beside where it was asked. */
export class Inquiry {
  readonly element: HTMLElement;
  readonly #host: Host | null;
  readonly #question: Question;
  readonly #line = h('span', { role: 'status' });
  readonly #cancel: HTMLButtonElement;
  #asked = false;

  constructor(host: Host | null, question: Question) {
    this.#host = host;
    this.#question = question;
    this.#cancel = button('Cancel', () => {
      this.#cancel.disabled = true;
      host?.cancel();
    });
    this.#cancel.hidden = true;
    this.element = h('div', { class: 'jxai-inquiry' }, this.#line, this.#cancel);
  }

  get asked(): boolean {
    return this.#asked;
  }

  begin(): void {
    this.#asked = true;
    this.#say(this.#host?.standing(this.#question) === 'waiting' ? WAITING : 'Asking…');
  }

  /** The answer is there, or is of no interest any more. */
  end(line = ''): void {
    this.#asked = false;
    this.#say(line);
  }

  progress(progress: Progress): void {
    if (!this.#asked) return;
    const standing = this.#host?.standing(this.#question) ?? 'none';
    if (standing === 'waiting') return this.#say(WAITING);
    if (standing === 'asked') return this.#say(progressLine(progress));
    // Its answer came or comes by itself; what did not come is told.
    if (progress.state === 'failed') this.end(progressLine(progress));
    else if (progress.state === 'cancelled') this.end('Cancelled.');
    else this.end(progress.state === 'running' ? PUT_ASIDE : '');
    this.element.classList.toggle('jxai-failed', progress.state === 'failed');
  }

  #say(line: string): void {
    setText(this.#line, line);
    this.element.classList.remove('jxai-failed');
    // What goes away must not take the keyboard's place in the page with it.
    if (!this.#asked && this.#cancel.matches(':focus')) this.element.focus();
    this.#cancel.hidden = !this.#asked;
    if (!this.#asked) this.#cancel.disabled = false;
  }
}
