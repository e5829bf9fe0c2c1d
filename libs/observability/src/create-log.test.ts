import test from 'ava';
import { createLog, EVENTS, type CreateLogOptions } from './index.js';
import type { EventDefinition } from './events.js';
import { LOG_LEVELS } from './log.js';

function logged(options: CreateLogOptions = {}) {
  const lines: string[] = [];
  const log = createLog({ ...options, write: (line) => void lines.push(line) });
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** Of a task that is not traced. */
const RUN = { type: undefined, attempt: undefined, traceId: undefined };

test('a line names its event, level and text, and carries the fields of the event and of the log', (t) => {
  const { log, records } = logged({ fields: { role: 'scheduler' } });
  log.with({ id: 's1' }).event('election.won', { epoch: 7 });
  const [{ time, ...record } = {}] = records();
  t.deepEqual(record, {
    level: 'info',
    role: 'scheduler',
    id: 's1',
    event: 'election.won',
    epoch: 7,
    msg: 'became leader',
  });
  t.false(Number.isNaN(Date.parse(String(time))));
});

test('lines below the level are not written', (t) => {
  const { log, records } = logged({ level: 'warn' });
  log.event('election.won', { epoch: 7 });
  log.event('session.expired', { sessionId: 1n, reason: 'gone' });
  t.deepEqual(
    records().map(({ event }) => event),
    ['session.expired'],
  );
});

test('fields that the table does not list are not written', (t) => {
  const { log, records } = logged();
  const fields = { epoch: 7, password: 'hunter2', payload: { a: 1 } };
  log.event('election.won', fields);
  t.false('password' in (records()[0] ?? {}));
  t.false('payload' in (records()[0] ?? {}));
});

test('secrets and payloads inside fields are not written', (t) => {
  const { log, lines } = logged();
  const fields = {
    apiKey: 'k-1',
    nested: { password: 'hunter2', fencingToken: 12n },
    payload: 'mine',
    url: 'http://u:pw@h/',
  };
  log.event('task.log', { task: 'x', ...RUN, message: 'calling', fields });
  const line = lines.join('');
  for (const secret of ['k-1', 'hunter2', 'mine', 'u:pw']) t.false(line.includes(secret), secret);
  t.regex(line, /"fencingToken":"12"/);
});

test('payloads are written when asked for', (t) => {
  const { log, lines } = logged({ payloads: true });
  log.event('task.log', { task: 'x', ...RUN, message: 'calling', fields: { payload: 'mine' } });
  t.regex(lines.join(''), /mine/);
});

test('an error is written with its class and fields; its stack in JSON only', (t) => {
  const error = Object.assign(new TypeError('no such thing', { cause: new Error('below') }), { code: 'E_THING' });
  const json = logged();
  json.log.event('process.failed', { error });
  t.like(json.records()[0]?.error, { name: 'TypeError', message: 'no such thing', code: 'E_THING' });
  t.regex(json.lines.join(''), /create-log\.test/);
  const pretty = logged({ pretty: true, colors: false });
  pretty.log.event('process.failed', { error });
  t.regex(pretty.lines.join(''), /fatal error; exiting.*no such thing/);
  t.notRegex(pretty.lines.join(''), /create-log\.test/);
});

test('whatever a handler logs makes one bounded line', (t) => {
  const { log, lines } = logged();
  const cyclic: Record<string, unknown> = { big: 'x'.repeat(100_000), many: Array.from({ length: 1_000 }, () => 1n) };
  cyclic.self = cyclic;
  log.event('task.log', { task: 'x', ...RUN, message: 'line one\nline two', fields: cyclic });
  t.is(lines.length, 1);
  t.true((lines[0]?.length ?? 0) < 50_000);
  t.is(lines[0]?.trimEnd().split('\n').length, 1);
});

test('a message of a handler is what its line says', (t) => {
  const { log, records } = logged();
  log.event('task.log', { task: 'x.0', ...RUN, message: 'greeting', fields: { name: 'Ada' } });
  const [{ time: _, ...record } = {}] = records();
  t.deepEqual(record, { level: 'info', event: 'task.log', task: 'x.0', fields: { name: 'Ada' }, msg: 'greeting' });
});

test('a line for people is one line that names the process, and says what happened before the fields', (t) => {
  const { log, lines } = logged({ pretty: true, colors: false, fields: { role: 'scheduler', id: 's1' } });
  log.event('worker.joined', { worker: 'w1', capacity: 8, types: ['echo', 'sleep'] });
  log.event('process.failed', { error: new TypeError('no such thing') });
  const said = lines.map((line) => line.replace(/^\[[0-9:.]+\] /, ''));
  t.deepEqual(said, [
    'INFO: s1 worker joined worker=w1 capacity=8 types=echo,sleep\n',
    'FATAL: s1 fatal error; exiting error="TypeError: no such thing"\n',
  ]);
});

test('a worker is named once', (t) => {
  const { log, lines } = logged({ pretty: true, colors: false, fields: { role: 'worker', name: 'w1' } });
  log.event('process.stopping', { reason: 'stopped by SIGTERM' });
  t.regex(lines[0] ?? '', /^\[[0-9:.]+\] INFO: w1 stopping reason="stopped by SIGTERM"\n$/);
});

test('a line for people shows control characters escaped, wherever they come from', (t) => {
  const { log, lines } = logged({ pretty: true, colors: false, fields: { id: 'w\u001b[2J' } });
  const evil = 'a\u001b[31m\r\n[00:00:00] INFO: forged \u202e \u009b';
  log.event('task.log', {
    task: evil,
    ...RUN,
    message: evil,
    fields: { [evil]: evil, error: { name: evil, message: evil } },
  });
  t.is(lines.length, 1);
  t.notRegex(lines[0]?.trimEnd() ?? '', /[\p{Cc}\u202e]/u);
  t.regex(lines[0] ?? '', /\\u001b\[31m\\r\\n/);
});

test('no event has a field that the line itself uses', (t) => {
  for (const [name, { fields, level, says }] of Object.entries<EventDefinition>(EVENTS)) {
    t.true(LOG_LEVELS.includes(level), name);
    if (says !== undefined) t.true(fields.includes(says), name);
    for (const field of fields) t.false(['level', 'time', 'event', 'msg'].includes(field), `${name}: ${field}`);
  }
});
