import { coarserThan } from '../wording/levels';

/** How a pane sets its units: one a line with its number beside it, or as running text. */
export type Layout = 'rows' | 'flow';

export function layoutFor(level: string): Layout {
  return coarserThan('word').includes(level) ? 'rows' : 'flow';
}
