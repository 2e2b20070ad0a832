import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlPage } from '../../../src/view/saving/html-page';
import { example } from '../example';

test('a page holds its data where no text of it can end them', () => {
  const hostile = '</script><script>pwned()</script>';
  const explanation = example({ notes: [hostile] });
  const page = htmlPage(explanation, { code: hostile, style: 'a{}</style>' }, hostile);
  assert.equal(page.match(/<\/script>/g)?.length, 3);
  assert.equal(page.match(/<\/style>/g)?.length, 2);
  const start = page.indexOf('id="jxai-explanation">') + 'id="jxai-explanation">'.length;
  const data: unknown = JSON.parse(page.slice(start, page.indexOf('</script>', start)));
  assert.deepEqual(data, explanation);
});
