/** Pieces of the answer that a person picks out, and what is said of them. All pure. */

import type { Explanation } from '../../protocol/explanation';
import type { Choices } from '../host';
import { NO_KERNEL, whyNot } from '../wording/availability';
import { excerpt } from '../wording/format';

/** From the first to behind the last character, in code points as the kernel counts them. */
export type Span = readonly [start: number, end: number];

/** A place in the text of a response unit, in UTF-16 units as the browser counts them. */
export interface Place {
  readonly index: number;
  readonly offset: number;
}

/** What was asked for and has not come yet: a piece, or all of the answer. */
export type Aiming = Span | 'all' | null;

/** The piece between two places, in either order, without white space around it. */
export function spanBetween(texts: readonly string[], one: Place, other: Place): Span | null {
  const text = texts.join('');
  const at = ({ index, offset }: Place): number => texts.slice(0, index).join('').length + offset;
  const [from, to] = [at(one), at(other)].sort((a, b) => a - b);
  const piece = text.slice(from, to);
  const start = (from ?? 0) + piece.length - piece.trimStart().length;
  const length = piece.trim().length;
  if (length === 0) return null;
  return [points(text.slice(0, start)), points(text.slice(0, start + length))];
}

/** From the first to behind the last character within one unit, as the browser counts them. */
export type Within = readonly [from: number, to: number];

/** Which characters of which units some spans cover. */
export function within(texts: readonly string[], spans: readonly Span[]): Map<number, Within[]> {
  const result = new Map<number, Within[]>();
  const text = texts.join('');
  const places = utf16(text, spans.flat());
  for (let span = 0; span < spans.length; span += 1) {
    const [start = 0, end = 0] = places.slice(span * 2, span * 2 + 2);
    let at = 0;
    texts.forEach((unit, index) => {
      const from = Math.max(start - at, 0);
      const to = Math.min(end - at, unit.length);
      if (from < to) result.set(index, [...(result.get(index) ?? []), [from, to]]);
      at += unit.length;
    });
  }
  return result;
}

/** Places counted in code points, as the browser counts them. */
function utf16(text: string, points: readonly number[]): number[] {
  const ends = [0];
  for (const point of text) ends.push((ends[ends.length - 1] ?? 0) + point.length);
  return points.map((point) => ends[Math.min(point, ends.length - 1)] ?? 0);
}

/** Why no piece can be explained by itself; empty when it can. */
export function whyNoSpans(explanation: Explanation, choices: Choices | null): string {
  if (!choices) return NO_KERNEL;
  const { method, value, response } = explanation;
  const why = whyNot(choices, method.name);
  if (why) return `${why}.`;
  if (!choices.values.includes('logprob')) return 'That needs a model with log-probabilities.';
  if (value === 'text') return 'That needs log-probabilities as the value.';
  return response.foil ? 'Another answer is compared with the whole one only.' : '';
}

/** The line below the answer: which piece is explained, or how to pick one. */
export function aimLine(explanation: Explanation, aiming: Aiming, why: string): string {
  if (aiming === 'all') return 'Letting go of the piece …';
  const text = explanation.response.units.map((unit) => unit.text).join('');
  if (aiming) return `Explaining ${named(text, aiming)} …`;
  const { targets } = explanation.response;
  if (targets?.kind === 'spans') {
    return `Explaining ${targets.spans.map((span) => named(text, span)).join(', ')}`;
  }
  if (why) return `Pieces of it cannot be explained here. ${why}`;
  return 'Drag over a piece, or Shift+click, to explain just that.';
}

function named(text: string, [start, end]: Span): string {
  const piece = [...text].slice(start, end).join('');
  return `[${start}:${end}] “${excerpt(piece, 40)}”`;
}

function points(text: string): number {
  return [...text].length;
}
