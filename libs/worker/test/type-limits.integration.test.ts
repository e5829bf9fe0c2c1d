import { silentLog, silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Changes, testZooKeeper, type Teardown } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { Worker, type Call, type Executor, type TypeEntry } from '../src/index.js';
import { FakeLeader } from './fake-leader.js';

const LIMIT = 2;

/** Tasks run until the test ends them. */
class HeldTasks implements Executor {
  readonly running: Call[] = [];
  /** The most that have run at a time, by type. */
  readonly most: Record<string, number> = {};
  readonly #changes = new Changes();

  room(): number {
    return Infinity;
  }

  start(call: Call) {
    this.running.push(call);
    this.most[call.type] = Math.max(this.most[call.type] ?? 0, this.of(call.type).length);
    this.#changes.wake();
    return { abort: () => undefined, abandon: () => undefined };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  of(type: string): Call[] {
    return this.running.filter((call) => call.type === type);
  }

  end(call: Call | undefined): void {
    if (call === undefined) throw new Error('no such task runs');
    this.running.splice(this.running.indexOf(call), 1);
    call.ended({ outcome: 'succeeded', result: 'null' });
  }

  /** Resolves when so many run, and rejects when more do. */
  runs(type: string, count: number): Promise<boolean> {
    return this.#changes.until(() => {
      const { length } = this.of(type);
      if (length > count) throw new Error(`${length} of type ${type} run, not ${count}`);
      return length === count;
    });
  }
}

async function startWorker(t: Teardown, held: HeldTasks) {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  const own = { timeoutMs: null, heartbeatMs: null, retry: null };
  const worker = new Worker({
    ...{ factory: connectZooKeeper, runtime: systemRuntime, log: silentLog, metrics: silentMetrics },
    zookeeper: { connect, sessionTimeoutMs: 6_000, runtime: systemRuntime },
    types: new Map<string, TypeEntry>([
      ['limited', { instant: null, executor: held, ...own, concurrency: LIMIT }],
      ['free', { instant: null, executor: held, ...own }],
    ]),
    settings: { name: 'w', host: 'h', pid: process.pid, version: '0', capacity: 6, stopTimeoutMs: 0, graceMs: 100 },
  });
  t.teardown(() => worker.stop());
  await worker.start();
  return { leader, id: worker.id ?? '' };
}

test('a worker that is given more of a type than its limit never runs more at once, and others beside them', async (t) => {
  const held = new HeldTasks();
  const { leader, id } = await startWorker(t, held);
  const many = (type: string, count: number) => Array.from({ length: count }, () => ({ type }));
  // Leaders of earlier versions heed the capacity only.
  const limited = [await leader.give(id, many('limited', 3)), await leader.give(id, many('limited', 3))];
  await held.runs('limited', LIMIT);
  const free = await leader.give(id, many('free', 5));
  // All places are taken.
  await held.runs('free', 4);
  for (let left = 6; left > 0; left--) {
    await held.runs('limited', Math.min(left, LIMIT));
    held.end(held.of('limited')[left % Math.min(left, LIMIT)]);
    // A place of another type becomes free: it is not one of theirs.
    if (left === 5) held.end(held.of('free')[0]);
  }
  for (let left = 4; left > 0; left--) {
    await held.runs('free', left);
    held.end(held.of('free')[0]);
  }
  for (const [assigned, count] of [...limited.map((each) => [each, 3] as const), [free, 5] as const])
    t.deepEqual((await leader.ends(assigned)).map(({ outcome }) => outcome), Array(count).fill('succeeded')); // prettier-ignore
  t.deepEqual(held.most, { limited: LIMIT, free: 4 });
});
