/** How a pane sets its units: one a line with its number beside it, or as running text. */
export type Layout = 'rows' | 'flow';

const ONE_A_LINE: readonly string[] = ['sentence', 'paragraph', 'message'];

export function layoutFor(level: string): Layout {
  return ONE_A_LINE.includes(level) ? 'rows' : 'flow';
}
