import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Choices } from '../../../src/view/host';
import { aimLine, spanBetween, whyNoSpans, within } from '../../../src/view/model/spans';
import { example } from '../example';

const texts = ['Go ', 'north. ', 'Swim ', 'there.'];
const choices: Choices = {
  methods: [{ name: 'linear', title: 'Linear', available: true, why: '' }],
  levels: [],
  response_levels: [],
  values: ['logprob', 'text'],
  metrics: [],
};

test('a piece lies between two places, in either order', () => {
  const [one, other] = [
    { index: 1, offset: 0 },
    { index: 2, offset: 4 },
  ];
  assert.deepEqual(spanBetween(texts, one, other), [3, 14]);
  assert.deepEqual(spanBetween(texts, other, one), [3, 14]);
});

test('white space around a piece is no part of it, and alone it is none', () => {
  assert.deepEqual(spanBetween(texts, { index: 0, offset: 2 }, { index: 1, offset: 7 }), [3, 9]);
  assert.equal(spanBetween(texts, { index: 0, offset: 2 }, { index: 0, offset: 3 }), null);
  assert.equal(spanBetween(texts, { index: 1, offset: 2 }, { index: 1, offset: 2 }), null);
});

test('pieces are counted in code points, as the kernel counts them', () => {
  const emoji = ['\u{1f3dd} sea ', '\u{1f30a}\u{1f30a} sun'];
  const span = spanBetween(emoji, { index: 1, offset: 2 }, { index: 1, offset: 8 });
  assert.deepEqual(span, [7, 12]);
  const e = example({
    response: { level: 'word', units: emoji.map((text) => ({ text })), supplied: false },
  });
  assert.equal(aimLine(e, span, ''), 'Explaining [7:12] “\u{1f30a} sun” …');
});

test('the line tells what is explained, what is coming, or how to pick a piece', () => {
  const plain = example();
  const aimed = example({
    response: {
      ...plain.response,
      targets: {
        kind: 'spans',
        spans: [
          [3, 8],
          [10, 14],
        ],
      },
    },
  });
  assert.match(aimLine(plain, null, ''), /^Drag/);
  assert.match(aimLine(plain, null, 'No kernel.'), /cannot be explained here\. No kernel\.$/);
  assert.equal(aimLine(plain, [3, 8], ''), 'Explaining [3:8] “north” …');
  assert.equal(aimLine(aimed, null, ''), 'Explaining [3:8] “north”, [10:14] “Swim”');
  assert.match(aimLine(aimed, 'all', ''), /Letting go/);
});

test('why no piece can be explained', () => {
  const plain = example();
  assert.equal(whyNoSpans(plain, choices), '');
  assert.match(whyNoSpans(plain, null), /Run the cell again/);
  assert.match(whyNoSpans(plain, { ...choices, values: ['text'] }), /model/);
  assert.match(whyNoSpans(example({ value: 'text' }), choices), /as the value/);
  const why = 'opened without its model';
  const methods = choices.methods.map((method) => ({ ...method, available: false, why }));
  assert.match(whyNoSpans(plain, { ...choices, methods }), /opened without its model/);
  const foil = { text: 'Stay.', supplied: true, unit: 0 };
  const contrast = example({ response: { ...plain.response, foil } });
  assert.match(whyNoSpans(contrast, choices), /whole/);
});

test('a piece covers characters within units, as the browser counts them', () => {
  const emoji = ['\u{1f3dd} sea ', '\u{1f30a}\u{1f30a} sun'];
  assert.deepEqual(
    [...within(emoji, [[7, 12]])],
    [[1, [[2, 8]]]],
    'two code units for what the kernel counts as one',
  );
  assert.deepEqual(
    [
      ...within(texts, [
        [1, 5],
        [8, 9],
        [10, 12],
      ]),
    ],
    [
      [0, [[1, 3]]],
      [
        1,
        [
          [0, 2],
          [5, 6],
        ],
      ],
      [2, [[0, 2]]],
    ],
  );
  assert.deepEqual([...within(texts, [[20, 99]])], [[3, [[5, 6]]]], 'no further than the text');
});
