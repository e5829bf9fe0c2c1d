import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { followLog } from './follow-log.js';
import { logLineViewer } from './show-log.js';

test('a log line reads as every line for people does; anything else names its member', (t) => {
  const line =
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"scheduler","id":"s1","event":"x","epoch":7,"msg":"leading"}';
  const view = logLineViewer({ colors: false });
  t.regex(view('s1', line), /^\[\d\d:04:05\.678\] INFO: s1 leading epoch=7$/);
  t.is(view('s1', 'Killed'), 's1 Killed');
  t.is(view('s1', '42'), 's1 42');
});

test('a log is followed from its beginning to what is written last', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-logs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 's1.log');
  await writeFile(path, 'one\ntw');
  const lines: string[] = [];
  const end = await followLog(path, systemRuntime, (line) => lines.push(line));
  await appendFile(path, 'o\nthree\nunfinished');
  await end();
  t.deepEqual(lines, ['one', 'two', 'three']);
});
