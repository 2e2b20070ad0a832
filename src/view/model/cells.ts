import type { Explanation, Matrix, Vector } from '../../protocol/explanation';

/** One number for every prompt unit (row) and response unit (column); null where there is none. */
export interface Cells {
  at(row: number, column: number): number | null;
}

/**
 * Many numbers as the kernel sends them: half-precision floats, column after column, each times
 * two to the power of the exponent. They keep more digits than the view shows.
 */
export interface Packed {
  readonly rows: number;
  readonly columns: number;
  readonly exponent: number;
  readonly scores: DataView;
  readonly low: DataView | null;
  readonly high: DataView | null;
  /** The least and the largest score, and the least and the largest end of an interval. */
  readonly range: readonly [number, number];
  readonly ends: readonly [number, number];
  /** The largest magnitude in every row. */
  readonly peaks: Vector;
  /** The row that supports each column most. */
  readonly best: readonly (number | null)[];
}

/** An explanation on its way from the kernel; as JSON it has its numbers in lists. */
export type SentExplanation = Explanation & { readonly packed?: Packed };

/** What there is to read: every score, those that were kept as the largest, or totals only. */
export type KeptScores = 'all' | 'top' | 'totals';

export class ScoreGrid {
  readonly kept: KeptScores;
  readonly scores: Cells;
  readonly low: Cells | null;
  readonly high: Cells | null;
  readonly #packed: Packed | null;

  constructor(explanation: Explanation) {
    const { scores, top, intervals } = explanation;
    const packed = (explanation as SentExplanation).packed ?? null;
    this.#packed = packed;
    this.kept = packed || scores.length > 0 ? 'all' : top ? 'top' : 'totals';
    if (packed) {
      this.scores = new PackedCells(packed, packed.scores);
      this.low = packed.low && new PackedCells(packed, packed.low);
      this.high = packed.high && new PackedCells(packed, packed.high);
      return;
    }
    this.scores = top ? new TopCells(top) : new ListedCells(scores);
    const listed = intervals !== null && intervals.low.length > 0;
    this.low = listed ? new ListedCells(intervals.low) : null;
    this.high = listed ? new ListedCells(intervals.high) : null;
  }

  /** The least and the largest of some cells; the kernel tells them of what it packed. */
  range(cells: Cells | null, rows: number, columns: number): Vector {
    if (!cells) return [];
    if (this.#packed && cells === this.scores) return [...this.#packed.range];
    if (this.#packed && (cells === this.low || cells === this.high)) return [...this.#packed.ends];
    let least = 0;
    let most = 0;
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const value = cells.at(row, column) ?? 0;
        if (value < least) least = value;
        else if (value > most) most = value;
      }
    }
    return [least, most];
  }

  /** The row that supports a column most; null where nothing is known. */
  best(cells: Cells, rows: number, column: number): number | null {
    if (this.#packed && cells === this.scores) return this.#packed.best[column] ?? null;
    let best: number | null = null;
    let most = -Infinity;
    for (let row = 0; row < rows; row += 1) {
      const score = cells.at(row, column);
      if (score === null || score <= most) continue;
      best = row;
      most = score;
    }
    return best;
  }

  /** The largest magnitude in every row; null where nothing is known. */
  peaks(cells: Cells, rows: number, columns: number): Vector {
    if (this.#packed && cells === this.scores) return this.#packed.peaks;
    return Array.from({ length: rows }, (_, row) => {
      let most: number | null = null;
      for (let column = 0; column < columns; column += 1) {
        const value = cells.at(row, column);
        if (value !== null) most = Math.max(most ?? 0, Math.abs(value));
      }
      return most;
    });
  }
}

class ListedCells implements Cells {
  readonly #rows: Matrix;

  constructor(rows: Matrix) {
    this.#rows = rows;
  }

  at(row: number, column: number): number | null {
    return this.#rows[row]?.[column] ?? null;
  }
}

class PackedCells implements Cells {
  readonly #rows: number;
  readonly #factor: number;
  readonly #data: DataView;

  constructor({ rows, exponent }: Packed, data: DataView) {
    this.#rows = rows;
    this.#factor = 2 ** exponent;
    this.#data = data;
  }

  at(row: number, column: number): number | null {
    const half = this.#data.getUint16((column * this.#rows + row) * 2, true);
    const value = (HALVES[half] ?? NaN) * this.#factor;
    return value === value ? value : null;
  }
}

class TopCells implements Cells {
  readonly #columns: Map<number, number | null>[];

  constructor({ rows, scores }: NonNullable<Explanation['top']>) {
    this.#columns = rows.map(
      (found, j) => new Map(found.map((row, place) => [row, scores[j]?.[place] ?? null])),
    );
  }

  at(row: number, column: number): number | null {
    return this.#columns[column]?.get(row) ?? null;
  }
}

/** Columns that are each the sum of several; nothing is known where a part is not. */
export class SummedCells implements Cells {
  readonly #cells: Cells;
  readonly #parts: readonly (readonly number[])[];

