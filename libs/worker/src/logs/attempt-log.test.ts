import test from 'ava';
import { AttemptLog, KEPT_CHARS, KEPT_LINES, TAIL_BYTES, tailOf } from './attempt-log.js';
import { RunLogs } from './run-logs.js';

test('the last lines are kept, and those before them are counted in their place', (t) => {
  const log = new AttemptLog('t', 1);
  for (let n = 1; n <= 1_000; n++) log.push('info', n, `line ${n}`);
  const lines = log.lines();
  t.is(lines.length, KEPT_LINES + 1);
  t.like(lines[0], { seq: 800, level: 'warn', text: '800 lines before are not shown: the worker keeps the last ones' });
  t.like(lines[1], { seq: 801, at: 801, text: 'line 801' });
  t.like(log.lines(2)[0], { seq: 998, text: '998 lines before are not shown: the worker keeps the last ones' });
  t.deepEqual(
    log.lines(2).map(({ seq }) => seq),
    [998, 999, 1_000],
  );
});

test('a task that logs 1 GB costs what a small one does', (t) => {
  const log = new AttemptLog('t', 1);
  const line = 'x'.repeat(2_000);
  for (let n = 0; n < 500_000; n++) log.push('output', 0, line);
  t.true(log.chars <= KEPT_CHARS);
  t.is(log.lines().at(-1)?.seq, 500_000);
});

test('lines that were dropped are told where they were', (t) => {
  const log = new AttemptLog('t', 1);
  log.push('info', 1, 'before');
  log.dropped(1_234, 2);
  log.push('info', 3, 'after');
  t.deepEqual(
    log.lines().map(({ seq, text }) => [seq, text]),
    [[1, 'before'], [1_235, '1,234 lines dropped: the task logged too fast'], [1_236, 'after']], // prettier-ignore
  );
});

test('the tail of a result has the last lines that fit, whole', (t) => {
  const log = new AttemptLog('t', 1);
  t.is(tailOf(log), null);
  for (let n = 0; n < 100; n++) log.push('info', 0, `${n} ${'ä'.repeat(50)} "quoted"`);
  const tail = tailOf(log) ?? '';
  t.true(Buffer.byteLength(tail) <= TAIL_BYTES && Buffer.byteLength(tail) > TAIL_BYTES - 200);
  const lines = JSON.parse(tail) as string[];
  t.true(lines.at(-1)?.startsWith('99 '));
});

test('a follower hears of further lines and of the end, until it stops', (t) => {
  const log = new AttemptLog('t', 1);
  const [heard, other]: (string | null)[][] = [[], []];
  log.follow((line) => heard?.push(line?.text ?? null));
  const stop = log.follow((line) => other?.push(line?.text ?? null));
  log.push('info', 1, 'a');
  stop();
  log.push('info', 2, 'b');
  log.end();
  t.deepEqual([heard, other], [['a', 'b', null], ['a']]);
  t.true(log.hasEnded);
});

test('of ended attempts those are forgotten that were looked at longest ago', (t) => {
  const logs = new RunLogs(10_000);
  const end = (task: string): void => {
    const log = logs.open(task, 1);
    log.push('info', 0, 'x'.repeat(3_000));
    t.is(logs.find(task, 1), log, 'while it runs');
    logs.end(log);
  };
  for (const task of ['a', 'b', 'c']) end(task);
  t.not(logs.find('a', 1), null);
  end('d');
  t.deepEqual(
    ['a', 'b', 'c', 'd'].map((task) => logs.find(task, 1) !== null),
    [true, false, true, true],
  );
  t.is(logs.find('a', 2), null);
});

test('an attempt that was followed and logged nothing is not kept', (t) => {
  const logs = new RunLogs();
  logs.end(logs.open('a', 1));
  t.is(logs.find('a', 1), null);
});
