import type { Explanation } from '../protocol';
import { button, h, setText } from './dom';
import { aimLine, type Aiming } from './spans';

/** The line below the answer that tells which piece of it is explained, and lets go of it. */
export class Aim {
  readonly element: HTMLElement;
  readonly #line = h('span', { class: 'jxai-aim-line', role: 'status', dir: 'auto' });
  readonly #release: HTMLButtonElement;

  constructor(release: () => void) {
    this.#release = button('Explain all of it', release, 'Escape does the same');
    this.element = h('div', { class: 'jxai-aim' }, this.#line, this.#release);
  }

  draw(explanation: Explanation, aiming: Aiming, why: string): void {
    setText(this.#line, aimLine(explanation, aiming, why));
    const aimed = aiming ? aiming !== 'all' : explanation.response.targets?.kind === 'spans';
    this.#release.hidden = !aimed || why !== '';
    this.element.classList.toggle('jxai-aimed', aimed);
  }
}
