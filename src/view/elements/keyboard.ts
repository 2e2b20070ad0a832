/** Where an arrow key leads among elements in reading order; null for keys that lead nowhere. */
export function step(elements: readonly HTMLElement[], from: number, key: string): number | null {
  const last = elements.length - 1;
  const rightToLeft = directionOf(elements[from]) === 'rtl';
  switch (key) {
    case 'ArrowRight':
      return clamp(from + (rightToLeft ? -1 : 1), last);
    case 'ArrowLeft':
      return clamp(from + (rightToLeft ? 1 : -1), last);
    case 'ArrowDown':
      return line(elements, from, 1);
    case 'ArrowUp':
      return line(elements, from, -1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

function directionOf(element: HTMLElement | undefined): string {
  return element ? getComputedStyle(element).direction : 'ltr';
}

function clamp(index: number, last: number): number {
  return Math.min(last, Math.max(0, index));
}

/** The unit on the next or previous line that stands nearest below or above. */
function line(elements: readonly HTMLElement[], from: number, way: 1 | -1): number {
  const start = elements[from]?.getClientRects()[0];
  if (!start) return from;
  let best = from;
  let found: DOMRect | null = null;
  for (let index = from + way; index >= 0 && index < elements.length; index += way) {
    const rect = elements[index]?.getClientRects()[0];
    if (!rect) continue;
    const away = way * (rect.top - start.top);
    if (away < 2) continue;
    if (found && Math.abs(rect.top - found.top) > 2) break;
    if (!found || Math.abs(rect.left - start.left) < Math.abs(found.left - start.left)) {
      best = index;
      found = rect;
    }
  }
  return best;
}
