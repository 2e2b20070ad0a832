/** The sentences of the view. All pure, so that what a person reads is tested. */

import type { Check, Cost, Explanation, PartCheck } from '../../protocol/explanation';
import { LABELS } from '../../protocol/labels';
import type { Progress } from '../host';
import {
  capitalized,
  count,
  duration,
  excerpt,
  integer,
  interval,
  money,
  number,
  oneLine,
  percent,
  signed,
} from './format';
import { levelName } from './levels';
import type { Together } from './together';

type Value = Explanation['value'];

/** A value in words; one that only a later version knows by its own name. */
export function valueName(value: string): string {
  return value in LABELS.values ? LABELS.values[value as Value].name : value;
}

/** The unit that stands behind a value; empty where there is none. */
export function valueUnit(value: Value): string {
  return LABELS.values[value].unit;
}

/** What the checks and the curve measure, with its unit. */
export function valueTitle({ value, response }: Explanation): string {
  const { name, unit, lead } = LABELS.values[value];
  if (response.foil) return `${LABELS.lead} (${lead})`;
  return unit ? `${name} (${unit})` : name;
}

/** What the scores measure, with their unit: not all methods tell differences of a value. */
export function scoreTitle(explanation: Explanation): string {
  const { measure } = explanation.method;
  if (!measure) return valueTitle(explanation);
  return LABELS.measures[measure].replace('{value}', valueName(explanation.value));
}

/** The unit that stands behind a score; empty where there is none. */
export function scoreUnit({ method, value }: Explanation): string {
  return method.measure ? '' : valueUnit(value);
}

export function methodTitle(name: string): string {
  return capitalized(name.replace(/-/g, ' '));
}

/** Scores below it are noise, where they are of the value's kind. */
export function scoreNoise({ method, noise }: Explanation): number {
  return method.measure ? 0 : (noise ?? 0);
}

/** What the colours and numbers of the scores say. */
export function scaleSentence({ method, value, response }: Explanation): string {
  const what = {
    logprob: 'how much each part raises or lowers the log-probability of the answer, in nats',
    logit: 'how much each part raises or lowers the log-odds of the answer',
    text: 'how much nearer to the original answer each part keeps it, as a text distance',
  }[value];
  if (method.measure) {
    return {
      slope: `Plus supports, minus opposes: how steeply the ${valueName(value)} of the answer rises with each part.`,
      sensitivity: `How steeply the ${valueName(value)} of the answer changes with each part, up or down.`,
      similarity: 'How alike each part and the answer are in meaning; that is no cause.',
      attention: 'Which share of its attention each part got; that is no evidence of causes.',
      share: 'Which share each part has in the answer, as the interpreter learned it.',
      effect:
        'Plus supports, minus opposes: how much each part raises the probability of the answer, as the interpreter learned it.',
      chance: 'Random numbers, to compare other methods with.',
    }[method.measure];
  }
  if (response.foil) {
    const way = value === 'text' ? 'a text distance' : 'log-odds';
    return `Plus speaks for this answer, minus for the other one: by how much, as ${way}.`;
  }
  return `Plus supports, minus opposes: ${what}.`;
}

/** What the shading of the prompt answers just now. */
export function questionLine(asked: readonly string[], level: string, together: Together): string {
  const [first] = asked;
  if (first === undefined) return 'What made the whole answer';
  if (asked.length === 1) return `What made “${excerpt(first, 90)}”`;
  const how = together === 'sum' ? 'summed' : 'averaged';
  return `What made ${asked.length} pinned ${levelName(level)} together (${how})`;
}

/** Where fewer units have a score than were asked for, that is told too. */
export function coverageLine(
  shown: number,
  n: number,
  share: number | null,
  scored: number | null = null,
): string {
  const cover = share === null ? '' : `, cover ${percent(share)} of |score|`;
  return `${integer(shown)} of ${integer(n)} shown${cover}${scored === null ? '' : `; ${scoredLine(scored)}`}`;
}

function scoredLine(scored: number): string {
  if (scored === 0) return 'no unit has a score';
  return scored === 1 ? 'only 1 unit has a score' : `only ${integer(scored)} units have a score`;
}

export function costLine(cost: Cost): string {
  const parts: string[] = [];
  for (const kind of ['forwards', 'backwards', 'generations'] as const) {
    if (cost[kind] > 0) parts.push(count(cost[kind], LABELS.cost[kind]));
  }
  if (cost.reused > 0) parts.push(`${integer(cost.reused)} ${LABELS.cost.reused}`);
  if (parts.length === 0) parts.push(LABELS.cost.nothing);
  if (cost.money !== undefined) parts.push(`${LABELS.cost.paid} ${money(cost.money)}`);
  parts.push(duration(cost.seconds));
  return parts.join(', ');
}

