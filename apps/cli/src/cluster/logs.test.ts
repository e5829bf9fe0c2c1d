import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLineFormatter } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { followLog } from './follow-log.js';
import { showLogLine } from './show-log.js';

test('a log line is shown as every process shows it; any other line names its member', (t) => {
  const format = logLineFormatter({ colors: false });
  const line =
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"scheduler","id":"s1","event":"x","epoch":7,"msg":"leading"}';
  t.regex(showLogLine('s1', line, format), /^\[\d\d:04:05\.678\] INFO: s1 leading epoch=7$/);
  t.is(showLogLine('s1', 'Killed', format), 's1 Killed');
  t.is(showLogLine('s1', '42', format), 's1 42');
  t.is(showLogLine('w1', 'a\u001b[2J\rb', format), 'w1 a\\u001b[2J\\rb');
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
