/** Sizes of units, and how they are called. All pure. */

import type { Level } from '../../protocol/explanation';

/** From fine to coarse. Spans are as somebody gave them: neither finer nor coarser than others. */
const NAMES: Readonly<Record<Level, string>> & Readonly<Record<string, string>> = {
  token: 'tokens',
  word: 'words',
  sentence: 'sentences',
  paragraph: 'paragraphs',
  message: 'messages',
  span: 'spans',
};

/** All levels in the order in which they are offered. */
export const LEVELS: readonly string[] = Object.keys(NAMES);

export function levelName(level: string): string {
  return NAMES[level] ?? level;
}

/** The levels of which each unit is made of whole units of this one. */
export function coarserThan(level: string): string[] {
  const at = LEVELS.indexOf(level);
  return at < 0 || level === 'span' ? [] : LEVELS.slice(at + 1).filter((one) => one !== 'span');
}
