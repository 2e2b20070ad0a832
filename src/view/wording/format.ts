/** Numbers, times and excerpts as people read them. All pure. */

const MINUS = '\u2212';

/** As many digits as a person compares, and a true minus sign: 0.006, 0.62, −7.90, 12.4, 124. */
export function number(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  let text: string;
  // Each limit is where rounding ends the digits below it, so that what is shown tells how many.
  if (size >= 1e6 || size < 0.00095) text = size.toExponential(0);
  else if (size >= 99.95) text = size.toFixed(0);
  else if (size >= 9.995) text = size.toFixed(1);
  else if (size >= 0.0995) text = size.toFixed(2);
  else text = size.toFixed(3);
  return (value < 0 ? MINUS : '') + text;
}

/** A score always carries its sign, so that colour is never the only carrier. */
export function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

export function interval(low: number, high: number): string {
  return `[${number(low)}, ${number(high)}]`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}

export function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function count(value: number, noun: string): string {
  return `${integer(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Cents, or two digits of what is less than one. */
export function money(paid: number): string {
  return paid >= 1 ? paid.toFixed(2) : String(Number(paid.toPrecision(2)));
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text as one line: for names that must hold all that is to be seen. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim() || blank(text);
}

function blank(text: string): string {
  return text.length === 0 ? '(empty)' : '(white space)';
}

/** One line of a unit's text, cut at a whole character: never half a surrogate pair. */
export function excerpt(text: string, most = 60): string {
  const line = [
    ...text
      .slice(0, most * 4)
      .replace(/\s+/g, ' ')
      .trim(),
  ];
  if (line.length === 0) return blank(text);
  const whole = line.length <= most && text.length <= most * 4;
  if (whole) return unturned(line.join(''));
  const cut = line.slice(0, most - 1).join('');
  return unturned(`${cut.trimEnd()}…`);
}

const [ENDS_EMBEDDING, ENDS_ISOLATE] = ['\u202c', '\u2069'];

/** A text that turns no other text around it: what it opens (of direction marks), it closes. */
function unturned(text: string): string {
  const open: string[] = [];
  for (const mark of text.match(/[\u202a-\u202e\u2066-\u2069]/g) ?? []) {
    if (mark === ENDS_EMBEDDING) {
      if (open[open.length - 1] === mark) open.pop();
    } else if (mark === ENDS_ISOLATE) {
      const at = open.lastIndexOf(mark);
      if (at >= 0) open.length = at;
    } else {
      open.push(mark < '\u2066' ? ENDS_EMBEDDING : ENDS_ISOLATE);
    }
  }
  return text + open.reverse().join('');
}
