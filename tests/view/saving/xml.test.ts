import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escaped } from '../../../src/view/saving/xml';

test('what is no text in XML is escaped or replaced', () => {
  assert.equal(escaped('<b a="1">&\u0000'), '&lt;b a=&quot;1&quot;&gt;&amp;\ufffd');
});
