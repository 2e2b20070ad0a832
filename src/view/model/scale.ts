/** From scores to tints and bar lengths. Zero is always no colour and no length. */

/** Faint tints are hard to tell apart, so that small scores are lifted a little. */
const GAMMA = 0.75;

export interface Scale {
  /** The score that gets full colour; its negative gets full colour of the other hue. */
  readonly limit: number;
  /** Scores smaller than this are noise and get no colour. */
  readonly noise: number;
}

export function tint(scale: Scale, score: number | null): number {
  if (score === null || scale.limit === 0 || isNoise(scale, score)) return 0;
  return Math.min(1, Math.abs(score) / scale.limit) ** GAMMA;
}

export function isNoise(scale: Scale, score: number | null): boolean {
  return score !== null && Math.abs(score) < scale.noise;
}

/** Where scores stand on a bar: 0 is its left end, 1 its right end. */
export interface Axis {
  readonly low: number;
  readonly high: number;
}

type Numbers = readonly (number | null)[];

/** How far intervals may stretch an axis, in largest scores: early ones would hide the bars. */
const STRETCH = 1.5;

/** An axis for all of these scores, zero included, and for their intervals as far as it goes. */
export function axisFor(scores: readonly Numbers[], ends: readonly Numbers[]): Axis {
  const [least, most] = range(scores);
  const [lowest, highest] = range(ends);
  const far = STRETCH * Math.max(-least, most);
  const low = Math.min(least, Math.max(lowest, -far));
  const high = Math.max(most, Math.min(highest, far));
  if (low === high) return { low: 0, high: 1 };
  // Half a percent of air, so that the longest bar ends inside.
  const air = (high - low) * 0.005;
  return { low: low < 0 ? low - air : 0, high: high > 0 ? high + air : 0 };
}

function range(vectors: readonly Numbers[]): [number, number] {
  let low = 0;
  let high = 0;
  for (const vector of vectors) {
    for (const value of vector) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

export function place(axis: Axis, value: number): number {
  const share = (value - axis.low) / (axis.high - axis.low);
  return Math.min(1, Math.max(0, share));
}
