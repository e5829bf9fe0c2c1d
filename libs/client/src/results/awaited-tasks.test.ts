import test from 'ava';
import { DEFAULT_TASK_OPTIONS, TaskNotFoundError, type Outcome } from '@drover/core';
import type { TaskEnd } from '@drover/protocol';
import { AwaitedTasks, type ReadResult, type Waiter } from './awaited-tasks.js';
import type { Ending } from './ending.js';

const BATCH = '01M82JVEMPWW3M3KR0SECPNVN7';
const error = { name: 'Error', message: 'no', retryable: true };

class Heard implements Waiter {
  readonly endings: Ending[] = [];
  readonly errors: unknown[] = [];
  ended(ending: Ending): void {
    this.endings.push(ending);
  }
  failed(why: unknown): void {
    this.errors.push(why);
  }
}

const awaited = (keptBytes = 1_000): AwaitedTasks =>
  new AwaitedTasks(BATCH, keptBytes, [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', maxAttempts: 2, count: 3 }]);

function read(attempt: number, ...ends: [index: number, outcome: Outcome][]): ReadResult {
  const lineOf = (outcome: Outcome): TaskEnd['line'] =>
    outcome === 'succeeded' ? { result: attempt, ms: 1 } : outcome === 'failed' ? { error, ms: 1 } : null;
  const header = { worker: 'w1-5twzkr9a1c', attempt, at: 0, ends: [] };
  return { header, ends: ends.map(([index, outcome]) => ({ index, outcome, line: lineOf(outcome) })), bytes: 100 };
}

test('everybody who waits for a task is told its ending once', (t) => {
  const tasks = awaited();
  const heard = [new Heard(), new Heard()];
  for (const each of heard) t.is(tasks.wait(0, each), 'waiting');
  tasks.apply([read(1, [0, 'succeeded'])]);
  for (const each of heard) t.deepEqual(each.endings, [{ state: 'succeeded', result: 1, attempt: 1, worker: 'w1' }]);
  t.true(tasks.idle);
});

test('what was read for a neighbour is told when it is asked for, once', (t) => {
  const tasks = awaited();
  tasks.apply([read(1, [0, 'succeeded'], [1, 'succeeded'], [2, 'succeeded'])]);
  const heard = new Heard();
  t.is(tasks.wait(1, heard), 'told');
  t.is(heard.endings.length, 1);
  t.is(tasks.wait(1, new Heard()), 'read-again');
});

test('beyond the bound nothing is kept, and reading again finds it', (t) => {
  const tasks = awaited(10);
  tasks.apply([read(1, [0, 'succeeded'], [1, 'succeeded'])]);
  const heard = new Heard();
  t.is(tasks.wait(1, heard), 'read-again');
  tasks.startOver();
  tasks.apply([read(1, [0, 'succeeded'], [1, 'succeeded'])]);
  t.is(heard.endings.length, 1);
});

test('a failed attempt that will be retried is no ending; the last one is', (t) => {
  const tasks = awaited();
  const heard = new Heard();
  tasks.wait(0, heard);
  tasks.apply([read(1, [0, 'failed'])]);
  tasks.apply([read(2, [0, 'lost'])]);
  tasks.apply([read(3, [0, 'returned'])]);
  t.deepEqual(heard.endings, []);
  tasks.apply([read(3, [0, 'failed'])]);
  t.like(heard.endings[0], { state: 'failed', error, attempt: 3 });
});

test('the first word on an attempt counts', (t) => {
  const tasks = awaited();
  const heard = new Heard();
  tasks.wait(0, heard);
  tasks.apply([read(1, [0, 'failed'])]);
  tasks.apply([read(1, [0, 'failed'])]);
  t.deepEqual(heard.endings, [], 'the same attempt does not fail twice');
});

test('of results that are read together, a requeued task has not ended', (t) => {
  const tasks = awaited();
  const heard = new Heard();
  tasks.wait(0, heard);
  tasks.apply([read(1, [0, 'rejected']), read(1, [0, 'requeued'])]);
  t.deepEqual(heard.endings, []);
  t.false(tasks.complete);
  tasks.apply([read(2, [0, 'succeeded'])]);
  t.like(heard.endings[0], { state: 'succeeded', attempt: 2 });
});

test('a task that the batch does not have is not found, before and after the batch is known', (t) => {
  const late = new AwaitedTasks(BATCH, 0, null);
  const heard = [new Heard(), new Heard(), new Heard()] as const;
  late.wait(3, heard[0]);
  late.wait(2, heard[1]);
  late.know([{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 3 }]);
  t.is(late.wait(9, heard[2]), 'told');
  t.true(heard[0].errors[0] instanceof TaskNotFoundError);
  t.deepEqual(heard[1].errors, []);
  t.true(heard[2].errors[0] instanceof TaskNotFoundError);
});

test('one who left is not told; a batch that was delivered whole is spent', (t) => {
  const tasks = awaited();
  const heard = [new Heard(), new Heard(), new Heard(), new Heard()];
  heard.forEach((each, i) => tasks.wait(Math.min(i, 2), each));
  tasks.leave(2, heard[3]!);
  tasks.apply([read(1, [0, 'succeeded'], [1, 'cancelled'])]);
  t.false(tasks.spent);
  tasks.apply([read(1, [2, 'succeeded'])]);
  t.true(tasks.spent);
  t.deepEqual(
    heard.map(({ endings }) => endings.length),
    [1, 1, 1, 0],
  );
});
