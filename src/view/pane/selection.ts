import type { Place } from '../model/spans';

/** Further than a click's tremble, in pixels. */
const DRAGGED = 4;
/** Longer than a tap, in milliseconds, and sooner than the system's own menu. */
const HELD = 450;

/** A text that stands in an element, of which the first characters may not be drawn. */
export interface Drawn {
  readonly index: number;
  readonly element: HTMLElement;
  readonly skipped: number;
}

/** The selected text's two ends among texts that follow each other; null when none is selected. */
export function selectedEnds(texts: Iterable<Drawn>): [Place, Place] | null {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  let first: Place | null = null;
  let last: Place | null = null;
  for (const { index, element, skipped } of texts) {
    if (!selection.containsNode(element, true)) continue;
    const start = offsetIn(element, startContainer, startOffset);
    const end = offsetIn(element, endContainer, endOffset);
    if (start >= end) continue;
    first ??= { index, offset: skipped + start };
    last = { index, offset: skipped + end };
  }
  return first && last ? [first, last] : null;
}

/** Select from one place to another, as it was before the texts were set anew. */
export function select(texts: Iterable<Drawn>, [first, last]: readonly [Place, Place]): void {
  const range = document.createRange();
  for (const { index, element, skipped } of texts) {
    if (index === first.index) range.setStart(...pointIn(element, first.offset - skipped));
    if (index === last.index) range.setEnd(...pointIn(element, last.offset - skipped));
  }
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** The text node, and the place within it, at so many characters of an element. */
function pointIn(element: HTMLElement, offset: number): [Node, number] {
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const { length } = node as Text;
    if (left <= length) return [node, left];
    left -= length;
  }
  return [element, element.childNodes.length];
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
      if (event.type !== 'pointerup' || distance(start, event) < DRAGGED) return;
      // The click at the end of a drag is none.
      const swallowing = swallowClick(element);
      setTimeout(() => swallowing.abort());
      dragged();
    };
    window.addEventListener('pointerup', stop, { signal: end.signal });
    window.addEventListener('pointercancel', stop, { signal: end.signal });
  });
}

/** What a finger does that rests on an element before it moves on. */
export interface Finger {
  /** It rests here; true where that tells something. */
  rests(target: EventTarget | null): boolean;
  /** It was dragged on to here. */
  reaches(target: EventTarget | null): void;
  /** It was lifted. */
  lifts(): void;
}

/**
 * Call back when a finger rests on an element and is dragged on from there. Where the rest tells
 * something, nothing scrolls under the finger, and the tap that it ends with does nothing more.
 */
export function onHeld(element: HTMLElement, finger: Finger): void {
  let holding = false;
  // Too late once a touch has begun: browsers then scroll without asking.
  for (const name of ['touchmove', 'contextmenu']) {
    const keep = (event: Event): void => {
      if (holding && event.cancelable) event.preventDefault();
    };
    element.addEventListener(name, keep, { passive: false });
  }
  element.addEventListener('pointerdown', (start) => {
    if (start.pointerType !== 'touch') return;
    const end = new AbortController();
    const { signal } = end;
    const timer = setTimeout(() => {
      end.abort();
      if (!finger.rests(start.target)) return;
      holding = true;
      const swallowing = swallowClick(element);
      const lifted = new AbortController();
      const held = { signal: lifted.signal };
      const root = element.getRootNode() as Document | ShadowRoot;
      const drag = ({ clientX, clientY }: PointerEvent): void =>
        finger.reaches(root.elementFromPoint(clientX, clientY));
      const stop = ({ type }: PointerEvent): void => {
        holding = false;
        if (type === 'pointerup') finger.lifts();
        lifted.abort();
        // The finger's click, if the browser makes one of it, comes before the next touch.
        const again = { capture: true, once: true };
        window.addEventListener('pointerdown', () => swallowing.abort(), again);
      };
      window.addEventListener('pointermove', drag, held);
      window.addEventListener('pointerup', stop, held);
      window.addEventListener('pointercancel', stop, held);
    }, HELD);
    signal.addEventListener('abort', () => clearTimeout(timer));
    const stop = (): void => end.abort();
    window.addEventListener('pointerup', stop, { signal });
    window.addEventListener('pointercancel', stop, { signal });
    const moved = (event: PointerEvent): void => {
      if (distance(start, event) >= DRAGGED * 2) end.abort();
    };
    window.addEventListener('pointermove', moved, { signal });
  });
}

/** Whether a click came from a finger. */
export function touches(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === 'touch';
}

/** No click is heard in the element until that is aborted. */
function swallowClick(element: HTMLElement): AbortController {
  const end = new AbortController();
  const { signal } = end;
  element.addEventListener('click', (event) => event.stopPropagation(), { capture: true, signal });
  return end;
}

function distance(from: PointerEvent, to: PointerEvent): number {
  return Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY);
}
