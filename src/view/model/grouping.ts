/**
 * Coarser response units made of the computed ones. Log-probabilities of tokens add up, so a
 * sentence's column may be the sum of its tokens' columns; other values do not add up.
 */

import type { Explanation } from '../../protocol/explanation';
import { coarserThan } from '../wording/levels';

/** How a level can be had: as it was computed, by summing here, or only by computing it. */
export type Origin = 'computed' | 'summed' | 'asked';

export function originOf(explanation: Explanation, level: string): Origin {
  const computed = explanation.response.level;
  if (level === computed) return 'computed';
  // Of a contrast only one unit has scores, and they are not those of a coarser one.
  const adds = explanation.value === 'logprob' && !explanation.response.foil;
  // A response is one message.
  const larger = level !== 'message' && coarserThan(computed).includes(level);
  return adds && larger ? 'summed' : 'asked';
}

/** Indices of the computed units that make up each unit of a coarser level, in order. */
export function groups(texts: readonly string[], level: string): number[][] {
  const ends = boundaries(texts.join(''), level);
  const result: number[][] = [];
  let start = 0;
  let group = -1;
  let current: number[] = [];
  texts.forEach((text, index) => {
    // A unit belongs where its first visible character stands: byte-pair tokens begin with a space.
    const visible = text.search(/\S/);
    const at = start + (visible < 0 ? 0 : visible);
    let found = Math.max(group, 0);
    while (found < ends.length - 1 && (ends[found] ?? 0) <= at) found += 1;
    if (found !== group) {
      current = [];
      result.push(current);
      group = found;
    }
    current.push(index);
    start += text.length;
  });
  return result;
}

/** Offsets at which the parts of a text end. */
function boundaries(text: string, level: string): number[] {
  if (level === 'paragraph') return ends(text, /\n[^\S\n]*\n\s*/g);
  if (level === 'word') return ends(text, /\s+/g);
  // Line breaks end a sentence too: headings and list items have no full stop.
  const result: number[] = [];
  for (const { segment, index } of new Intl.Segmenter('en', { granularity: 'sentence' }).segment(
    text,
  )) {
    if (!ABBREVIATION.test(segment)) result.push(index + segment.length);
  }
  if (result[result.length - 1] !== text.length) result.push(text.length);
  return result;
}

/** A full stop after these does not end a sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|cf|No|Fig|approx)\.\s+$/;

function ends(text: string, gap: RegExp): number[] {
  const result = [...text.matchAll(gap)].map((match) => match.index + match[0].length);
  if (result[result.length - 1] !== text.length) result.push(text.length);
  return result;
}
