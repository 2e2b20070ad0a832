import type { Check, Explanation, Lds, Metric, Spread } from '../../protocol/explanation';
import { button, h } from '../elements/dom';
import type { Pinned } from '../model/drawing';
import { NO_KERNEL } from '../wording/availability';
import {
  capitalized,
  count,
  duration,
  excerpt,
  integer,
  interval,
  number,
} from '../wording/format';
import {
  changeText,
  changesText,
  checkFor,
  dropName,
  testedOf,
  valueUnit,
} from '../wording/sentences';
import { searchLines } from './search';
import type { Panel } from './tabs';
import type { Checked } from './testing';

interface Line {
  readonly name: string;
  readonly figure: string;
  readonly range?: string;
  readonly random?: string;
  readonly single?: string;
  readonly meaning: string;
}

const HEAD = ['Measure', 'This explanation', 'At random', 'Leave-one-out', 'What it says'];

/** Is the explanation any good? Its own test, beside chance and the simplest rival. */
export class ChecksPanel implements Panel {
  readonly name = 'Checks';
  readonly element = h('div', { tabindex: 0 });
  readonly #checked: () => Checked | null;
  readonly #measure: (group: string) => void;
  /** What the panel was drawn for. */
  #about = '';

  constructor(checked: () => Checked | null, measure: (group: string) => void) {
    this.#checked = checked;
    this.#measure = measure;
  }

  draw(): void {
    const checked = this.#checked();
    if (!checked) return;
    const { explanation, k, pinned } = checked;
    const check = checkFor(explanation.checks, k);
    const shown = check && testedOf(check, pinned.part);
    this.#about = JSON.stringify(pinned);
    const head = h('tr', {}, ...HEAD.map((name) => h('th', { scope: 'col' }, name)));
    const body = h('tbody', {}, ...lines(checked, check).map(row));
    const table = h('table', { class: 'jxai-checks' }, h('thead', {}, head), body);
    const sentence = shown
      ? shown.tested.verdict
      : 'These scores were not tested by removing what they point at.';
    const held = this.#held();
    this.element.replaceChildren(
      ...(shown ? about(shown.ofPart, pinned) : []),
      h('p', { class: 'jxai-verdict' }, sentence),
      ...remarks(checked, check),
      ...searchLines(explanation, k),
      table,
      ...this.#more(checked),
    );
    this.#buttons()
      .find(({ dataset }) => dataset.jxaiGroup === held)
      ?.focus();
  }

  follow(): void {
    const checked = this.#checked();
    if (checked && JSON.stringify(checked.pinned) !== this.#about) this.draw();
  }

  /** What can be measured on demand, with what it costs. */
  #more({ offered, measuring, k }: Checked): HTMLElement[] {
    const title = h('p', { class: 'jxai-panel-title jxai-more-title' });
    if (offered === null) {
      title.append(`More can be measured with the model. ${NO_KERNEL}`);
      return [title];
    }
    if (offered.length === 0) return [];
    title.append(`Measure more, for k = ${integer(k)}`);
    const items = offered.map(({ name, title, what, cost, why }) => {
      const coming = name === measuring;
      const label = coming ? `${title}: measuring…` : title;
      const ask = button(label, () => this.#measure(name), why || what);
      ask.dataset.jxaiGroup = name;
      // What is focused must stay so while it is measured.
      ask.setAttribute('aria-disabled', String(coming));
      ask.disabled = why !== '';
      return h('li', {}, ask, h('span', { class: 'jxai-why' }, why || cost));
    });
    return [title, h('ul', { class: 'jxai-more' }, ...items)];
  }

  #buttons(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>('[data-jxai-group]')];
  }

  /** The group whose button has the keyboard's place in the page. */
  #held(): string | undefined {
    return this.#buttons().find((one) => one.matches(':focus'))?.dataset.jxaiGroup;
  }
}

function row({ name, figure, range, random, single, meaning }: Line): HTMLElement {
  const rival = (label: string, text: string | undefined): HTMLElement =>
    h('td', { class: 'jxai-rival', 'data-label': text ? label : '' }, text ?? '');
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h(
      'td',
      { class: 'jxai-figure' },
      figure,
      ' ',
      h('span', { class: 'jxai-interval' }, range ?? ''),
    ),
    rival('at random', random),
    rival('leave-one-out', single),
    h('td', { class: 'jxai-meaning' }, meaning),
  );
}

/** What the check is about, where that is not plain. */
function about(ofPart: boolean, { any, text }: Pinned): HTMLElement[] {
  if (!any) return [];
  const said = ofPart
    ? `About “${excerpt(text)}”`
    : 'About the whole answer: what is pinned was not tested by itself.';
  return [h('p', { class: 'jxai-panel-title' }, said)];
}

