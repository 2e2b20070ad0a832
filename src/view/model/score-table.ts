import type { Explanation, Vector } from '../../protocol/explanation';
import { explainedPieces, whyNoScores } from '../wording/foil-and-targets';
import type { Together } from '../wording/together';
import { ScoreGrid, SummedCells, type Cells, type KeptScores } from './cells';
import { groups, originOf } from './grouping';
import { largest, sum, type Scores } from './vector';

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
  /** Which scores there are: a saved notebook may hold the largest only. */
  readonly kept: KeptScores;
  readonly #grid: ScoreGrid;
  readonly #cells: Cells;
  readonly #low: Cells | null;
  readonly #high: Cells | null;
  #range: Vector | null = null;
  #peaks: Vector | null = null;

  constructor(explanation: Explanation, level: string) {
    const { prompt, response, intervals, full, value } = explanation;
    this.#grid = new ScoreGrid(explanation);
    this.kept = this.#grid.kept;
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
        aside: part.every((index) => whyNoScores(explanation, index) !== '')
          ? whyNoScores(explanation, part[0] ?? 0)
          : '',
        pieces: explainedPieces(explanation, part),
      }));
      this.#cells = new SummedCells(this.#grid.scores, parts);
      // The interval of a sum is not the sum of the intervals, so none is shown.
      this.#low = null;
      this.#high = null;
    } else {
      this.level = response.level;
      this.columns = texts.map((text, index) => ({
        text,
        full: full[index] ?? null,
        aside: whyNoScores(explanation, index),
        pieces: explainedPieces(explanation, [index]),
      }));
      this.#cells = this.#grid.scores;
      this.#low = this.#grid.low;
      this.#high = this.#grid.high;
    }
  }

  get rows(): number {
    return this.units.length;
  }

  cell(row: number, column: number): number | null {
    return this.#cells.at(row, column);
  }

  /** The prompt unit that supports a response unit most; null where nothing was evaluated. */
  strongest(column: number): number | null {
    return this.#grid.best(this.#cells, this.rows, column);
  }

  /** Scores of all prompt units for these response units; for none in particular, the total. */
  forResponse(columns: readonly number[]): Scores {
    if (columns.length === 0) return this.total;
    const [column = 0] = columns;
    const pick = (cells: Cells): Vector =>
      columns.length === 1
        ? this.units.map((_, row) => cells.at(row, column))
        : this.units.map((_, row) => this.#join(columns, (j) => cells.at(row, j)));
    return this.#scores(columns.length === 1, pick);
  }

  /** Scores of all response units for these prompt units. */
  forPrompt(rows: readonly number[]): Scores {
    const pick = (cells: Cells): Vector =>
      this.columns.map((_, j) => this.#join(rows, (row) => cells.at(row, j)));
    return this.#scores(rows.length === 1, pick);
  }

  /** The largest magnitude anywhere, totals included: the end of the view's one scale. */
  largest(): number {
    return Math.max(largest(this.total.values), largest(this.#scoreRange()));
  }

  /** The totals, and the least and the largest of all other scores. */
  scores(): Vector[] {
    return [this.total.values, this.#scoreRange()];
  }

  /** The ends of the totals' intervals, and the least and the largest of all others. */
  ends(): Vector[] {
    const { low, high } = this.total;
    const range = (cells: Cells | null): Vector =>
      this.#grid.range(cells, this.rows, this.columns.length);
    return [low ?? [], high ?? [], range(this.#low), range(this.#high)];
  }

  /** The largest magnitude of every prompt unit over all response units; null if not evaluated. */
  peaks(): Vector {
    this.#peaks ??= this.#grid.peaks(this.#cells, this.rows, this.columns.length);
    return this.#peaks;
  }

  #scoreRange(): Vector {
    this.#range ??= this.#grid.range(this.#cells, this.rows, this.columns.length);
    return this.#range;
  }

  #scores(single: boolean, pick: (cells: Cells) => Vector): Scores {
    const known = single && this.#low !== null && this.#high !== null;
    return {
      values: pick(this.#cells),
      low: known && this.#low ? pick(this.#low) : null,
      high: known && this.#high ? pick(this.#high) : null,
    };
  }

  /** One number for several units. */
  #join(units: readonly number[], at: (unit: number) => number | null): number | null {
    let added = 0;
    for (const unit of units) {
      const value = at(unit);
      if (value === null) return null;
      added += value;
    }
    return this.together === 'sum' ? added : added / units.length;
  }
}
