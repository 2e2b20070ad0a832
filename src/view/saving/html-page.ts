import type { Explanation } from '../../protocol/explanation';
import type { Bundle } from '../host';
import { packForPage } from '../model/cells';
import { excerpt } from '../wording/format';
import { escaped } from './xml';

// A module in a Blob: browsers refuse to import modules from pages opened as files.
const START = `
const source = JSON.parse(document.getElementById('jxai-view').textContent);
const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
const { openPage } = await import(url);
URL.revokeObjectURL(url);
openPage();
`;

/**
 * One page with the interactive view, complete in itself, as `Explanation.html()` writes it. Where
 * no script may run, readers see the text.
 */
export function htmlPage(explanation: Explanation, { code, style }: Bundle, text: string): string {
  const answer = explanation.response.units.map((unit) => unit.text).join('');
  const title = escaped(`Why? ${excerpt(answer)}`);
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    `<title>${title}</title><style>` +
    'body{margin:1rem auto;max-width:80rem;padding:0 1rem;font-family:system-ui,sans-serif}' +
    `</style><style id="jxai-style">${style.replace(/<\//g, '<\\/')}</style></head><body>` +
    `<main id="jxai-root"><pre>${escaped(text)}</pre></main>` +
    data('jxai-view', code) +
    data('jxai-explanation', packForPage(explanation)) +
    `<script type="module">${START}</script></body></html>\n`
  );
}

/** JSON that cannot end its element early, whatever is written in it. */
function data(name: string, value: unknown): string {
  const inert = JSON.stringify(value).replace(/</g, '\\u003c');
  return `<script type="application/json" id="${name}">${inert}</script>`;
}
