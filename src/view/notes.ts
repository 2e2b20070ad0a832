import type { Explanation } from '../protocol';
import { h } from './dom';
import { NO_KERNEL } from './header';
import { summaryParts } from './words';

const PARTIAL = 'Partial: the run was stopped early; these are the scores so far.';
const SAVED = `Saved view: what needs the model is switched off. ${NO_KERNEL}`;

/** What a reader has to know before the scores. */
export class Notes {
  readonly element = h('div', { class: 'jxai-notes' });

  draw({ notes, partial }: Explanation, live: boolean): void {
    const lines = [...(partial ? [PARTIAL] : []), ...notes, ...(live ? [] : [SAVED])];
    this.element.replaceChildren(...lines.map((line) => h('p', {}, line)));
    this.element.hidden = lines.length === 0;
  }
}

/** The metrics at a glance, below everything else. */
export class Summary {
  readonly element = h('div', { class: 'jxai-summary' });
  #drawn = '';

  /** Where something is pinned, the scores above are not about the whole answer; these are. */
  draw(explanation: Explanation, k: number, pinned: boolean): void {
    const parts = summaryParts(explanation, k);
    const drawn = JSON.stringify([parts, pinned]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.replaceChildren(
      ...(pinned ? [h('span', {}, 'whole answer:')] : []),
      ...parts.map(([name, figure]) => h('span', {}, `${name} `, h('b', {}, figure))),
    );
    this.element.hidden = parts.length === 0;
  }
}
