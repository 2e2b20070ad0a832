/** Deletion and insertion curves as lines over the number of removed units. All pure. */

import type { Curves, Explanation, Vector } from '../../protocol/explanation';
import { number, percent } from '../wording/format';

/** Random orders that the kernel draws. */
const DRAWS = 10;
const STEPS = 10;

export type Order = 'first' | 'random' | 'last';

export const ORDER_NAMES: Record<Order, string> = {
  first: 'most important first',
  random: 'at random',
  last: 'least important first',
};

/** After so many were removed the response is worth this. */
export interface Point {
  readonly removed: number;
  readonly value: number | null;
}

export type Courses = Record<Order, readonly Point[]>;

export function coursesOf({ sizes, deletion, insertion, random, order }: Curves): Courses {
  const course = (removed: readonly number[], values: Vector): Point[] =>
    removed.map((each, at) => ({ removed: each, value: values[at] ?? null }));
  // Without the least important so many, the most important others are left.
  const left = sizes.map((size) => order.length - size);
  return {
    first: course(sizes, deletion),
    random: course(sizes, random.mean),
    last: course(left, insertion).reverse(),
  };
}

/** The value of an order after exactly so many; null where it was not evaluated. */
export function valueAfter(course: readonly Point[], removed: number): number | null {
  return course.find((point) => point.removed === removed)?.value ?? null;
}

/** How much is lost on average over a course: the area over the curve (AOPC). */
export function meanFall(course: readonly Point[]): number | null {
  const [full] = course;
  if (!full || full.value === null) return null;
  let sum = 0;
  for (const { value } of course) {
    if (value === null) return null;
    sum += full.value - value;
  }
  return sum / course.length;
}

/** The least and the largest value that is drawn. */
export function curvesRange(curves: Curves): readonly [number, number] {
  const { deletion, insertion, random } = curves;
  const all = [...deletion, ...insertion, ...random.low, ...random.high, ...random.mean];
  const known = all.filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return known.length === 0 ? [0, 1] : low === high ? [low - 1, high] : [low, high];
}

/** How often the model will be asked at most, and for what. */
export function curvesCost({ prompt, response, value, method }: Explanation): [number, string] {
  const n = prompt.units.filter((unit) => !unit.protected).length;
  const between = Math.max(0, Math.min(n, STEPS) - 1);
  const masks = Math.min(2 + between * (2 + DRAWS), 2 ** n);
  if (value === 'text') {
    const { samples = 1 } = (method.settings.sampling ?? {}) as { samples?: number };
    return [masks * samples, 'answer'];
  }
  return [masks * (response.foil ? 2 : 1), 'forward'];
}

/** How likely something still is, from a difference of log-probabilities. */
export function likelihood(difference: number): string {
  const share = Math.exp(difference);
  if (share >= 9.95) return `${number(share)} times`;
  if (share >= 0.01) return percent(share);
  return share >= 0.0001 ? `${number(100 * share)}\u00a0%` : 'under 0.01\u00a0%';
}
