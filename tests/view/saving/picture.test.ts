import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drawing } from '../../../src/view/model/drawing';
import { NOTHING } from '../../../src/view/model/focus';
import { picture } from '../../../src/view/saving/picture';
import { example } from '../example';

/** Every character is ten wide. */
const measure = (text: string): number => 10 * [...text].length;

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
