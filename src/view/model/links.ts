/** Which scores become arcs from the prompt to the answer. All pure. */

import type { ScoreTable } from './score-table';
import { largest as largestOf } from './vector';

/** More arcs than this are a tangle, and slow. */
export const MOST_LINKS = 300;
/** More labels than this on one side are a list, not a picture. */
export const MOST_ENDS = 60;
/** As many arcs as can be told apart at first. */
const AT_FIRST = 40;

/** Where the threshold may stand, as shares of the largest score of a single cell. */
export const SHARES = [
  0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
] as const;

export interface Link {
  readonly row: number;
  readonly column: number;
  readonly score: number;
}

export interface Links {
  /** The strongest, in falling order of magnitude. */
  readonly strongest: readonly Link[];
  /** The largest magnitude of a cell. */
  readonly largest: number;
  /** How many cells reach each of the `SHARES` of it. */
  readonly counts: readonly number[];
}

/** Read a table once; sliders then move over what was found. */
export function linksOf(table: ScoreTable): Links {
  const { rows } = table;
  const columns = table.columns.length;
  const largest = largestOf(table.peaks());
  const limits = Float64Array.from(SHARES, (share) => share * largest);
  // How many reach each limit and no higher one.
  const reached = new Float64Array(SHARES.length);
  let found: Link[] = [];
  let floor = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const score = table.cell(row, column) ?? 0;
      const size = Math.abs(score);
      if (size === 0) continue;
      let at = 0;
      while (at + 1 < limits.length && size >= (limits[at + 1] as number)) at += 1;
      reached[at] = (reached[at] as number) + 1;
      if (size < floor) continue;
      found.push({ row, column, score });
      if (found.length < 4 * MOST_LINKS) continue;
      found = strongestOf(found);
      floor = Math.abs(found[found.length - 1]?.score ?? 0);
    }
  }
  let sum = 0;
  const counts = [...reached].reverse().map((each) => (sum += each));
  counts.reverse();
  return { strongest: strongestOf(found), largest, counts };
}

/** The lowest threshold that leaves a picture, and no noise in it. */
export function firstShare({ counts, largest }: Links, noise: number): number {
  const at = SHARES.findIndex(
    (share, index) => (counts[index] ?? 0) <= AT_FIRST && share * largest >= noise && share > 0,
  );
  return SHARES[at] ?? 1;
}

export interface ChosenLinks {
  readonly links: readonly Link[];
  /** Ends that have an arc, in the order of the text. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** How many more reach the threshold. */
  readonly hidden: number;
}

/** The arcs at or above a share of the largest score, as far as there is room. */
export function chooseLinks({ strongest, largest, counts }: Links, share: number): ChosenLinks {
  const rows = new Set<number>();
  const columns = new Set<number>();
  const links = strongest.filter(({ row, column, score }) => {
    if (Math.abs(score) < share * largest) return false;
    if (!rows.has(row) && rows.size >= MOST_ENDS) return false;
    if (!columns.has(column) && columns.size >= MOST_ENDS) return false;
    rows.add(row);
    columns.add(column);
    return true;
  });
  const inOrder = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  const all = counts[SHARES.findIndex((each) => each === share)] ?? links.length;
  return {
    links,
    rows: inOrder(rows),
    columns: inOrder(columns),
    hidden: all - links.length,
  };
}

function strongestOf(links: Link[]): Link[] {
  return links.sort((a, b) => Math.abs(b.score) - Math.abs(a.score)).slice(0, MOST_LINKS);
}
