import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drawing } from '../../../src/view/model/drawing';
import { NOTHING } from '../../../src/view/model/focus';
import { pageOf } from '../../../src/view/saving/html-page';
import { picture } from '../../../src/view/saving/picture';
import { typeset } from '../../../src/view/saving/typeset';
import { escaped } from '../../../src/view/saving/xml';
import { example } from '../example';

/** Every character is ten wide. */
const measure = (text: string): number => 10 * [...text].length;

function lines(texts: string[], width: number): string[] {
  return typeset(texts, width, measure).map((line) => line.map(({ text }) => text).join(''));
}

test('lines break at white space, and words run on from one text into the next', () => {
  assert.deepEqual(lines(['Go no', 'rth now'], 80), ['Go north', 'now']);
  assert.deepEqual(lines(['Go no', 'rth now'], 50), ['Go ', 'north', 'now']);
  assert.deepEqual(lines(['one\n\ntwo'], 90), ['one', '', 'two']);
});

test('a word wider than a line is cut between whole characters', () => {
  assert.deepEqual(lines(['🏝🏝🏝🏝🏝'], 20), ['🏝🏝', '🏝🏝', '🏝']);
  for (const line of typeset(['a', 'w'.repeat(1000)], 70, measure)) {
    const end = line[line.length - 1];
    assert.ok(end && end.x + end.width <= 70);
  }
});

test('no text is lost but the white space at which lines break', () => {
  const text = 'Lately, I have\tbeen  tired.\nWhere to?';
  const set = typeset([text], 60, measure).flat();
  const joined = set.map((fragment) => fragment.text).join('');
  assert.equal(joined.replace(/\s/g, ''), text.replace(/\s/g, ''));
});

test('what is no text in XML is escaped or replaced', () => {
  assert.equal(escaped('<b a="1">&\u0000'), '&lt;b a=&quot;1&quot;&gt;&amp;\ufffd');
});

const INK = {
  text: '#111',
  quiet: '#555',
  paper: '#fff',
  line: '#ddd',
  supports: 'blue',
  opposes: 'orange',
  font: 'sans-serif',
  underline: false,
  measure,
};

test('shades, numbers and colours of the picture are those of the view', () => {
  const drawing = new Drawing(example(), 'word');
  const settled = { focus: NOTHING, k: 2, ownScale: false };
  const drawn = picture(drawing, settled, INK);
  // The largest total is 3.5 of a scale that ends there; it gets the full shade.
  assert.match(drawn, /fill="blue" fill-opacity="0.56"/);
  assert.match(drawn, />\+3.50<\/text>/);
  assert.match(drawn, />–<\/text>/);
  assert.doesNotMatch(drawn, /fill="orange" fill-opacity="0.56"\/><text x/);
});

test('a page holds its data where no text of it can end them', () => {
  const hostile = '</script><script>pwned()</script>';
  const explanation = example({ notes: [hostile] });
  const page = pageOf(explanation, { code: hostile, style: 'a{}</style>' }, hostile);
  assert.equal(page.match(/<\/script>/g)?.length, 3);
  assert.equal(page.match(/<\/style>/g)?.length, 2);
  const start = page.indexOf('id="jxai-explanation">') + 'id="jxai-explanation">'.length;
  const data: unknown = JSON.parse(page.slice(start, page.indexOf('</script>', start)));
  assert.deepEqual(data, explanation);
});
