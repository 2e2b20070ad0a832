/** Several explanations side by side: what links them, and what is said of them. All pure. */

import type { Agreement, Comparison } from '../../protocol/comparison';
import { count, number, signed } from '../wording/format';
import type { Shown } from './shown';

/** Whether a part of the answer can be asked about in all of them at once. */
export function sharesAnswer({ entries }: Comparison): boolean {
  const answers = entries.map(({ explanation }) => {
    const { level, units } = explanation.response;
    return JSON.stringify([level, units.map(({ text }) => text)]);
  });
  return new Set(answers).size === 1;
}

/** How many of the top k two of them have in common, among the units that both have. */
export function inCommon(
  one: { units: readonly (number | null)[]; shown: Shown },
  other: { units: readonly (number | null)[]; shown: Shown },
  k: number,
): number {
  const [left, right] = [one, other].map(({ units, shown }, at) => {
    const theirs = new Set((at === 0 ? other : one).units);
    const order = shown.first(shown.size).map((row) => units[row] ?? null);
    return order.filter((unit) => unit !== null && theirs.has(unit)).slice(0, k);
  });
  return (left ?? []).filter((unit) => right?.includes(unit)).length;
}

export function agreementLine(
  { first, second, common, kendall }: Agreement,
  both: number | null,
  k: number,
): string {
  const pair = `${first} and ${second}`;
  if (common === 0) return `${pair}: no unit in common`;
  const tau = kendall === null ? 'not defined' : signed(kendall);
  const top = Math.min(k, common);
  const shared = both === null ? '' : `, ${both} of the top ${top} in common`;
  return `${pair}: Kendall’s tau ${tau}${shared} (of ${count(common, 'shared unit')})`;
}

/** A unit's score in one of them, as it is and over the largest. */
export function standing(label: string, shown: Shown, row: number | null): string {
  if (row === null) return `${label}: not in it`;
  const score = shown.scores.values[row] ?? null;
  if (score === null) return `${label}: no score`;
  const share = shown.scale.limit > 0 ? score / shown.scale.limit : 0;
  return `${label} ${signed(score)} (${number(share)}, rank ${shown.rank(row)})`;
}
