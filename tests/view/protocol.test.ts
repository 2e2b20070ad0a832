import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { compileFromFile } from 'json-schema-to-typescript';

const style = { singleQuote: true, printWidth: 100 };

test('src/protocol/explanation.ts is what `npm run protocol` makes of the schema', async () => {
  const made = await compileFromFile('jupyter_xai/schema/explanation.schema.json', { style });
  assert.equal(await readFile('src/protocol/explanation.ts', 'utf8'), made);
});

test('and src/protocol/comparison.ts of the schema of comparisons', async () => {
  const made = await compileFromFile('jupyter_xai/schema/comparison.schema.json', {
    ignoreMinAndMaxItems: true,
    style,
  });
  assert.equal(await readFile('src/protocol/comparison.ts', 'utf8'), made);
});

test('and src/protocol/widget.ts of the schema of what widget and view say to each other', async () => {
  const made = await compileFromFile('jupyter_xai/schema/widget.schema.json', {
    ignoreMinAndMaxItems: true,
    style,
  });
  assert.equal(await readFile('src/protocol/widget.ts', 'utf8'), made);
});
