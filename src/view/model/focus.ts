/**
 * What the person points at and what they pinned. The two sides are independent: a response unit
 * decides how the prompt is shaded, a prompt unit how the response is shaded.
 */

export type Side = 'prompt' | 'response';

/** Prompt units are counted without the protected ones, response units at the level shown. */
export interface Spot {
  readonly side: Side;
  readonly index: number;
}

export interface Focus {
  readonly hover: Spot | null;
  readonly prompt: readonly number[];
  readonly response: readonly number[];
}

export const NOTHING: Focus = { hover: null, prompt: [], response: [] };

export function hover(focus: Focus, spot: Spot | null): Focus {
  return { ...focus, hover: spot };
}

/** Pin a unit, or let it go when it is pinned. */
export function toggle(focus: Focus, { side, index }: Spot): Focus {
  const pinned = focus[side];
  const next = pinned.includes(index)
    ? pinned.filter((other) => other !== index)
    : [...pinned, index].sort((a, b) => a - b);
  return { ...focus, [side]: next };
}

/** The units of a side that are being asked about; empty means none in particular. */
export function asked(focus: Focus, side: Side): readonly number[] {
  return focus.hover?.side === side ? [focus.hover.index] : focus[side];
}
