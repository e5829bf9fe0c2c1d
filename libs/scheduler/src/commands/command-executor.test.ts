import test from 'ava';
import type { Refusal } from '@drover/coordination';
import { taskId, type TaskState } from '@drover/core';
import { silentMetrics } from '@drover/observability';
import { encodeRecord, keyPath } from '@drover/protocol';
import type { ErrorCode, Operation, Znode } from '@drover/zookeeper';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { TermContext } from '../term/term-context.js';
import { CommandExecutor, type CommandExecutorOptions } from './command-executor.js';

const BATCH = '01M82JVEMPWW3M3KR0SECPNVN7';
const RELEASE = { kind: 'release-key', queue: 'default', key: 'k', batch: BATCH, index: 0 } as const;
const VERSION = 3;

interface Played {
  executor: CommandExecutor;
  /** The task's state as the planner tells it; `null`: the planner knows no such task. */
  state: TaskState | null;
  written: Operation[];
  broken: unknown[];
}

/** A leader with a fake planner, tree and writer. The key names the task `holder`. */
function play(state: TaskState | null, holder = taskId(BATCH, 0)): Played {
  const data = Buffer.from(encodeRecord('key', { task: holder, queue: 'default', key: 'k' }));
  const context = {
    active: () => true,
    broken: (error: unknown) => played.broken.push(error),
    planner: { stateOf: () => played.state },
    zk: { get: async () => ({ data, stat: { version: VERSION } }) as Znode },
    writer: {
      attempt: async (operations: readonly Operation[]) => {
        played.written.push(...operations);
        return { applied: true, results: [], zxid: 1n };
      },
    },
  };
  const options = { context: context as unknown as TermContext } as CommandExecutorOptions;
  const played: Played = { executor: new CommandExecutor(options), state, written: [], broken: [] };
  return played;
}

/** A writer that ZooKeeper refuses everything, with this code. */
function playRemoval(code: ErrorCode): { executor: CommandExecutor; refused: ErrorCode[] } {
  const refused: ErrorCode[] = [];
  const context = {
    active: () => true,
    metrics: silentMetrics,
    log: { event: () => undefined },
    refused: (refusal: Refusal) => refused.push(refusal.code),
    writer: {
      writeLazily: ([first]: readonly Operation[], options: { refused: (refusal: Refusal) => void }) =>
        options.refused({ code, failedIndex: 0, path: first?.path ?? '' }),
    },
  };
  const tasks = { childrenOf: () => [], header: () => undefined, forget: () => undefined };
  const options = { context: context as unknown as TermContext, tasks: tasks as unknown as TasksWatcher };
  return { executor: new CommandExecutor(options as CommandExecutorOptions), refused };
}

const ENDED: (TaskState | null)[] = ['succeeded', 'failed', 'cancelled', null];
for (const state of ENDED)
  test(`the key of a task that is ${state ?? 'no longer known'} is released, if it has not changed since`, async (t) => {
    const { executor, written } = play(state);
    executor.all([RELEASE]);
    await executor.settled([BATCH]);
    t.deepEqual(written, [{ op: 'delete', path: keyPath('default', 'k'), version: VERSION }]);
  });

const UNFINISHED: TaskState[] = ['scheduled', 'pending', 'running', 'retrying'];
for (const state of UNFINISHED)
  test(`a release leaves the key of a task that is ${state}: a retry has taken it again`, async (t) => {
    const { executor, written } = play(state);
    executor.all([RELEASE]);
    await executor.settled([BATCH]);
    t.deepEqual(written, []);
  });

test('a release that waits behind a retry of its task leaves the key that the retry takes', async (t) => {
  const played = play('failed');
  let take = (): void => undefined;
  const taken = new Promise<void>((resolve) => (take = resolve));
  played.executor.inOrder(BATCH, async () => {
    await taken;
    played.state = 'pending';
  });
  played.executor.all([RELEASE]);
  take();
  await played.executor.settled([BATCH]);
  t.deepEqual(played.written, []);
});

test('a release leaves a key that another task holds', async (t) => {
  const { executor, written } = play('failed', taskId(BATCH, 1));
  executor.all([RELEASE]);
  await executor.settled([BATCH]);
  t.deepEqual(written, []);
});

test('a batch that ZooKeeper refuses to remove is counted: it stays', async (t) => {
  const { executor, refused } = playRemoval('NO_AUTH');
  t.is(executor.removalsRefused, 0);
  executor.all([{ kind: 'remove', batch: BATCH, tasks: 1, failed: 0 }]);
  await executor.settled([BATCH]);
  t.is(executor.removalsRefused, 1);
  t.deepEqual(refused, ['NO_AUTH']);
});

test('a step that rejects ends the term with its reason', async (t) => {
  const { executor, broken } = play('failed');
  const fault = new TypeError('a fault');
  executor.inOrder(BATCH, () => Promise.reject(fault));
  t.is(await t.throwsAsync(executor.settled([BATCH])), fault);
  t.deepEqual(broken, [fault]);
});
