import type { Sets, Vector } from '../protocol';

/** Indices from the strongest support to the strongest opposition; what was not evaluated is last. */
export function order(values: Vector): number[] {
  return values
    .map((_, index) => index)
    .sort((a, b) => (values[b] ?? -Infinity) - (values[a] ?? -Infinity) || a - b);
}

/** The first few of an order; the rest, which may be thousands, is not put in order. */
export function strongest(values: Vector, most: number): number[] {
  if (most >= values.length) return order(values);
  if (most <= 0) return [];
  // Numbers alone are sorted many times faster than indices by their numbers.
  const sizes = Float64Array.from(values, (value) => value ?? -Infinity).sort();
  const least = sizes[sizes.length - most] ?? -Infinity;
  const above: number[] = [];
  const level: number[] = [];
  values.forEach((value, index) => {
    const size = value ?? -Infinity;
    if (size > least) above.push(index);
    else if (size === least) level.push(index);
  });
  above.sort((a, b) => (values[b] ?? -Infinity) - (values[a] ?? -Infinity) || a - b);
  return [...above, ...level.slice(0, most - above.length)];
}

/** Rank from 1 of an index in the order of all. */
export function rank(values: Vector, index: number): number {
  const own = values[index] ?? -Infinity;
  let before = 0;
  values.forEach((value, other) => {
    const size = value ?? -Infinity;
    if (size > own || (size === own && other < index)) before += 1;
  });
  return before + 1;
}

/** Whether a unit was found to matter at all: it was evaluated, and not to exactly nothing. */
export function isScored(value: number | null | undefined): boolean {
  return Boolean(value);
}

/**
 * The k units that support most, or the set that a joint method found for that k. Units without a
 * score are never among the k: nothing tells one of them from another.
 */
export function top(values: Vector, k: number, sets: Sets | null): ReadonlySet<number> {
  const found = sets?.[String(k)];
  if (found) return new Set(found);
  const scored = values.map((value) => (isScored(value) ? value : null));
  return new Set(strongest(scored, k).filter((index) => isScored(values[index])));
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
