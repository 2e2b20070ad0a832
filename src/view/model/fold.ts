/** Long passages in which nothing matters give way to one line that says so. All pure. */

import type { Vector } from '../../protocol/explanation';
import { integer, percent } from '../wording/format';
import { levelName } from '../wording/levels';
import type { Piece, Section } from './sections';

/** Below this share of the largest score, the eye sees no tint. */
const SHARE = 0.02;
/** Shorter passages are quicker read than opened. */
const FEWEST_UNITS = 8;
const FEWEST_CHARACTERS = 600;

/** Which units are quiet, and which of them are to be seen all the same. */
export interface Folding {
  readonly quiet: readonly boolean[];
  readonly wanted: ReadonlySet<number>;
}

/** A part of a section: pieces to read, or a passage that may be folded away. */
export interface Passage {
  readonly pieces: readonly Piece[];
  readonly folded: boolean;
}

/** Units of which no score, for the whole answer or any part of it, stands out. */
export function quietUnits(total: Vector, peaks: Vector, noise: number): boolean[] {
  const least = (values: Vector): number => {
    let most = 0;
    for (const value of values) most = Math.max(most, Math.abs(value ?? 0));
    return Math.max(noise, most * SHARE);
  };
  const [ofTotals, ofPeaks] = [least(total), least(peaks)];
  return total.map((value, row) => {
    const peak = peaks[row] ?? null;
    // What was not evaluated may matter yet.
    return value !== null && Math.abs(value) < ofTotals && (peak === null || peak < ofPeaks);
  });
}

/** Where a section folds: over long passages of quiet units, none of which is to be kept in view. */
export function passages(
  { pieces, role }: Section,
  quiet: readonly boolean[],
  kept: (index: number) => boolean,
): Passage[] {
  if (role === 'template') return [{ pieces, folded: false }];
  const result: { pieces: Piece[]; folded: boolean }[] = [];
  for (const piece of pieces) {
    const { index } = piece;
    const folded = index !== null && quiet[index] === true && !kept(index);
    const last = result[result.length - 1];
    if (last && last.folded === folded) last.pieces.push(piece);
    else result.push({ pieces: [piece], folded });
  }
  return merged(result.map((each) => (isLong(each.pieces) ? each : { ...each, folded: false })));
}

function isLong(pieces: readonly Piece[]): boolean {
  if (pieces.length < FEWEST_UNITS) return false;
  return pieces.reduce((length, { text }) => length + text.length, 0) >= FEWEST_CHARACTERS;
}

function merged(found: readonly Passage[]): Passage[] {
  const result: { pieces: Piece[]; folded: boolean }[] = [];
  for (const { pieces, folded } of found) {
    const last = result[result.length - 1];
    if (last && !last.folded && !folded) last.pieces.push(...pieces);
    else result.push({ pieces: [...pieces], folded });
  }
  return result;
}

/** What a folded passage says, and how many of the units that are asked about it hides. */
export function foldLine(units: number, level: string, top: number): string {
  const holds = top > 0 ? `, ${integer(top)} of the top among them` : '';
  return `… ${integer(units)} ${levelName(level)} below the threshold${holds}`;
}

export const FOLD_TITLE =
  `Each scores less than ${percent(SHARE)} of the largest, or less than the noise, ` +
  'for the whole answer and for every part of it. Click to show them.';
