/** What numbers and parts are called: the words that Python says, too. */

import labels from '../../jupyter_xai/schema/labels.json';
import type { Explanation } from './explanation';

type Value = Explanation['value'];
type Measure = NonNullable<Explanation['method']['measure']>;
type Chosen = NonNullable<Explanation['response']['targets']>['kind'];

interface Labels {
  /** A value's name, its unit, and the unit of a difference of two of them. */
  readonly values: Readonly<
    Record<Value, { readonly name: string; readonly unit: string; readonly lead: string }>
  >;
  /** What the difference to a foil's value is called. */
  readonly lead: string;
  /** What scores are that are no differences of a value; `{value}` stands for its name. */
  readonly measures: Readonly<Record<Measure, string>>;
  /** Before a foil: the reader's, or the model's own next-best answer. */
  readonly foil: { readonly supplied: string; readonly own: string };
  /** Why a part of the answer has no scores of its own. */
  readonly unscored: Readonly<Record<Chosen | 'whole' | 'same' | 'behind', string>>;
  /** One call of each kind, and what else a run costs. */
  readonly cost: Readonly<
    Record<'forwards' | 'backwards' | 'generations' | 'reused' | 'nothing' | 'paid', string>
  >;
}

export const LABELS = labels as Labels;
