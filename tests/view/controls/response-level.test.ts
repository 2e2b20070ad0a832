import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseLevelOptions } from '../../../src/view/controls/response-level';
import { example } from '../example';

test('levels say what is summed, what can be computed and what needs the model', () => {
  const texts = (offered: string[] | null) =>
    responseLevelOptions(example(), offered).map(({ text, why }) =>
      why ? `${text}: ${why}` : text,
    );
  assert.deepEqual(texts(['token', 'word', 'sentence']), [
    'tokens, compute',
    'words',
    'sentences, summed',
  ]);
  assert.deepEqual(texts(null), ['tokens: needs the model', 'words', 'sentences, summed']);
});