export function progressLine(progress: Progress): string {
  if (progress.state === 'failed') return progress.message || 'The run failed.';
  if (progress.state === 'cancelled') {
    if (progress.message) return sentence(progress.message);
    const kept =
      progress.total > 0 ? ` after ${integer(progress.done)} of ${integer(progress.total)}` : '';
    return `Cancelled${kept}; what arrived is kept.`;
  }
  const parts: string[] = [];
  if (progress.message) parts.push(progress.message);
  if (progress.total > 0) parts.push(`${integer(progress.done)} of ${integer(progress.total)}`);
  else if (!progress.message) parts.push('Starting…');
  if (progress.seconds_left !== null) parts.push(`${duration(progress.seconds_left)} left`);
  return parts.join(' · ');
}

/** A remark of the kernel, such as "stopped at max_forwards=32", as a sentence. */
function sentence(text: string): string {
  return `${capitalized(text)}.`;
}

export interface Reading {
  readonly score: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly rank: number;
  readonly of: number;
  readonly noise: boolean;
}

export const NOT_EVALUATED = 'not evaluated yet';

/** The number behind a shade, in words: for the tooltip and for screen readers. */
export function readingLine({ score, low, high, rank, of, noise }: Reading): string {
  if (score === null) return NOT_EVALUATED;
  const parts = [
    low !== null && high !== null ? `${signed(score)} ${interval(low, high)}` : signed(score),
  ];
  if (noise) parts.push('below the noise');
  else if (low !== null && high !== null && low <= 0 && high >= 0) parts.push('may be zero');
  parts.push(`rank ${integer(rank)} of ${integer(of)}`);
  return parts.join(', ');
}

/** A unit's accessible name: all of its text, which is what somebody speaking to it says. */
export function unitLabel(text: string, readout: string): string {
  return `“${oneLine(text)}”, ${readout}`;
}

/** The check for a k, or for the nearest smaller or larger k that was computed. */
export function checkFor(checks: readonly Check[], k: number): Check | null {
  let best: Check | null = null;
  for (const check of checks) {
    if (best === null || Math.abs(check.k - k) < Math.abs(best.k - k)) best = check;
  }
  return best;
}

/** What was tested where one part of the answer is looked at: that part, or else the whole. */
export function testedOf(
  check: Check,
  part: number | null,
): { tested: Check | PartCheck; ofPart: boolean } {
  const own = part === null ? undefined : check.parts?.find(({ unit }) => unit === part);
  return { tested: own ?? check, ofPart: own !== undefined };
}

/** What the top k are compared with, such as `3 at random`. */
export function rivalName(k: number, { rank }: Check | PartCheck): string {
  return typeof rank === 'number' ? `any ${k}` : `${k} at random`;
}

/** What a drop is called: removing what matters lowers a probability and moves a text away. */
export function dropName({ value, response }: Explanation): string {
  if (response.foil) return LABELS.lead;
  return { logprob: 'log p', logit: 'log-odds', text: 'closeness' }[value];
}

/** A drop as the change a person sees: losing 7.9 nats is −7.9. */
export function changeText(drop: number | null): string {
  return drop === null ? 'not known' : signed(-drop);
}

/** The range of the changes behind a range of drops; the larger drop is the lower change. */
export function changesText(low: number | null, high: number | null): string {
  return low === null || high === null ? '' : interval(-high, -low);
}

/** The line under the tabs: names and figures of the metrics at a glance. */
export function summaryParts(
  explanation: Explanation,
  k: number,
  part: number | null = null,
): [string, string][] {
  const { checks, lds, noise } = explanation;
  const check = checkFor(checks, k);
  const what = dropName(explanation);
  const parts: [string, string][] = [];
  let whole = '';
  if (check) {
    const { tested, ofPart } = testedOf(check, part);
    if (ofPart) whole = ' of the whole answer';
    parts.push([`removed top ${check.k}`, `${what} ${changeText(tested.drop)}`]);
    const { mean, low, high } = tested.random;
    if (mean !== null) {
      const figure = `${what} ${changeText(mean)} ${changesText(low, high)}`.trimEnd();
      parts.push([`removed ${rivalName(check.k, tested)}`, figure]);
    }
  }
  if (lds && lds.value !== null) parts.push([`held-out LDS${whole}`, number(lds.value)]);
  if (noise !== null) parts.push(['noise', number(noise)]);
  return parts;
}
