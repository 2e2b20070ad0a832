/** Which parts of an answer the model wrote for itself: what stands within <think> and </think>. */

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Whether each unit lies in a thought with all of its visible text. One that ends a thought and
 * begins the answer does not: no part of the answer is ever hidden.
 */
export function inThoughts(texts: readonly string[]): boolean[] {
  const spans = thoughts(texts.join(''));
  let start = 0;
  return texts.map((text) => {
    const from = start + (text.length - text.trimStart().length);
    const to = start + text.trimEnd().length;
    start += text.length;
    return spans.some(([first, last]) => first <= from && to <= last && from < to);
  });
}

/** A chat template may have opened the first thought, and a model cut short closes none. */
function thoughts(text: string): [start: number, end: number][] {
  const result: [number, number][] = [];
  const close = text.indexOf(CLOSE);
  const open = text.indexOf(OPEN);
  let at = close >= 0 && (open < 0 || close < open) ? 0 : open;
  while (at >= 0) {
    const end = text.indexOf(CLOSE, at);
    result.push([at, end < 0 ? text.length : end + CLOSE.length]);
    at = end < 0 ? -1 : text.indexOf(OPEN, end);
  }
  return result;
}
