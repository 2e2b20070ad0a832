/** XML by hand, for pictures: whatever is written in a text stays text. */

type Value = string | number;

export function tag(name: string, attributes: Record<string, Value>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;
}

export function escaped(value: Value): string {
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  return (
    value
      // XML has no way to write these, not even escaped.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
  );
}
