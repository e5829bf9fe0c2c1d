import { readFile } from 'node:fs/promises';
import test from 'ava';
import { eventsDocument, metricsDocument } from './index.js';

test('docs/events.md is what the tables say (else: node tools/write-events.mjs)', async (t) => {
  const path = new URL('../../../../docs/events.md', import.meta.url);
  t.is(await readFile(path, 'utf8'), eventsDocument());
});

test('docs/metrics.md is what the table says (else: node tools/write-events.mjs)', async (t) => {
  const path = new URL('../../../../docs/metrics.md', import.meta.url);
  t.is(await readFile(path, 'utf8'), metricsDocument());
});
