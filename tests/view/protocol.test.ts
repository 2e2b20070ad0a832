import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { compileFromFile } from 'json-schema-to-typescript';

test('src/protocol.ts is what `npm run protocol` makes of the schema', async () => {
  const style = { singleQuote: true, printWidth: 100 };
  const made = await compileFromFile('jupyter_xai/schema/explanation.schema.json', { style });
  assert.equal(await readFile('src/protocol.ts', 'utf8'), made);
});
