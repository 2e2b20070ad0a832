import { tint } from '../view/model/scale';

/** A prompt in miniature: its units in a row, as long as their texts, shaded by their scores. */

export interface Segment {
  /** Characters of the prompt. */
  readonly size: number;
  /** From -1, which opposes most, to 1, which supports most. */
  readonly shade: number;
}

interface Unit {
  readonly text: string;
  readonly protected: boolean;
}

/** More cannot be told apart in a panel's width. */
const MOST = 40;

/** The segments of a strip; neighbours share one, by their strongest score, where there are many. */
export function stripOf(
  units: readonly Unit[],
  total: readonly (number | null)[],
  noise = 0,
): Segment[] {
  const limit = total.reduce<number>((most, score) => Math.max(most, Math.abs(score ?? 0)), 0);
  let row = 0;
  const segments = units.map((unit) => {
    const score = unit.protected ? 0 : (total[row++] ?? 0);
    const shade = Math.sign(score) * tint({ limit, noise }, score);
    return { size: Math.max(unit.text.length, 1), shade };
  });
  const together = Math.ceil(segments.length / MOST);
  if (together <= 1) return segments;
  const merged: Segment[] = [];
  for (let start = 0; start < segments.length; start += together) {
    const run = segments.slice(start, start + together);
    merged.push({
      size: run.reduce((sum, { size }) => sum + size, 0),
      shade: run.reduce((most, { shade }) => (Math.abs(shade) > Math.abs(most) ? shade : most), 0),
    });
  }
  return merged;
}
