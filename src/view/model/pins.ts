/** What is pinned, carried over to a text that is the same but cut otherwise. All pure. */

import type { Piece } from './sections';
import { trim } from './sections';

/**
 * The pins of one text, on the pieces of another.
 *
 * Where the text is the same, every piece is pinned in which something pinned stands: a finer cut
 * pins all parts of it, a coarser one what it is a part of. Of another text nothing is pinned.
 */
export function carryPins(
  pinned: readonly number[],
  before: readonly Piece[],
  after: readonly Piece[],
): number[] {
  const [old, now] = [places(before), places(after)];
  if (pinned.length === 0 || old.text !== now.text) return [];
  const spans = pinned.map((index) => old.spans.get(index) ?? ([0, 0] as const));
  return [...now.spans]
    .filter(([, [start, end]]) => spans.some(([from, to]) => from < end && start < to))
    .map(([index]) => index);
}

type Span = readonly [start: number, end: number];

/** Where the visible text of every piece stands that can be asked about. */
function places(pieces: readonly Piece[]): { text: string; spans: Map<number, Span> } {
  const spans = new Map<number, Span>();
  let text = '';
  for (const piece of pieces) {
    const { before, core } = trim(piece.text);
    const start = text.length + before.length;
    if (piece.index !== null) spans.set(piece.index, [start, start + core.length]);
    text += piece.text;
  }
  return { text, spans };
}
