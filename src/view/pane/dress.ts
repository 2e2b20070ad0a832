import type { Shown } from '../model/shown';
import type { Within } from '../model/spans';
import type { DrawnUnit } from './block';

/** What the units of a pane are told, when they change and when they are drawn. */
export interface Dress {
  shown: Shown | null;
  pinned: readonly number[];
  label: (index: number) => string;
  asides: readonly string[];
  targets: ReadonlyMap<number, readonly Within[]>;
  pending: boolean;
  marked: number | null;
  removed: ReadonlySet<number>;
}

export const BARE: Dress = {
  shown: null,
  pinned: [],
  label: () => '',
  asides: [],
  targets: new Map(),
  pending: false,
  marked: null,
  removed: new Set(),
};

/** A unit that is drawn is told everything at once. */
export function dressUp(drawn: DrawnUnit, index: number, dress: Dress): void {
  const { unit } = drawn;
  unit.paint(dress.shown, index);
  unit.pressed = dress.pinned.includes(index);
  unit.label = dress.label(index);
  unit.aside = dress.asides[index] ?? '';
  unit.marked = index === dress.marked;
  unit.removed = dress.removed.has(index);
  target(drawn, index, dress);
}

/** Mark what is explained by itself; white space before the text is not drawn. */
export function target({ unit, skipped }: DrawnUnit, index: number, dress: Dress): void {
  const ranges = (dress.targets.get(index) ?? []).map(
    ([from, to]) => [Math.max(0, from - skipped), to - skipped] as const,
  );
  unit.target(
    ranges.filter(([, to]) => to > 0),
    dress.pending,
  );
}
