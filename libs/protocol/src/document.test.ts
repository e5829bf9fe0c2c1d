import { readFile } from 'node:fs/promises';
import test from 'ava';
import { decodeBatch } from './batch.js';
import { decodeBroadcast } from './broadcasts.js';
import { znodesDocument } from './document.js';
import { examples } from './examples.js';
import { decodeFlow, decodeNotes } from './flows.js';
import { TREE } from './paths.js';
import { decodeRecord } from './records.js';
import { decodeResult } from './result.js';
import { decodeSchedules, decodeScheduleStates } from './schedules.js';

test('docs/znodes.md is what the code says (else: node tools/znodes.mjs)', async (t) => {
  const path = new URL('../../../../docs/znodes.md', import.meta.url);
  t.is(await readFile(path, 'utf8'), znodesDocument());
});

test('every path of the tree has an example, and every example is one that is read', (t) => {
  t.deepEqual(
    [...new Set(examples().map(({ path }) => path))],
    TREE.map(([path]) => path),
  );
  for (const { path, kind, at, data } of examples()) {
    const bytes = new TextEncoder().encode(data);
    if (kind !== null) t.notThrows(() => decodeRecord(kind, at, bytes));
    else if (path === '/schedules/<page>') t.notThrows(() => decodeSchedules(at, bytes));
    else if (path.endsWith('/state')) t.notThrows(() => decodeScheduleStates(at, bytes));
    else if (path.endsWith('<batch>')) t.notThrows(() => decodeBatch(at, bytes));
    else if (path.endsWith('<broadcast>')) t.notThrows(() => decodeBroadcast(at, bytes));
    else if (path.endsWith('<part>')) t.is(data, '');
    else if (path.endsWith('<flow>')) t.notThrows(() => decodeFlow(at, bytes));
    else if (path.endsWith('<note>')) t.notThrows(() => decodeNotes(at, bytes));
    else t.notThrows(() => decodeResult(at, bytes));
  }
});
