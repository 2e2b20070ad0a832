import type { Place } from './spans';

/** Further than a click's tremble, in pixels. */
const DRAGGED = 4;

/** A text that stands in an element, of which the first characters may not be drawn. */
export interface Drawn {
  readonly element: HTMLElement;
  readonly skipped: number;
}

/** The selected text's two ends among texts that follow each other; null when none is selected. */
export function selectedEnds(texts: readonly Drawn[]): [Place, Place] | null {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  let first: Place | null = null;
  let last: Place | null = null;
  texts.forEach(({ element, skipped }, index) => {
    const start = offsetIn(element, startContainer, startOffset);
    const end = offsetIn(element, endContainer, endOffset);
    if (start >= end) return;
    first ??= { index, offset: skipped + start };
    last = { index, offset: skipped + end };
  });
  return first && last ? [first, last] : null;
}

/** How many characters of an element's text stand before a point anywhere in the page. */
function offsetIn(element: HTMLElement, container: Node, offset: number): number {
  const range = document.createRange();
  range.selectNodeContents(element);
  const side = range.comparePoint(container, offset);
  if (side < 0) return 0;
  if (side === 0) range.setEnd(container, offset);
  return range.toString().length;
}

/** Call back when the pointer was dragged from within an element, wherever it is let go. */
export function onDragged(element: HTMLElement, dragged: () => void): void {
  element.addEventListener('pointerdown', (start) => {
    if (start.button !== 0 || start.shiftKey) return;
    const end = new AbortController();
    const stop = (event: PointerEvent): void => {
      end.abort();
      const way = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
      if (event.type === 'pointerup' && way >= DRAGGED) dragged();
    };
    window.addEventListener('pointerup', stop, { signal: end.signal });
    window.addEventListener('pointercancel', stop, { signal: end.signal });
  });
}