  constructor(cells: Cells, parts: readonly (readonly number[])[]) {
    this.#cells = cells;
    this.#parts = parts;
  }

  at(row: number, column: number): number | null {
    let result = 0;
    for (const j of this.#parts[column] ?? []) {
      const value = this.#cells.at(row, j);
      if (value === null) return null;
      result += value;
    }
    return result;
  }
}

/** What each of the 65,536 half-precision floats stands for. */
const HALVES = Float32Array.from({ length: 65_536 }, (_, half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

const IN_PAGE =
  'this page holds the scores of single response units in half precision; save() keeps everything';

/** An explanation as a page holds it: packed numbers as base64. */
export function packForPage(explanation: Explanation): unknown {
  const { packed, ...rest } = explanation as SentExplanation;
  if (!packed) return explanation;
  const entries = Object.entries(packed).map(([name, value]) => [
    name,
    value instanceof DataView ? base64(value) : value,
  ]);
  const notes = rest.notes.includes(IN_PAGE) ? rest.notes : [...rest.notes, IN_PAGE];
  return { ...rest, notes, packed: Object.fromEntries(entries) };
}

/** What a page holds, as it is drawn. */
export function unpackFromPage(data: Explanation): Explanation {
  const { packed } = data as SentExplanation;
  if (!packed) return data;
  const entries = Object.entries(packed).map(([name, value]) => [
    name,
    typeof value === 'string' ? bytes(value) : value,
  ]);
  return { ...data, packed: Object.fromEntries(entries) } as SentExplanation;
}

/** More arguments than these are too many for some browsers. */
const CHUNK = 0x8000;

function base64({ buffer, byteOffset, byteLength }: DataView): string {
  let text = '';
  for (let at = 0; at < byteLength; at += CHUNK) {
    const size = Math.min(CHUNK, byteLength - at);
    text += String.fromCharCode(...new Uint8Array(buffer, byteOffset + at, size));
  }
  return btoa(text);
}

function bytes(text: string): DataView {
  const raw = atob(text);
  const data = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) data[at] = raw.charCodeAt(at);
  return new DataView(data.buffer);
}

/** The explanation as plain JSON, whichever way its numbers came. */
export function asPlainJson(explanation: Explanation): Explanation {
  const { packed, ...rest } = explanation as SentExplanation;
  if (!packed) return explanation;
  const grid = new ScoreGrid(explanation);
  const lists = (cells: Cells): Matrix =>
    Array.from({ length: packed.rows }, (_, row) =>
      Array.from({ length: packed.columns }, (_, j) => {
        const value = cells.at(row, j);
        return value === null ? null : Number(value.toPrecision(4));
      }),
    );
  const { intervals } = rest;
  return {
    ...rest,
    scores: lists(grid.scores),
    intervals:
      intervals && grid.low && grid.high
        ? { ...intervals, low: lists(grid.low), high: lists(grid.high) }
        : intervals,
    notes: [...rest.notes, 'scores of single response units in half precision'],
  };
}
