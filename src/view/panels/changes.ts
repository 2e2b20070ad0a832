/** Two texts as what they share and what they do not. All pure. */

import type { WhatIf } from '../host';

type Changes = WhatIf['changes'];

/** More pieces than this are confetti, and slow. */
const MOST = 300;
/** So many characters that both texts share are worth telling, even where changes are many. */
const WORTH = 8;

/** Changes as they are told: of very many, neighbours are taken together as one. */
export function readableChanges(changes: Changes, most = MOST): Changes {
  let result = changes;
  for (let least = WORTH; result.length > most; least *= 2) result = joined(result, least);
  return result;
}

/** What is shared, and shorter than so many characters, becomes part of the change around it. */
function joined(changes: Changes, least: number): Changes {
  const result: Changes[number][] = [];
  let removed = '';
  let added = '';
  const end = (): void => {
    if (removed) result.push({ kind: 'removed', text: removed });
    if (added) result.push({ kind: 'added', text: added });
    removed = added = '';
  };
  for (const change of changes) {
    if (change.kind === 'same' && change.text.length >= least) {
      end();
      result.push(change);
      continue;
    }
    if (change.kind !== 'added') removed += change.text;
    if (change.kind !== 'removed') added += change.text;
  }
  end();
  return result;
}
