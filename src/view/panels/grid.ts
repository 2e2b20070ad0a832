import type { Drawing } from '../model/drawing';
import type { Spot } from '../model/focus';

/** What is shown as prompt units by response units, and what can be done there. */
export interface Grid {
  readonly drawing: Drawing;
  readonly pinned: (spot: Spot) => boolean;
}

/** Something that stands for a prompt unit and a response unit. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly anchor: Element;
}

export interface GridEvents {
  /** It is pointed at; null when the pointer left. */
  cell(at: Cell | null): void;
  point(spot: Spot | null): void;
  toggle(spot: Spot): void;
}
