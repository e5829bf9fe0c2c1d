import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLineFormatter } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { MergedLogs } from './merged-logs.js';
import { withoutRepeatedWarnings } from './openness.js';
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

test('that a cluster is open is said once, of the whole cluster', (t) => {
  const shown: string[] = [];
  const show = withoutRepeatedWarnings((name, line) => shown.push(showLogLine(name, line, format)));
  const format = logLineFormatter({ colors: false });
  const line = (fields: object) =>
    JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', ...fields, msg: 'text' });
  show('s1', line({ id: 's1', event: 'access.open', root: '/drover' }));
  for (const name of ['w1', 'w2']) {
    for (const builtin of ['shell', 'http']) show(name, line({ name, event: 'worker.exposed', builtin }));
    show(name, line({ name, event: 'access.open', root: '/drover' }));
    show(name, line({ name, event: 'worker.ready' }));
  }
  const texts = shown.map((text) => text.replace(/^\S+ /, ''));
  t.deepEqual(texts, ['WARN: text root=/drover', 'WARN: w1 text', 'WARN: w2 text']);
});

test('logs are followed from their beginning to what is written last, in the order of time', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-logs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const [s1, w1] = [join(folder, 's1.log'), join(folder, 'w1.log')];
  const line = (second: number, text: string) => `{"time":"2026-01-02T03:04:0${second}.000Z","msg":"${text}"}`;
  await writeFile(s1, `${line(1, 'one')}\nno log line\n${line(4, 'fo')}`);
  await writeFile(w1, `${line(2, 'two')}\n`);
  const lines: string[] = [];
  const logs = new MergedLogs(systemRuntime, (name, text) => lines.push(`${name} ${text}`));
  await logs.follow('w1', w1);
  await logs.follow('s1', s1);
  await appendFile(s1, `\n${line(5, 'five')}\nunfinished`);
  await appendFile(w1, `${line(3, 'three ü')}\n`);
  await logs.end();
  t.deepEqual(lines, [
    `s1 ${line(1, 'one')}`,
    's1 no log line',
    `w1 ${line(2, 'two')}`,
    `w1 ${line(3, 'three ü')}`,
    `s1 ${line(4, 'fo')}`,
    `s1 ${line(5, 'five')}`,
  ]);
});
