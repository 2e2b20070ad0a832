import type { Explanation, Vector } from '../protocol';
import { aside, pieces } from './asides';
import { groups, originOf } from './group';

/** Scores of one side for one question, with their intervals where there are any. */
export interface Scores {
  readonly values: Vector;
  readonly low: Vector | null;
  readonly high: Vector | null;
}

/** A response unit as it is shown: computed, or summed from finer ones. */
export interface Column {
  readonly text: string;
  /** Value of the unit with nothing removed. */
  readonly full: number | null;
  /** Why it has no scores of its own; empty when it has. */
  readonly aside: string;
  /** Which pieces of it are explained, where not all of the response is. */
  readonly pieces: string;
}

/** Several units together: log-probabilities add up, everything else is averaged. */
export type Together = 'sum' | 'mean';

/**
 * The scores as the view asks for them: rows are the prompt units that can be removed, columns the
 * response units at the level shown.
 */
export class ScoreTable {
  /** Index among the prompt's units of every row. */
  readonly units: readonly number[];
  readonly columns: readonly Column[];
  readonly level: string;
  readonly together: Together;
  readonly total: Scores;
  readonly #cells: Vector[];
  readonly #low: Vector[] | null;
  readonly #high: Vector[] | null;

  constructor(explanation: Explanation, level: string) {
    const { prompt, response, scores, intervals, full, value } = explanation;
    this.units = prompt.units.flatMap((unit, index) => (unit.protected ? [] : [index]));
    this.together = value === 'logprob' ? 'sum' : 'mean';
    this.total = {
      values: explanation.total,
      low: intervals?.total_low ?? null,
      high: intervals?.total_high ?? null,
    };
    const texts = response.units.map((unit) => unit.text);
    if (originOf(explanation, level) === 'summed') {
      const parts = groups(texts, level);
      this.level = level;
      this.columns = parts.map((part) => ({
        text: part.map((index) => texts[index]).join(''),
        full: sum(part.map((index) => full[index] ?? null)),
        aside: part.every((index) => aside(explanation, index) !== '')
          ? aside(explanation, part[0] ?? 0)
          : '',
        pieces: pieces(explanation, part),
      }));
      this.#cells = scores.map((row) => parts.map((part) => sum(part.map((j) => row[j] ?? null))));
      // The interval of a sum is not the sum of the intervals, so none is shown.
      this.#low = null;
      this.#high = null;
    } else {
      this.level = response.level;
      this.columns = texts.map((text, index) => ({
        text,
        full: full[index] ?? null,
        aside: aside(explanation, index),
        pieces: pieces(explanation, [index]),
      }));
      this.#cells = scores;
      this.#low = intervals?.low ?? null;
      this.#high = intervals?.high ?? null;
    }
  }

  get rows(): number {
    return this.units.length;
  }

  cell(row: number, column: number): number | null {
    return this.#cells[row]?.[column] ?? null;
  }

  /** The prompt unit that supports a response unit most; null where nothing was evaluated. */
  strongest(column: number): number | null {
    let best: number | null = null;
    let most = -Infinity;
    this.#cells.forEach((row, index) => {
      const score = row[column] ?? null;
      if (score === null || score <= most) return;
      best = index;
      most = score;
    });
    return best;
  }

  /** Scores of all prompt units for these response units; for none in particular, the total. */
  forResponse(columns: readonly number[]): Scores {
    if (columns.length === 0) return this.total;
    const pick = (cells: Vector[]): Vector =>
      this.units.map((_, row) => this.#join(columns.map((j) => cells[row]?.[j] ?? null)));
    return this.#scores(columns.length === 1, pick);
  }

  /** Scores of all response units for these prompt units. */
  forPrompt(rows: readonly number[]): Scores {
    const pick = (cells: Vector[]): Vector =>
      this.columns.map((_, j) => this.#join(rows.map((row) => cells[row]?.[j] ?? null)));
    return this.#scores(rows.length === 1, pick);
  }

  /** The largest magnitude anywhere, totals included: the end of the view's one scale. */
  largest(): number {
    let most = largest(this.total.values);
    for (const row of this.#cells) most = Math.max(most, largest(row));
    return most;
  }

  /** Every score there is. */
  scores(): Vector[] {
    return [this.total.values, ...this.#cells];
  }

  /** Every end of an interval there is. */
  ends(): Vector[] {
    const { low, high } = this.total;
    return [low ?? [], high ?? [], ...(this.#low ?? []), ...(this.#high ?? [])];
  }

  #scores(single: boolean, pick: (cells: Vector[]) => Vector): Scores {
    const known = single && this.#low !== null && this.#high !== null;
    return {
      values: pick(this.#cells),
      low: known && this.#low ? pick(this.#low) : null,
      high: known && this.#high ? pick(this.#high) : null,
    };
  }

  #join(values: Vector): number | null {
    const added = sum(values);
    return added === null || this.together === 'sum' ? added : added / values.length;
  }
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
