import type { Sets } from '../../protocol/explanation';
import { rank, strongest, top, weakest } from './rank';
import { axisFor, type Axis, type Scale } from './scale';
import { largest, type Scores } from './vector';

/** Scale and axis that hold for every question, unless each is to have its own. */
export interface Frame {
  readonly scale: Scale;
  readonly axis: Axis;
  readonly own: boolean;
  /** How many times smaller scores get full colour. */
  readonly intensity: number;
}

/** Everything that is needed to draw the scores of one side for one question. */
export class Shown {
  readonly scores: Scores;
  /** The k units that are outlined. */
  readonly top: ReadonlySet<number>;
  readonly scale: Scale;
  readonly axis: Axis;
  /** Larger scores than the scale's limit have full colour too. */
  readonly lifted: boolean;

  constructor(
    scores: Scores,
    k: number,
    sets: Sets | null,
    { scale, axis, own, intensity }: Frame,
  ) {
    const { values, low, high } = scores;
    this.scores = scores;
    this.lifted = intensity > 1;
    this.top = top(values, k, sets);
    const limit = own ? largest(values) : scale.limit;
    this.scale = { ...scale, limit: limit / intensity };
    this.axis = own ? axisFor([values], [low ?? [], high ?? []]) : axis;
  }

  get size(): number {
    return this.scores.values.length;
  }

  /** Indices of the first few, from the strongest support to the strongest opposition. */
  first(most: number): number[] {
    return strongest(this.scores.values, most);
  }

  /** Indices of the last few, of what was evaluated. */
  last(most: number): number[] {
    return weakest(this.scores.values, most);
  }

  /** Rank from 1. */
  rank(index: number): number {
    return rank(this.scores.values, index);
  }
}
