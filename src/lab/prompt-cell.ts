/** Cells that hold a prompt: how they are recognised, and how any text becomes one. All pure. */

const VARIABLE = 'prompt_to_explain';

/**
 * IPython takes interpreter prompts off before it looks at the magic, wherever it sees them, and
 * control characters do not survive editors and saved files. It drops a blank last line, too.
 */
const ALTERED =
  /^\s*(?:>>>|\.{3}|(?:\[(?:nav|ins)\])?[ ]*In[ ]\[\d+\]:)|[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/m;

/** The source of a cell that explains this text, character by character. */
export function promptSource(text: string): string {
  if (ALTERED.test(text) || /\n[^\S\n]+$/.test(text)) {
    return `${VARIABLE} = ${literal(text)}\n%xai explain --prompt ${VARIABLE}`;
  }
  // The magic drops one line break at the end, which every cell has.
  return `%%xai explain\n${text}${text.endsWith('\n') ? '\n' : ''}`;
}

/** A text as Python and JSON write it, without what counts as the end of a line anywhere. */
function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether running the cell explains something. */
export function isPrompt(source: string): boolean {
  return (
    /^\s*%%xai\b/.test(source) || /^[ \t]*(?:\w+[ \t]*=[ \t]*)?%xai[ \t]+explain\b/m.test(source)
  );
}

/** Whether the cell makes the magics known to its kernel. */
export function loadsMagics(source: string): boolean {
  return /^[ \t]*%(?:re)?load_ext[ \t]+jupyter_xai\b/m.test(source);
}

export const LOAD_MAGICS = '%load_ext jupyter_xai';
