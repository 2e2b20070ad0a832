import type { Check, Explanation } from '../protocol';
import { h } from './dom';
import { count, duration, integer, number } from './format';
import type { Panel } from './tabs';
import { change, changes, checkFor, dropName, VALUE_UNITS, verdict } from './words';

interface Line {
  readonly name: string;
  readonly figure: string;
  readonly range: string;
  readonly meaning: string;
}

export interface Checked {
  readonly explanation: Explanation;
  readonly k: number;
  /** The check for this k is on its way. */
  readonly coming: boolean;
}

/** Is the explanation any good? Its own test, beside chance and the simplest rival. */
export class ChecksPanel implements Panel {
  readonly name = 'Checks';
  readonly element = h('div', { tabindex: 0 });
  readonly #checked: () => Checked | null;

  constructor(checked: () => Checked | null) {
    this.#checked = checked;
  }

  draw(): void {
    const checked = this.#checked();
    if (!checked) return;
    const { explanation, k } = checked;
    const check = checkFor(explanation.checks, k);
    const table = h('table', { class: 'jxai-checks' });
    const body = h('tbody');
    for (const { name, figure, range, meaning } of lines(explanation, check)) {
      body.append(
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, name),
          h(
            'td',
            { class: 'jxai-figure' },
            figure,
            ' ',
            h('span', { class: 'jxai-interval' }, range),
          ),
          h('td', { class: 'jxai-meaning' }, meaning),
        ),
      );
    }
    table.append(body);
    const sentence = check
      ? verdict(check, explanation.value)
      : 'These scores were not tested by removing what they point at.';
    this.element.replaceChildren(
      h('p', { class: 'jxai-verdict' }, sentence),
      ...remarks(checked, check),
      table,
    );
  }
}

function remarks({ k, coming }: Checked, check: Check | null): HTMLElement[] {
  const remark = (text: string): HTMLElement[] => [h('p', { class: 'jxai-panel-title' }, text)];
  if (coming) return remark(`Testing k = ${integer(k)}…`);
  if (check && check.k !== k) {
    return remark(`Tested for k = ${integer(check.k)}, not for k = ${integer(k)}.`);
  }
  return [];
}

function lines(explanation: Explanation, check: Check | null): Line[] {
  const { value, lds, noise, cost, perturbations } = explanation;
  const what = dropName(value);
  const unit = VALUE_UNITS[value] ? ` ${VALUE_UNITS[value]}` : '';
  const result: Line[] = [];
  if (check) {
    const { k, drop, random, leave_one_out: single } = check;
    result.push(
      {
        name: `Top ${k} removed`,
        figure: `${what} ${change(drop)}`,
        range: unit,
        meaning: 'The lower, the more these parts carried the answer.',
      },
      {
        name: `${k} at random removed`,
        figure: `${what} ${change(random.mean)}`,
        range: changes(random.low, random.high),
        meaning: `Chance: mean and middle 90 % of ${count(random.draws, 'draw')}.`,
      },
      {
        name: `Leave-one-out’s ${k} removed`,
        figure: `${what} ${change(single.drop)}`,
        range: unit,
        meaning: 'The simplest rival’s choice, put to the same test.',
      },
    );
  }
  if (lds) {
    const how = lds.kind === 'fresh' ? 'fresh masks' : 'masks held out in turn';
    result.push({
      name: 'Held-out LDS',
      figure: lds.value === null ? 'not known' : number(lds.value),
      range: '',
      meaning: `How well the scores rank ${integer(lds.masks)} ${how}; 1 is perfect, 0 is chance.`,
    });
  }
  result.push(
    {
      name: 'Noise',
      figure: noise === null ? 'not known' : `${number(noise)}${unit}`,
      range: '',
      meaning: 'Scores smaller than this are greyed: they are rounding, not causes.',
    },
    {
      name: 'Model calls',
      figure: integer(cost.forwards + cost.backwards + cost.generations),
      range: cost.reused > 0 ? `${integer(cost.reused)} more reused` : '',
      meaning: `The scores rest on ${count(perturbations.used, 'masked prompt')}.`,
    },
    {
      name: 'Time',
      figure: duration(cost.seconds),
      range: '',
      meaning: `${integer(cost.tokens)} tokens went through the model.`,
    },
  );
  return result;
}
