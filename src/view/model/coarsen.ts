/**
 * Coarser prompt units made of the computed ones. Their scores are sums: what removing a sentence
 * does is another question than what removing each of its words does, so they are marked.
 */

import type { Explanation } from '../../protocol/explanation';
import { coarserThan } from '../wording/levels';
import { ScoreGrid } from './cells';
import { groups, type Origin } from './grouping';
import { sum } from './vector';

export function promptOriginOf({ prompt }: Explanation, level: string): Origin {
  if (level === prompt.level) return 'computed';
  return coarserThan(prompt.level).includes(level) ? 'summed' : 'asked';
}

/** Levels that can be had by summing. */
export function summedLevels({ prompt }: Explanation): string[] {
  const roles = new Set(prompt.units.map(({ role }) => role));
  // A prompt that is no chat is one message.
  return coarserThan(prompt.level).filter((level) => level !== 'message' || roles.size > 1);
}

export interface Coarsened {
  readonly explanation: Explanation;
  /** The computed rows that make up each row. */
  readonly parts: readonly (readonly number[])[];
}

/** The explanation with its prompt cut into larger units; totals only where no more was kept. */
export function coarsen(explanation: Explanation, level: string): Coarsened {
  const units: Explanation['prompt']['units'] = [];
  const parts: number[][] = [];
  let row = 0;
  let run: { text: string; row: number }[] = [];
  const end = (role: (typeof units)[number]['role']): void => {
    const texts = run.map(({ text }) => text);
    const found = level === 'message' ? [texts.map((_, at) => at)] : groups(texts, level);
    for (const part of found.filter(({ length }) => length > 0)) {
      units.push({ text: part.map((at) => texts[at]).join(''), role, protected: false });
      parts.push(part.map((at) => run[at]?.row ?? 0));
    }
    run = [];
  };
  const all = explanation.prompt.units;
  all.forEach((unit, at) => {
    if (unit.protected) {
      units.push(unit);
      return;
    }
    run.push({ text: unit.text, row: row++ });
    const next = all[at + 1];
    if (!next || next.protected || next.role !== unit.role) end(unit.role);
  });
  const grid = new ScoreGrid(explanation);
  const columns = explanation.response.units.map((_, j) => j);
  const scores =
    grid.kept === 'all'
      ? parts.map((part) => columns.map((j) => sum(part.map((one) => grid.scores.at(one, j)))))
      : [];
  const total = parts.map((part) => sum(part.map((one) => explanation.total[one] ?? null)));
  // The interval of a sum is not the sum of the intervals, and sets are of computed units.
  const { top, packed, ...rest } = explanation as Explanation & { packed?: unknown };
  const prompt = { ...explanation.prompt, level: level as Explanation['prompt']['level'], units };
  return {
    explanation: { ...rest, prompt, scores, total, intervals: null, sets: null },
    parts,
  };
}
