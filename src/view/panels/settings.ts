import type { Explanation } from '../../protocol/explanation';
import { foreign, h } from '../elements/dom';
import { duration, integer, money, number } from '../wording/format';
import { levelName } from '../wording/levels';
import { methodTitle, scoreTitle, valueTitle } from '../wording/sentences';
import type { Panel } from './tabs';

/** Everything that is needed to repeat the explanation. */
export class SettingsPanel implements Panel {
  readonly name = 'Settings';
  readonly element = h('div', { tabindex: 0 });
  readonly #explanation: () => Explanation | null;

  constructor(explanation: () => Explanation | null) {
    this.#explanation = explanation;
  }

  draw(): void {
    const explanation = this.#explanation();
    if (!explanation) return;
    const list = h('dl', { class: 'jxai-settings' });
    for (const [name, value] of settingsEntries(explanation)) {
      list.append(h('div', {}, h('dt', {}, name), h('dd', {}, foreign(value))));
    }
    this.element.replaceChildren(list);
  }
}

function settingsEntries(explanation: Explanation): [string, string][] {
  const { model, method, prompt, response, perturbations, cost, noise } = explanation;
  const result: [string, string | null][] = [
    ['Model', model.name],
    ['Kind', model.kind],
    ['Revision', model.revision],
    ['Precision', model.dtype],
    ['Device', model.device],
    ['Chat template', model.template],
    ['Method', `${methodTitle(method.name)}${method.exact ? ' (exact)' : ''}`],
    ...Object.entries(method.settings).map(([name, value]): [string, string] => [
      `Method’s ${name.replace(/_/g, ' ')}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['Scores', scoreTitle(explanation)],
    ['Checks', valueTitle(explanation)],
    ['Removal', explanation.operator],
    ['Prompt units', levelName(prompt.level)],
    ['Response units', levelName(response.level)],
    ['Response', response.supplied ? 'given by the user' : 'written by the model'],
    ['Instead of', response.foil?.text.trim() ?? null],
    ['Explained', response.targets ? `${response.targets.kind} parts` : null],
    ['k', integer(explanation.k)],
    ['Perturbations', perturbationsText(perturbations)],
    ['Seed', String(explanation.seed)],
    ['Noise', noise === null ? null : number(noise)],
    ['Forwards', integer(cost.forwards)],
    ['Backwards', integer(cost.backwards)],
    ['Generations', integer(cost.generations)],
    ['Tokens', integer(cost.tokens)],
    ['Paid', cost.money === undefined ? null : money(cost.money)],
    ['Reused', integer(cost.reused)],
    ['Time', duration(cost.seconds)],
    ['Created', explanation.created],
    ...Object.entries(explanation.versions),
  ];
  return result.filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== '');
}

function perturbationsText({ asked, used, most }: Explanation['perturbations']): string {
  if (most === null && used === 0) return 'none';
  const parts = [`${integer(used)} used`];
  if (asked !== null) parts.push(`${integer(asked)} asked`);
  if (most !== null) parts.push(`${integer(most)} exist`);
  return parts.join(', ');
}
