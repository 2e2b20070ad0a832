import type { Sets, Vector } from '../../protocol/explanation';

/** Indices from the strongest support to the strongest opposition; what was not evaluated is last. */
export function order(values: Vector): number[] {
  return values
    .map((_, index) => index)
    .sort((a, b) => (values[b] ?? -Infinity) - (values[a] ?? -Infinity) || a - b);
}

/** The first few of an order, found in one pass: hovering asks for them among thousands. */
export function strongest(values: Vector, most: number): number[] {
  if (most >= values.length) return order(values);
  return first(values.length, most, (index) => values[index] ?? -Infinity);
}

/** The last few of an order, of what was evaluated: the strongest opposition. */
export function weakest(values: Vector, most: number): number[] {
  const found = first(values.length, most, (index) => -(values[index] ?? Infinity));
  const known = found.filter((index) => values[index] !== null);
  return known.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}

/** The first few of n indices by falling size; what is surely behind them is never put in order. */
function first(n: number, most: number, size: (index: number) => number): number[] {
  const cut = (found: number[]): number[] =>
    found.sort((a, b) => size(b) - size(a) || a - b).slice(0, most);
  if (most <= 0) return [];
  let found: number[] = [];
  let floor: number | null = null;
  for (let index = 0; index < n; index += 1) {
    // Of equals the earlier one goes first.
    if (floor !== null && size(index) <= floor) continue;
    found.push(index);
    if (found.length < 4 * most) continue;
    found = cut(found);
    floor = size(found[most - 1] ?? 0);
  }
  return cut(found);
}

/** Rank from 1 of an index in the order of all. */
export function rank(values: Vector, index: number): number {
  const own = values[index] ?? -Infinity;
  let before = 0;
  for (let other = 0; other < values.length; other += 1) {
    const size = values[other] ?? -Infinity;
    if (size > own || (size === own && other < index)) before += 1;
  }
  return before + 1;
}

/** Whether a unit was found to matter at all: it was evaluated, and not to exactly nothing. */
export function isScored(value: number | null | undefined): value is number {
  return Boolean(value);
}

/**
 * The k units that support most, or the set that a joint method found for that k. Units without a
 * score are never among the k: nothing tells one of them from another.
 */
export function top(values: Vector, k: number, sets: Sets | null): ReadonlySet<number> {
  const found = sets?.[String(k)];
  if (found) return new Set(found);
  const size = (index: number): number => {
    const value = values[index];
    return isScored(value) ? value : -Infinity;
  };
  return new Set(first(values.length, k, size).filter((index) => isScored(values[index])));
}

/** Share of all magnitude that some units hold; null when there is none to share. */
export function coverage(values: Vector, chosen: ReadonlySet<number>): number | null {
  let all = 0;
  let held = 0;
  for (const value of values) all += Math.abs(value ?? 0);
  for (const index of chosen) held += Math.abs(values[index] ?? 0);
  return all > 0 ? held / all : null;
}
