import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drawing } from '../../../src/view/model/drawing';
import { originOf } from '../../../src/view/model/grouping';
import { reportText } from '../../../src/view/saving/report';
import {
  whyNoScores,
  foilHead,
  partAtDifference,
  explainedPieces,
  whyNoFoil,
} from '../../../src/view/wording/foil-and-targets';
import { scaleSentence } from '../../../src/view/wording/sentences';
import { example } from '../example';

const plain = example();
const contrast = example({
  response: { ...plain.response, foil: { text: 'Go south. Run.', supplied: true, unit: 1 } },
  scores: [
    [0, 0.5, null, null],
    [0, 2, null, null],
    [0, 1, null, null],
  ],
});
const partly = example({
  response: {
    ...plain.response,
    units: plain.response.units.map((unit, i) => ({ ...unit, targets: i === 2 ? ['Swim'] : [] })),
    targets: { kind: 'context-dependent', spans: [[10, 14]] },
  },
});

test('a unit says why it has no scores', () => {
  const asides = (e: typeof plain): string[] =>
    e.response.units.map((_, unit) => whyNoScores(e, unit));
  assert.deepEqual(asides(plain), ['', '', '', '']);
  const [same, decisive, after] = asides(contrast);
  assert.match(same ?? '', /same in both/);
  assert.equal(decisive, '');
  assert.match(after ?? '', /only the whole answers/);
  assert.deepEqual(
    asides(partly).map((text) => text === ''),
    [false, false, true, false],
  );
  const whole = { ...contrast.response.foil, text: 'No.', supplied: true, unit: null };
  const byText = example({ response: { ...plain.response, foil: whole } });
  assert.ok(asides(byText).every((text) => text !== ''));
});

test('the foil is named, and parted where it differs', () => {
  assert.equal(foilHead(plain), '');
  assert.equal(foilHead(contrast), 'Instead of');
  assert.deepEqual(partAtDifference('Go south. Run.', 'Go somewhere.'), {
    same: 'Go ',
    rest: 'south. Run.',
  });
  assert.deepEqual(partAtDifference('No.', 'Yes.'), { same: '', rest: 'No.' });
  const text = reportText(contrast, new Drawing(contrast, 'word').table, 2);
  assert.match(text, /Instead of:\nGo south\. Run\./);
  assert.match(scaleSentence(contrast), /for the other one/);
});

test('nothing of a contrast is summed, and the question names both', () => {
  assert.equal(originOf(plain, 'sentence'), 'summed');
  assert.equal(originOf(contrast, 'sentence'), 'asked');
  const settled = { focus: { hover: null, prompt: [], response: [] }, k: 1, ownScale: false };
  const drawing = new Drawing(contrast, 'word');
  assert.equal(drawing.question(settled), 'What made this answer, and not the other');
  assert.match(drawing.answerLines(3).join(), /only the whole answers/);
  assert.match(drawing.cellLine(0, 3), /no score/);
  assert.equal(new Drawing(plain, 'word').question(settled), 'What made the whole answer');
});

test('explained pieces are told, also of summed units', () => {
  assert.equal(explainedPieces(plain, [0, 1]), '');
  assert.equal(explainedPieces(partly, [2, 3]), '“Swim”');
  const sentences = new Drawing(partly, 'sentence').table.columns;
  assert.deepEqual(
    sentences.map(({ aside: why, pieces: which }) => [why === '', which]),
    [
      [false, ''],
      [true, '“Swim”'],
    ],
  );
});

test('why no other answer can be compared', () => {
  const choices = {
    methods: [],
    levels: [],
    response_levels: [],
    values: ['logprob'],
    metrics: [],
  };
  assert.equal(whyNoFoil(plain, choices), '');
  assert.equal(whyNoFoil(contrast, choices), '');
  assert.match(whyNoFoil(plain, { ...choices, values: ['text'] }), /log-probabilities/);
  assert.match(whyNoFoil(plain, null), /Run the cell again/);
});
