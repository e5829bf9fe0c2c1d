import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import test from 'ava';
import type { ResultHeader, TaskEnd } from '@drover/protocol';
import type { StoredBatch } from './stored-batch.js';
import { viewTask, type Out } from './task-view.js';

const SUBMITTED = 1_000;
const lost = { name: 'Error', message: 'no', retryable: true };

function batchOf(options: object, ...results: [end: Partial<TaskEnd>, header?: Partial<ResultHeader>][]): StoredBatch {
  const group = { ...DEFAULT_TASK_OPTIONS, count: 1, type: 'noop', maxAttempts: 2 };
  return {
    id: '01JD3V8R2MZ6K4Q7T9XBYC5HNA',
    header: { at: 0, queue: 'q', client: 'c', count: 1, groups: [{ ...group, ...options }] },
    ctime: SUBMITTED,
    results: results.map(([end, header], n) => ({
      name: { epoch: 1, n, part: 0 },
      header: { v: 1, worker: 'w1-5twzkr9a1c', attempt: n + 1, at: 0, ends: [], ...header },
      ctime: 2_000 + n,
      ends: new Map([[0, { index: 0, outcome: 'succeeded', line: null, ...end }]]),
    })),
    payload: () => undefined,
  };
}

const failed: Partial<TaskEnd> = { outcome: 'failed', line: { error: lost, ms: 5 } };
const out: Out = { worker: 'w2', attempt: 2, at: 3_000, running: null };
const view = (batch: StoredBatch, at: Out | null = null, now = 10_000): object => viewTask(batch, 0, at, now);

test('the state follows from the results and the assignment', (t) => {
  t.like(view(batchOf({ delayMs: 20_000 })), { state: 'scheduled', dueAt: 21_000, attempt: 0 });
  t.like(view(batchOf({})), { state: 'pending', worker: null, submittedAt: SUBMITTED });
  t.like(view(batchOf({}), out), { state: 'assigned', worker: 'w2', attempt: 2, startedAt: 3_000 });
  const running = { ...out, running: { startedAt: 3_500, progress: 0.5 } };
  t.like(view(batchOf({}), running), { state: 'running', startedAt: 3_500, progress: 0.5 });
  t.like(view(batchOf({}, [{ line: { result: 7, ms: 1 } }])), { state: 'succeeded', result: 7, finishedAt: 2_000 });
  t.like(view(batchOf({}, [{ outcome: 'cancelled' }])), { state: 'cancelled', finishedAt: 2_000 });
});

test('a failed attempt waits for its retry, is due after it, and the last one ends the task', (t) => {
  const retry = { kind: 'constant', delayMs: 5_000, maxDelayMs: 5_000, jitter: 0 };
  const once = batchOf({ retry }, [failed]);
  t.like(view(once, null, 3_000), { state: 'retrying', dueAt: 7_000, error: lost, worker: 'w1' });
  t.like(view(once, null, 7_000), { state: 'pending', attempt: 1 });
  t.like(view(batchOf({ retry }, [failed], [failed])), { state: 'failed', error: lost, finishedAt: 2_001 });
});

test('of a finished batch whose last result cannot be read, the header tells how the task ended', (t) => {
  const finished = { at: 0, succeeded: 0, failed: 1, cancelled: 0 };
  const batch = batchOf({});
  t.like(view({ ...batch, header: { ...batch.header, finished, kept: [0] } }), { state: 'failed' });
  t.like(view({ ...batch, header: { ...batch.header, finished: { ...finished, succeeded: 1 } } }), {
    state: 'succeeded',
  });
});
