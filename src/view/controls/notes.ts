import type { Explanation } from '../../protocol/explanation';
import { h } from '../elements/dom';
import type { Pinned } from '../model/drawing';
import { NO_KERNEL } from '../wording/availability';
import { checkFor, summaryParts, testedOf } from '../wording/sentences';

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

  /** Says what its figures are about where something is pinned: that part, or the whole answer. */
  draw(explanation: Explanation, k: number, { any, part }: Pinned): void {
    const parts = summaryParts(explanation, k, part);
    const check = checkFor(explanation.checks, k);
    const ofPart = check !== null && testedOf(check, part).ofPart;
    const about = ofPart ? 'the pinned part:' : any ? 'whole answer:' : '';
    const drawn = JSON.stringify([parts, about]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.replaceChildren(
      ...(about ? [h('span', {}, about)] : []),
      ...parts.map(([name, figure]) => h('span', {}, `${name} `, h('b', {}, figure))),
    );
    this.element.hidden = parts.length === 0;
  }
}
