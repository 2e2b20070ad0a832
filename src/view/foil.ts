import type { Explanation } from '../protocol';
import { foilHead, parted } from './asides';
import { h } from './dom';

/** The answer that the response is contrasted with, below it; hidden when there is none. */
export class Foil {
  readonly element = h('div', { class: 'jxai-foil' });

  draw(explanation: Explanation): void {
    const { foil, units } = explanation.response;
    this.element.hidden = !foil;
    if (!foil) return;
    const answer = units.map(({ text }) => text).join('');
    const { same, rest } = parted(foil.text, answer);
    this.element.replaceChildren(
      h('div', { class: 'jxai-foil-head' }, foilHead(explanation)),
      h(
        'div',
        { class: 'jxai-foil-text', dir: 'auto' },
        h('span', { class: 'jxai-foil-same' }, same),
        rest,
      ),
    );
  }
}
