/** What is asked of a row of scores. All pure. */

import type { Vector } from '../../protocol/explanation';

/** Scores of one side for one question, with their intervals where there are any. */
export interface Scores {
  readonly values: Vector;
  readonly low: Vector | null;
  readonly high: Vector | null;
}

/** Nothing is known about a sum of which a part was not evaluated yet. */
export function sum(values: Vector): number | null {
  let result = 0;
  for (const value of values) {
    if (value === null) return null;
    result += value;
  }
  return result;
}

export function largest(values: Vector): number {
  let most = 0;
  for (const value of values) if (value !== null) most = Math.max(most, Math.abs(value));
  return most;
}
