/** Why the model cannot be asked just now. All pure. */

import type { Choices } from '../host';

export const NO_KERNEL = 'Run the cell again to change it.';

/** Why the model cannot be asked by this method; empty when it can. */
export function whyNot(choices: Choices | null, method: string): string {
  const found = choices?.methods.find(({ name }) => name === method);
  return !found || found.available ? '' : found.why || 'This method is not available.';
}
