/** What a joint method's search came to: how sure its set is, and how it got there. */

import type { Explanation } from '../../protocol/explanation';
import { h } from '../elements/dom';
import { count, integer, number } from '../wording/format';
import { changeText, dropName, valueUnit } from '../wording/sentences';

/** How many sets of one size were tried, and whether those were all. */
interface Certificate {
  readonly sets: number;
  readonly evaluated: number;
  readonly proven: boolean;
  readonly drop: number;
  readonly gap: number | null;
}

/** After so many evaluations the best drop was this. */
type Step = readonly [evaluations: number, drop: number];

interface Details {
  readonly certificate?: Readonly<Record<string, Certificate>>;
  readonly trace?: Readonly<Record<string, readonly Step[]>>;
}

const WIDTH = 180;
const HEIGHT = 28;
const EDGE = 2;

/** The paragraphs and the curve for the set of k; nothing for methods that search no sets. */
export function searchLines(explanation: Explanation, k: number): HTMLElement[] {
  const details = (explanation.method.details ?? {}) as Details;
  const told = details.certificate?.[String(k)];
  if (!told) return [];
  const steps = details.trace?.[String(k)] ?? [];
  const line = h('p', { class: 'jxai-panel-title' }, sureness(told, explanation, k));
  if (steps.length < 2) return [line];
  const course = h('p', { class: 'jxai-search' }, curve(steps, explanation.perturbations.used));
  course.append(h('span', {}, courseSentence(steps, explanation)));
  return [line, course];
}

/** How sure it is that no other set of k does more. */
export function sureness(told: Certificate, { value, noise }: Explanation, k: number): string {
  if (told.sets === 1) return `There is only one set of ${integer(k)}.`;
  const all = count(told.sets, 'set');
  if (!told.proven) {
    return `The best of ${integer(told.evaluated)} tried, of ${all} of ${integer(k)}: another may do more.`;
  }
  const unit = valueUnit(value) ? ` ${valueUnit(value)}` : '';
  const missed = (told.gap ?? 0) > (noise ?? 0);
  const gap = missed ? ` The search alone fell short by ${number(told.gap ?? 0)}${unit}.` : '';
  return `The best of all ${all} of ${integer(k)}: every one was tried.${gap}`;
}

/** Where the search for k began and where it ended. */
export function courseSentence(steps: readonly Step[], explanation: Explanation): string {
  const [first] = steps;
  const last = steps[steps.length - 1];
  if (!first || !last) return '';
  const what = dropName(explanation);
  return `${what} ${changeText(first[1])} after ${count(first[0], 'evaluation')}, ${changeText(last[1])} after ${integer(last[0])}`;
}

/** The best drop by the number of evaluations, as steps from left to right; lower is more. */
export function coursePath(steps: readonly Step[], most: number): string {
  const drops = steps.map(([, drop]) => drop);
  const low = Math.min(...drops);
  const range = Math.max(...drops) - low || 1;
  const x = (evaluations: number): string =>
    (EDGE + ((WIDTH - 2 * EDGE) * evaluations) / Math.max(1, most)).toFixed(1);
  const y = (drop: number): string =>
    (EDGE + ((HEIGHT - 2 * EDGE) * (drop - low)) / range).toFixed(1);
  const [first, ...rest] = steps;
  if (!first) return '';
  const moves = rest.map(([evaluations, drop]) => `H${x(evaluations)}V${y(drop)}`);
  return `M${x(first[0])} ${y(first[1])}${moves.join('')}H${x(Math.max(most, 1))}`;
}

function curve(steps: readonly Step[], most: number): Element {
  const name = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(name, 'svg');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('class', 'jxai-curve');
  // The sentence beside it says the same.
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(name, 'path');
  line.setAttribute('d', coursePath(steps, most));
  svg.append(line);
  return svg;
}
