import type { Explanation } from '../../protocol/explanation';
import type { Option } from '../host';
import { originOf } from '../model/grouping';
import { levelName } from '../wording/levels';

/** Sizes of response units that make sense wherever nobody says which can be had. */
const USUAL = ['token', 'word', 'sentence'];

/** Which response levels can be shown, and honestly by what means. */
export function responseLevelOptions(
  explanation: Explanation,
  offered: readonly string[] | null,
): Option[] {
  const computed = explanation.response.level;
  const levels = [...(offered && offered.length > 0 ? offered : USUAL)];
  if (!levels.includes(computed)) levels.unshift(computed);
  return levels.map((level) => {
    const name = levelName(level);
    const origin = originOf(explanation, level);
    if (origin === 'computed') return { value: level, text: name, why: '' };
    if (origin === 'summed') return { value: level, text: `${name}, summed`, why: '' };
    return offered
      ? { value: level, text: `${name}, compute`, why: '' }
      : { value: level, text: name, why: 'needs the model' };
  });
}
