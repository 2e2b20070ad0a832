import type { Explanation } from '../../protocol/explanation';
import type { Option } from '../host';
import { summedLevels } from '../model/coarsen';
import { levelName, LEVELS } from '../wording/levels';

export const SUMMED_TITLE =
  'Scores of the computed units, added up. For methods that mask, the score of a sentence is not ' +
  'the sum of its words’: compute it to know. k and the checks are about the computed units.';

const MARK = 'summed:';

/** How the choice of a summed level is written. */
export function summedChoice(level: string): string {
  return MARK + level;
}

/** The level behind a choice. */
export function levelOfChoice(choice: string): string {
  return choice.replace(MARK, '');
}

/** A level, and whether it can be shown without asking the model. */
export type LevelOption = Option & { readonly free: boolean };

/** How the prompt can be cut: as computed, summed from that, or by computing it. */
export function promptLevelOptions(
  explanation: Explanation,
  offered: readonly string[] | null,
): LevelOption[] {
  const computed = explanation.prompt.level;
  const sums = summedLevels(explanation);
  const levels = [...new Set([...(offered ?? []), computed, ...sums])].sort(
    (one, other) => order(one) - order(other),
  );
  return levels.flatMap((level): LevelOption[] => {
    const name = levelName(level);
    if (level === computed) return [{ value: level, text: name, why: '', free: true }];
    const options: LevelOption[] = [];
    if (sums.includes(level)) {
      options.push({ value: summedChoice(level), text: `${name}, summed`, why: '', free: true });
    }
    if (offered?.includes(level)) {
      options.push({ value: level, text: `${name}, compute`, why: '', free: false });
    }
    return options;
  });
}

function order(level: string): number {
  return LEVELS.indexOf(level);
}

/** How many units the prompt is cut into, and of how many they are made. */
export function promptSize(
  { prompt }: Explanation,
  computed: number,
  level: string,
  shown: number,
): { text: string; title: string } {
  const parts = `${computed} ${levelName(prompt.level)}`;
  if (level === prompt.level) return { text: parts, title: '' };
  return { text: `${shown} ${levelName(level)}, summed from ${parts}`, title: SUMMED_TITLE };
}
