import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import type { AssignmentRecord, Batch } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import test from 'ava';
import { Catalog, type TypeEntry } from '../execution/catalog.js';
import type { Executor } from '../execution/executor.js';
import { RunLogs } from '../logs/run-logs.js';
import { Runner } from './runner.js';
import { Slots } from './slots.js';
import { Work } from './work.js';

const BATCH = '01J9ZZZZZZZZZZZZZZZZZZZZZZ';

function oneTask(): Work {
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'shout', count: 1 }];
  const batch: Batch = { header: { queue: 'q', count: 1, at: 0, client: 'c', groups }, payload: () => 'null' };
  const record: AssignmentRecord = { v: 1, batch: BATCH, tasks: [[0, 1]], attempt: 1, epoch: 2, at: 0 };
  return new Work(`/assignments/w-1/${BATCH}.e2-3`, record, 9n, batch);
}

test('a worker that wakes with a lease that has run out begins nothing until it is good again', async (t) => {
  const began: string[] = [];
  const executor: Executor = {
    room: () => 1,
    start: ({ task }) => {
      began.push(task);
      return { abort: () => undefined, abandon: () => undefined };
    },
    close: () => Promise.resolve(),
  };
  const runtime = new ManualRuntime();
  const shared = { runtime, log: silentLog, metrics: silentMetrics, worker: 'w' };
  const types = new Map<string, TypeEntry>([
    ['shout', { instant: null, executor, timeoutMs: null, heartbeatMs: null, retry: null }],
  ]);
  const catalog = new Catalog({
    ...shared,
    module: null,
    builtin: [],
    http: {},
    computeThreads: 1,
    blockedAfterMs: 1_000,
    typeConcurrency: {},
    traces: false,
    types,
  });
  await catalog.open();
  let leaseMs = 0;
  const told = {
    ran: () => undefined,
    setLabel: () => true,
    measured: null,
    onEnded: () => undefined,
    onChange: () => undefined,
  };
  const unheard = { logs: new RunLogs(), storesLog: 'none' as const, follower: null };
  const runner = new Runner({
    ...shared,
    catalog,
    slots: new Slots(1),
    graceMs: 100,
    leaseMs: () => leaseMs,
    ...told,
    ...unheard,
  });
  runner.allow(true);
  runner.add(oneTask());
  runner.pump();
  await runtime.advance(1_000);
  t.deepEqual(began, []);
  leaseMs = 1_000;
  await runtime.advance(1_000);
  t.deepEqual(began, [`${BATCH}.0`]);
});