function remarks({ k, coming }: Checked, check: Check | null): HTMLElement[] {
  const remark = (text: string): HTMLElement[] => [h('p', { class: 'jxai-panel-title' }, text)];
  if (coming) return remark(`Testing k = ${integer(k)}…`);
  if (check && check.k !== k) {
    return remark(`Tested for k = ${integer(check.k)}, not for k = ${integer(k)}.`);
  }
  return [];
}

function lines({ explanation, k, pinned }: Checked, check: Check | null): Line[] {
  const { value, lds, noise, cost, perturbations, metrics } = explanation;
  const unit = valueUnit(value) ? ` ${valueUnit(value)}` : '';
  const result: Line[] = [];
  if (check) result.push(removal(check, pinned.part, explanation));
  const shown = check?.k ?? k;
  // Metrics and LDS are about the whole answer, whatever part of it is looked at.
  const about = check && testedOf(check, pinned.part).ofPart ? ', whole answer' : '';
  for (const metric of metrics) {
    if (metric.k === null || metric.k === shown) result.push(measured(metric, about));
  }
  if (lds) result.push(predicted(lds, about));
  result.push(...fitted(explanation.method.details?.fidelity));
  result.push(
    {
      name: 'Noise',
      figure: noise === null ? 'not known' : `${number(noise)}${unit}`,
      meaning: 'Scores smaller than this are greyed: they are noise, not causes.',
    },
    {
      name: 'Model calls',
      figure: integer(cost.forwards + cost.backwards + cost.generations),
      range: cost.reused > 0 ? `${integer(cost.reused)} more reused` : '',
      meaning: perturbations.used
        ? `The scores rest on ${count(perturbations.used, 'masked prompt')}.`
        : 'The scores rest on no masked prompt.',
    },
    {
      name: 'Time',
      figure: duration(cost.seconds),
      meaning: `${integer(cost.tokens)} tokens went through the model.`,
    },
  );
  return result;
}

function removal(check: Check, part: number | null, explanation: Explanation): Line {
  const what = dropName(explanation);
  const { tested, ofPart } = testedOf(check, part);
  const { drop, random, leave_one_out: single, rank } = tested;
  const all = typeof rank === 'number';
  const others = all
    ? `All ${count(random.draws, 'choice')} of ${check.k}: mean and middle 90 %.`
    : `Chance: mean and middle 90 % of ${count(random.draws, 'draw')}.`;
  return {
    name: `Top ${check.k} removed${ofPart ? ', this part' : ''}`,
    figure: `${what} ${changeText(drop)}`,
    range: valueUnit(explanation.value),
    random: `${what} ${changeText(random.mean)} ${changesText(random.low, random.high)}`,
    single: single.drop === null ? undefined : `${what} ${changeText(single.drop)}`,
    meaning: `The lower, the more these parts carried the answer. ${others}`,
  };
}

function measured(
  { name, k, value, low, high, random, leave_one_out, meaning }: Metric,
  about: string,
): Line {
  return {
    name: `${k === null ? name : `${name}, top ${k}`}${about}`,
    figure: value === null ? 'not known' : number(value),
    range: range(low, high),
    random: random ? spread(random) : undefined,
    single: leave_one_out === null ? undefined : number(leave_one_out),
    meaning: `${capitalized(meaning)}.`,
  };
}

function predicted(
  { kind, value, masks, low, high, random, leave_one_out }: Lds,
  about: string,
): Line {
  const how = kind === 'fresh' ? 'fresh masks' : 'masks held out in turn';
  return {
    name: `Held-out LDS${about}`,
    figure: value === null ? 'not known' : number(value),
    range: range(low ?? null, high ?? null),
    random: random ? spread(random) : undefined,
    single: typeof leave_one_out === 'number' ? number(leave_one_out) : undefined,
    meaning: `How well the scores rank ${integer(masks)} ${how}; 1 is perfect, 0 is chance.`,
  };
}

/** How well the surrogate of a method that has one predicts, as far as its fidelity tells. */
function fitted(fidelity: unknown): Line[] {
  const inside = explained(fidelity, 'in_sample');
  const outside = explained(fidelity, 'held_out');
  if (inside === null) return [];
  return [
    {
      name: 'Fit of the surrogate',
      figure: `R² ${number(outside ?? inside)}`,
      range: outside === null ? 'in sample' : `held out; ${number(inside)} in sample`,
      meaning:
        'Share of the variance over masked prompts that the scores explain; 1 is perfect, 0 is no better than the mean.',
    },
  ];
}

function explained(fidelity: unknown, part: string): number | null {
  const figures = (fidelity as Record<string, Record<string, unknown> | null> | undefined)?.[part];
  return typeof figures?.r2 === 'number' ? figures.r2 : null;
}

function range(low: number | null, high: number | null): string {
  return low === null || high === null ? '' : interval(low, high);
}

function spread({ mean, low, high }: Spread): string {
  return mean === null ? 'not known' : `${number(mean)} ${range(low, high)}`.trimEnd();
}
