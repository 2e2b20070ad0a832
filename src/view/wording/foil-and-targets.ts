/** What is said beside an answer that is contrasted with another, or explained in part. All pure. */

import type { Explanation } from '../../protocol/explanation';
import { LABELS } from '../../protocol/labels';
import type { Choices } from '../host';
import { NO_KERNEL, whyNot } from './availability';
import { capitalized, excerpt } from './format';

/** Whose text the answer is contrasted with. */
export function foilHead({ response: { foil } }: Explanation): string {
  if (!foil) return '';
  return capitalized(LABELS.foil[foil.supplied ? 'supplied' : 'own']);
}

/** Why the answer cannot be contrasted with one that the reader names; empty when it can. */
export function whyNoFoil({ method }: Explanation, choices: Choices | null): string {
  if (!choices) return NO_KERNEL;
  const why = whyNot(choices, method.name);
  if (why) return `${why}.`;
  return choices.values.includes('logprob') ? '' : 'That needs a model with log-probabilities.';
}

/** Why a response unit has no scores of its own; empty when it has. */
export function whyNoScores({ response }: Explanation, unit: number): string {
  const { foil, targets, units } = response;
  if (targets && units[unit]?.targets?.length === 0) {
    return LABELS.unscored[targets.kind];
  }
  if (!foil) return '';
  if (foil.unit === null) return LABELS.unscored.whole;
  if (unit === foil.unit) return '';
  return unit < foil.unit ? LABELS.unscored.same : LABELS.unscored.behind;
}

/** Which pieces of some response units are explained; empty when all of them are. */
export function explainedPieces({ response }: Explanation, units: readonly number[]): string {
  if (!response.targets) return '';
  const found = units.flatMap((unit) => response.units[unit]?.targets ?? []);
  return found.map((piece) => `“${excerpt(piece, 30)}”`).join(', ');
}

/** A text parted where it first differs from another one, at a word. */
export function partAtDifference(text: string, other: string): { same: string; rest: string } {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const same = text.slice(0, at).replace(/\S+$/, '');
  return { same, rest: text.slice(same.length) };
}
