import test from 'ava';
import { parseLogLine } from './log-line.js';
import { ToldEvents } from './told.js';

test('a line of a log is its fields; what is no JSON is a line without an event', (t) => {
  t.deepEqual(parseLogLine('{"event":"election.won","epoch":3}'), { event: 'election.won', epoch: 3 });
  t.is(parseLogLine('(node:1) Warning').event, undefined);
  t.is(parseLogLine('17').event, undefined);
});

test('events are counted, tasks that were taken away by reason, dropped results by task', (t) => {
  const told = new ToldEvents();
  told.add('s1', { event: 'assignment.revoked', tasks: 3, reason: 'lost' });
  told.add('s2', { event: 'assignment.revoked', tasks: 2, reason: 'lost' });
  told.add('w1', { event: 'report.rejected', tasks: 5 });
  t.deepEqual(told.revokedByReason, { lost: 5 });
  t.is(told.droppedResults, 5);
  t.is(told.count('assignment.revoked'), 2);
  t.is(told.by('assignment.revoked'), 2);
  t.deepEqual(told.faults, []);
});

test('what must never be logged is a fault, with its line', (t) => {
  const told = new ToldEvents();
  told.add('s1', { event: 'term.failed', error: 'no such batch' });
  t.is(told.faults.length, 1);
  t.regex(told.faults[0] ?? '', /s1 logged term.failed: .*no such batch/);
});

test('who waits for an event of two members waits for the second one, or for the signal', async (t) => {
  const told = new ToldEvents();
  const { signal } = new AbortController();
  const both = told.until('worker.registered', 2, signal);
  told.add('w1', { event: 'worker.registered' });
  told.add('w1', { event: 'worker.registered' });
  t.is(await Promise.race([both.then(() => 'both'), Promise.resolve('one')]), 'one');
  told.add('w2', { event: 'worker.registered' });
  await t.notThrowsAsync(both);
  await t.throwsAsync(told.until('never', 1, AbortSignal.abort(new Error('interrupted'))), { message: 'interrupted' });
});
