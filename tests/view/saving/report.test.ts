import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScoreTable } from '../../../src/view/model/score-table';
import { reportText } from '../../../src/view/saving/report';
import { example } from '../example';

test('the copied text ranks the prompt for the whole answer and for each part', () => {
  const explanation = example();
  const text = reportText(explanation, new ScoreTable(explanation, 'sentence'), 2);
  assert.match(text, /Whole answer:\n {2}\+3.50 \[3.00, 4.00\] +I like the sea\./);
  assert.match(text, /“Swim there.”:\n {2}\+3.00 +I like the sea\./);
  assert.match(text, /not evaluated +Where to\?/);
});
