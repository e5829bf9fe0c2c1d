import { flow, type Run } from '@drover/client';
import { decodeBatchHeader, type DraftRecord } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import type { StepEffect } from './cluster.js';
import { leaderOf, Meeting, sharedWorld } from './world.js';

/**
 * Maps share two schedulers and two workers. When each has items under way, the worker that finds items is killed, and the leader
 * is stopped until another one leads: then it wakes up and believes that it leads. Once for all of them. `DROVER_TEST_ITEMS=100000` is the large form.
 */
const ITEMS = Number(process.env.DROVER_TEST_ITEMS ?? 5_000);
const FOUND = ITEMS * 2;
const SHORT = ['--session-timeout', '2s'];
const shared = sharedWorld(test, async ({ cluster }) => {
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  const workers = ['w1', 'w2'].map((name) => cluster.flowWorker(name, '--concurrency', '8', ...SHORT));
  await Promise.all([leaderOf(schedulers), ...workers.map((worker) => worker.event('worker.registered'))]);
});
const bothAreGone = new Meeting(async () => {
  const { cluster } = shared();
  const schedulers = cluster.members.filter(({ name }) => name.startsWith('s'));
  const leader = await leaderOf(schedulers);
  const others = schedulers.filter((scheduler) => scheduler !== leader);
  leader.signal('SIGSTOP');
  await cluster.member((await finder())?.worker ?? 'w1').end();
  cluster.flowWorker('w3', '--concurrency', '8', ...SHORT);
  await leaderOf(others);
  leader.signal('SIGCONT');
});

/** The first start of the step that finds items. */
const finder = async () => (await shared().cluster.stepEffects()).find(({ step }) => step === 'find');

const of = (run: Run, step: string) => (effect: StepEffect) => effect.run === run.id && effect.step === step;

async function* numbers(more: object = {}): AsyncGenerator<object> {
  for (let n = 0; n < ITEMS; n++) yield await Promise.resolve({ n, ...more });
}

/** Drafts that there are. */
async function draftsIn(zk: ZooKeeper): Promise<DraftRecord[]> {
  const drafts: DraftRecord[] = [];
  for (const bucket of await zk.children('/tasks'))
    for (const name of await zk.children(`/tasks/${bucket}`)) {
      const path = `/tasks/${bucket}/${name}`;
      const znode = await nullOn(zk.get(path), 'NO_NODE');
      const draft = znode === null ? undefined : decodeBatchHeader(path, znode.data).draft;
      if (draft !== undefined) drafts.push(draft);
    }
  return drafts;
}

test('case 39, map-reduce: the sum is exact though a worker is killed, and the leader is stopped and wakes up, in the middle', async (t) => {
  const arrive = bothAreGone.join(t);
  const pad = 'x'.repeat(80);
  const run = await shared().drover.map('item', numbers({ pad })).reduce('add', { arity: 50 }).run();
  await shared().cluster.stepsReach((effects) => effects.filter(of(run, 'map')).length >= ITEMS / 10);
  await arrive();
  t.deepEqual(await run.result(), { sum: (ITEMS * (ITEMS - 1)) / 2, count: ITEMS });
  const starts = (await shared().cluster.stepEffects()).filter(of(run, 'map'));
  t.is(new Set(starts.map(({ item }) => item)).size, ITEMS);
  const dead = (await finder())?.worker;
  const again = starts.filter(({ attempt }) => attempt > 1).map(({ task }) => task);
  for (const { task, attempt, worker } of starts)
    if (again.includes(task)) t.is(worker === dead, attempt === 1, 'only what the dead worker had ran again');
});

test('case 39, tolerate: so many items may fail; with more it is decided, and no new item starts', async (t) => {
  const arrive = bothAreGone.join(t);
  const { drover } = shared();
  const map = (fails: number, more: object = {}) =>
    drover.map('item', numbers({ fails, ...more }), { tolerate: '1%', maxAttempts: 1 }).run();
  const few = Math.round(ITEMS * 0.009);
  const succeeds = await map(few);
  await shared().cluster.stepsReach((effects) => effects.some(of(succeeds, 'map')));
  await arrive();
  const fails = await map(Math.round(ITEMS * 0.011), { until: 'never' });
  await t.throwsAsync(fails.result(), { name: 'FlowFailedError' });
  await succeeds.result();
  t.like((await succeeds.tree()).steps.map, { state: 'succeeded', done: ITEMS, failed: few });
  const begun = (await shared().cluster.stepEffects()).filter(of(fails, 'map'));
  const { failed = 0, of: all } = (await fails.tree()).steps.map ?? {};
  t.is(all, ITEMS);
  t.true(failed > ITEMS / 100, `${failed} failed`);
  // A worker may begin what it has been given until it is told.
  t.true(begun.length <= ITEMS * 0.011 + 100, `${begun.length} were begun`);
});

test('found items: those of a worker that died while it wrote them never run, and none is lost', async (t) => {
  const arrive = bothAreGone.join(t);
  const { drover, cluster } = shared();
  const zk = connectZooKeeper({ connect: cluster.zk, runtime: systemRuntime, sessionTimeoutMs: 30_000 });
  t.teardown(() => zk.close());
  await zk.connected();
  const found = flow<{ count: number }>('found', (f) => {
    const items = f.map('each', 'item', f.step('find', 'find', f.input).items);
    return f.reduce('add', 'add', items).result;
  });
  const run = await drover.start(found, { count: FOUND });
  await cluster.stepsReach((effects) => effects.some(of(run, 'find')));
  const ofRun = async () => (await draftsIn(zk)).filter(({ flow: id }) => `${id}.0` === run.id);
  // Those that were on their way when the handler stopped may be missing.
  let lost: DraftRecord[] = [];
  while (lost.length < FOUND / 1_000 - 4) lost = await ofRun();
  await arrive();
  t.deepEqual(await run.result(), { sum: (FOUND * (FOUND - 1)) / 2, count: FOUND });
  const starts = (await cluster.stepEffects()).filter(of(run, 'each'));
  t.is(new Set(starts.map(({ item }) => item)).size, FOUND);
  t.is(starts.length, FOUND, 'each was started once');
  const kept = await ofRun();
  t.deepEqual([...new Set(kept.map(({ by }) => by === lost[0]?.by))], [false]);
  t.is(kept.length, FOUND / 500);
});
