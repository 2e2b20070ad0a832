/** Text set in lines of a given width, for pictures. All pure: what measures is handed in. */

import type { Measure } from '../elements/ink';

/** A piece of text on one line; `of` tells which of the given texts it belongs to. */
export interface Fragment {
  readonly text: string;
  readonly of: number;
  readonly x: number;
  readonly width: number;
}

/**
 * Break texts that follow each other into lines, at white space where there is any. Words run on
 * from one text into the next.
 */
export function typeset(texts: readonly string[], width: number, measure: Measure): Fragment[][] {
  const lines: Fragment[][] = [[]];
  let x = 0;
  const newLine = (): void => {
    lines.push([]);
    x = 0;
  };
  const put = (text: string, of: number): void => {
    const long = measure(text);
    const line = lines[lines.length - 1];
    const last = line?.[line.length - 1];
    // What belongs to one text stays one piece.
    if (last?.of === of) {
      line?.splice(-1, 1, { ...last, text: last.text + text, width: last.width + long });
    } else line?.push({ text, of, x, width: long });
    x += long;
  };
  let word: { text: string; of: number }[] = [];
  const flush = (): void => {
    const long = word.reduce((sum, { text }) => sum + measure(text), 0);
    if (x > 0 && x + long > width) newLine();
    for (const { text, of } of word) {
      if (long <= width) put(text, of);
      else for (const part of parts(text)) cut(part, of);
    }
    word = [];
  };
  const cut = (text: string, of: number): void => {
    if (x > 0 && x + measure(text) > width) newLine();
    put(text, of);
  };
  const parts = (text: string): string[] => chunks(text, width, measure);
  texts.forEach((whole, of) => {
    for (const [text] of whole.matchAll(/\r?\n|[^\S\n]+|\S+/g)) {
      if (/\S/.test(text)) {
        word.push({ text, of });
        continue;
      }
      flush();
      if (text.endsWith('\n')) newLine();
      else if (x > 0 && x < width) put(text, of);
    }
  });
  flush();
  return lines;
}

/** A text that is wider than a line, in chunks of whole characters that are not. */
function chunks(text: string, width: number, measure: Measure): string[] {
  const result: string[] = [];
  let current = '';
  for (const character of text) {
    if (current !== '' && measure(current + character) > width) {
      result.push(current);
      current = '';
    }
    current += character;
  }
  return [...result, current];
}
