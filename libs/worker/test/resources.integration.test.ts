import { parseCapacity, parseDemand } from '@drover/core';
import { silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Changes, testZooKeeper, type Teardown } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { Worker, type Call, type Executor, type Machine, type WorkerSettings } from '../src/index.js';
import { FakeLeader, type Assigned } from './fake-leader.js';
import { RecordedLog } from './start-worker.js';

/** Tasks run until the test ends them; what is told to end ends at once. */
class HeldTasks implements Executor {
  readonly running: Call[] = [];
  readonly #changes = new Changes();

  room(): number {
    return Infinity;
  }

  start(call: Call) {
    this.running.push(call);
    this.#changes.wake();
    return { abort: () => this.end(call), abandon: () => undefined };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  end(call: Call | undefined): void {
    if (call === undefined) throw new Error('no such task runs');
    this.running.splice(this.running.indexOf(call), 1);
    call.ended({ outcome: 'succeeded', result: 'null' });
    this.#changes.wake();
  }

  runs(count: number): Promise<boolean> {
    return this.#changes.until(() => this.running.length === count);
  }
}

async function startWorld(t: Teardown, settings: Partial<WorkerSettings>, machine?: Machine) {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  const log = new RecordedLog();
  const held = new HeldTasks();
  const worker = new Worker({
    ...{ factory: connectZooKeeper, runtime: systemRuntime, log, metrics: silentMetrics },
    zookeeper: { connect, sessionTimeoutMs: 6_000, runtime: systemRuntime },
    types: new Map([['t', { instant: null, executor: held, timeoutMs: null, heartbeatMs: null, retry: null }]]),
    ...(machine === undefined ? {} : { machine }),
    settings: { name: 'w', host: 'h', pid: 1, version: '0', capacity: 8, stopTimeoutMs: 0, graceMs: 100, ...settings },
  });
  t.teardown(() => worker.stop());
  await worker.start();
  return { leader, worker, log, held, id: worker.id ?? '' };
}

/** The outcomes so far, by index, when there are so many. */
function endsOf(leader: FakeLeader, out: Assigned, count: number): Promise<string[]> {
  return leader.until(async () => {
    const ends = (await leader.reports(out)).flatMap((report) => report.ends);
    if (ends.length < count) return null;
    return ends.sort((a, b) => a.index - b.index).map(({ outcome }) => outcome);
  });
}

const resources = (text: string) => parseCapacity('resources', text);
const task = (demand: string, more = {}) => ({ type: 't', resources: parseDemand('resources', demand), ...more });

test('the record says what the worker declares, and nothing of it at one that declares nothing', async (t) => {
  const plain = await startWorld(t, {});
  const declared = ['resources', 'devices', 'overcommit', 'pool', 'warmupMs', 'pressed', 'until'];
  t.deepEqual(
    Object.keys((await plain.leader.record(plain.id)) ?? {}).filter((name) => declared.includes(name)),
    [],
  );
  const { leader, id } = await startWorld(t, {
    ...{ resources: resources('cpu=4,gpu=0|1'), overcommit: { cpu: 1.5 }, pool: 'batch', warmupMs: 500 },
    labels: { zone: 'a' },
  });
  t.like(await leader.record(id), {
    ...{ resources: { cpu: 4_000, gpu: 2_000 }, devices: { gpu: ['0', '1'] }, overcommit: { cpu: 1.5 } },
    ...{ pool: 'batch', warmupMs: 500, labels: { zone: 'a' } },
  });
});

test('an over-commitment of what is not declared is refused', async (t) => {
  await t.throwsAsync(startWorld(t, { resources: resources('cpu=4'), overcommit: { disk: 2 } }), {
    message: 'overcommit: expected resources that the worker declares: cpu, got "disk"',
  });
});

test('labels and resources may change: the record follows, and what runs goes on', async (t) => {
  const { leader, worker, held, id } = await startWorld(t, { resources: resources('cpu=4') });
  const batch = await leader.submit([task('cpu=3'), task('cpu=3')]);
  const out = await leader.assign(id, batch, [0, 1]);
  await held.runs(1);
  worker.declare({ resources: resources('cpu=2'), labels: { zone: 'b' } });
  held.running[0]?.setLabel('model', 'm2');
  const record = await leader.until(async () => {
    const found = await leader.record(id);
    return found?.labels.model === undefined ? null : found;
  });
  t.like(record, { resources: { cpu: 2_000 }, labels: { zone: 'b', model: 'm2' } });
  t.is(held.running.length, 1);
  held.end(held.running[0]);
  // Nothing of it can ever run here now.
  t.deepEqual(await endsOf(leader, out, 2), ['succeeded', 'returned']);
});

test('a device that is gone loses the task that has it, and no other', async (t) => {
  const { leader, worker, held, id } = await startWorld(t, { resources: resources('gpu=a|b') });
  const batch = await leader.submit([task('gpu=1'), task('gpu=1')]);
  const out = await leader.assign(id, batch, [0, 1], 1, { width: 2, devices: { gpu: ['a', 'b'] } });
  await held.runs(2);
  t.deepEqual(
    held.running.map(({ devices }) => devices),
    [{ gpu: ['a'] }, { gpu: ['b'] }],
  );
  worker.declare({ resources: resources('gpu=b|') });
  t.deepEqual(await endsOf(leader, out, 1), ['lost']);
  held.end(held.running[0]);
  t.deepEqual(await endsOf(leader, out, 2), ['lost', 'succeeded']);
});

test('a worker under pressure hands back what has not begun, and says so', async (t) => {
  let memory = 0.5;
  const machine = {
    capacity: () => ({ cpu: 4_000, memory: 2 ** 30 }),
    load: () => ({ memory, stalled: null, load: null }),
    use: () => ({ cpuMs: 0, memory: 2 ** 20 }),
  };
  const { leader, log, held, id } = await startWorld(t, { capacity: 1, resources: resources('auto') }, machine);
  t.like(await leader.record(id), { resources: { cpu: 4_000, memory: 2 ** 30 } });
  const batch = await leader.submit([{ type: 't' }, { type: 't' }]);
  const out = await leader.assign(id, batch, [0, 1]);
  await held.runs(1);
  memory = 0.95;
  t.is((await log.seen('worker.pressed')).reason, '95 % of the memory is in use');
  t.deepEqual(await endsOf(leader, out, 1), ['returned']);
  t.like(await leader.record(id), { pressed: true, state: 'accepting', used: { memory: 2 ** 20 } });
  t.is(held.running.length, 1);
});

test('a notice of the cloud: what has not begun goes back, long preemptible tasks make room, short ones end', async (t) => {
  const { leader, worker, log, held, id } = await startWorld(t, { resources: resources('cpu=2') });
  const own = { preemptible: true };
  const batch = await leader.submit([task('cpu=1', own), task('cpu=1'), task('cpu=1')]);
  const out = await leader.assign(id, batch, [0, 1, 2]);
  await held.runs(2);
  const until = Date.now() + 3_600_000;
  worker.notice(until);
  t.is((await log.seen('worker.spot-notice')).until, new Date(until).toISOString());
  t.deepEqual((await endsOf(leader, out, 2)).sort(), ['preempted', 'returned']);
  t.like(await leader.record(id), { state: 'draining', stopping: true, until });
  held.end(held.running[0]);
  t.deepEqual((await endsOf(leader, out, 3)).sort(), ['preempted', 'returned', 'succeeded']);
});

test('five seconds before the end everything that runs is handed back', async (t) => {
  const { leader, worker, held, id } = await startWorld(t, {});
  const batch = await leader.submit([{ type: 't' }]);
  const out = await leader.assign(id, batch, [0]);
  await held.runs(1);
  worker.notice(Date.now() + 5_000);
  t.deepEqual(await endsOf(leader, out, 1), ['returned']);
});
