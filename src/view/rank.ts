import type { Sets, Vector } from '../protocol';

/** Indices from the strongest support to the strongest opposition; what was not evaluated is last. */
export function order(values: Vector): number[] {
  return values
    .map((_, index) => index)
    .sort((a, b) => (values[b] ?? -Infinity) - (values[a] ?? -Infinity) || a - b);
}

/** Rank from 1 of every index of an order. */
export function ranks(sorted: readonly number[]): number[] {
  const result = new Array<number>(sorted.length).fill(0);
  sorted.forEach((index, place) => (result[index] = place + 1));
  return result;
}

/** Whether a unit was found to matter at all: it was evaluated, and not to exactly nothing. */
export function isScored(value: number | null | undefined): boolean {
  return Boolean(value);
}

/**
 * The k units that support most, or the set that a joint method found for that k. Units without a
 * score are never among the k: nothing tells one of them from another.
 */
export function top(
  values: Vector,
  sorted: readonly number[],
  k: number,
  sets: Sets | null,
): ReadonlySet<number> {
  const found = sets?.[String(k)];
  if (found) return new Set(found);
  return new Set(sorted.filter((index) => isScored(values[index])).slice(0, k));
}

/** Share of all magnitude that some units hold; null when there is none to share. */
export function coverage(values: Vector, chosen: ReadonlySet<number>): number | null {
  let all = 0;
  let held = 0;
  values.forEach((value, index) => {
    const size = Math.abs(value ?? 0);
    all += size;
    if (chosen.has(index)) held += size;
  });
  return all > 0 ? held / all : null;
}
