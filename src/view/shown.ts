import type { Sets } from '../protocol';
import { order, ranks, top } from './rank';
import { axisFor, type Axis, type Scale } from './scale';
import { largest, type Scores } from './table';

/** Everything that is needed to draw the scores of one side for one question. */
export interface Shown {
  readonly scores: Scores;
  /** Indices from the strongest support to the strongest opposition. */
  readonly sorted: readonly number[];
  readonly ranks: readonly number[];
  /** The k units that are outlined. */
  readonly top: ReadonlySet<number>;
  readonly scale: Scale;
  readonly axis: Axis;
}

/** Scale and axis that hold for every question, unless each is to have its own. */
export interface Frame {
  readonly scale: Scale;
  readonly axis: Axis;
  readonly own: boolean;
}

export function show(scores: Scores, k: number, sets: Sets | null, frame: Frame): Shown {
  const sorted = order(scores.values);
  return {
    scores,
    sorted,
    ranks: ranks(sorted),
    top: top(scores.values, sorted, k, sets),
    scale: frame.own ? { ...frame.scale, limit: largest(scores.values) } : frame.scale,
    axis: frame.own ? axisFor([scores.values], [scores.low ?? [], scores.high ?? []]) : frame.axis,
  };
}
