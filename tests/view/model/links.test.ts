import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chooseLinks,
  firstShare,
  linksOf,
  MOST_ENDS,
  MOST_LINKS,
  SHARES,
} from '../../../src/view/model/links';
import { ScoreTable } from '../../../src/view/model/score-table';
import { example } from '../example';

/** A table of a size, whose cells are all different: the further down, the stronger. */
function grid(n: number, m: number): ScoreTable {
  const units = (count: number) => Array.from({ length: count }, (_, i) => ({ text: `w${i} ` }));
  const scores = units(n).map((_, row) =>
    units(m).map((_, column) => ((row * m + column + 1) / (n * m)) * (column % 2 ? -1 : 1)),
  );
  return new ScoreTable(
    example({
      prompt: {
        level: 'word',
        units: units(n).map((unit) => ({ ...unit, role: 'user', protected: false })),
      },
      response: { level: 'word', units: units(m), supplied: false },
      scores,
      total: units(n).map(() => 0),
      intervals: null,
      full: Array.from({ length: m + 1 }, () => 0),
    }),
    'word',
  );
}

test('links come strongest first, with their signs; nothing and no score are no link', () => {
  const { strongest, largest, counts } = linksOf(new ScoreTable(example(), 'word'));
  assert.equal(largest, 2);
  assert.deepEqual(strongest[0], { row: 1, column: 2, score: 2 });
  assert.deepEqual(
    strongest.map(({ score }) => score),
    [2, 1, 1, 0.5, -0.5, 0.5, 0.25],
  );
  assert.equal(counts[0], 7);
  assert.equal(counts[SHARES.indexOf(0.5)], 3, 'a link of exactly the threshold is drawn');
});

test('the threshold decides which are drawn, and hidden ones are counted', () => {
  const links = linksOf(new ScoreTable(example(), 'word'));
  const half = chooseLinks(links, 0.5);
  assert.deepEqual([half.links.length, half.hidden], [3, 0]);
  assert.deepEqual(
    [half.rows, half.columns],
    [
      [1, 2],
      [0, 2, 3],
    ],
  );
  const large = linksOf(grid(100, 40));
  const all = chooseLinks(large, 0);
  assert.ok(all.links.length <= MOST_LINKS);
  assert.ok(all.rows.length <= MOST_ENDS && all.columns.length <= MOST_ENDS);
  assert.equal(all.links.length + all.hidden, 4000);
  assert.equal(all.links[0]?.row, 99, 'the strongest are kept however many there are');
});

test('at first as few are drawn as can be told apart, and no noise', () => {
  const many = linksOf(grid(30, 30));
  const share = firstShare(many, 0);
  assert.ok(chooseLinks(many, share).links.length <= 40);
  const few = linksOf(new ScoreTable(example(), 'word'));
  assert.equal(firstShare(few, 0), 0.01);
  assert.equal(firstShare(few, 0.3), 0.15, '0.15 of 2 is 0.3');
});
