import type { Drover, SubmitOptions } from '@drover/client';
import { batchPath, decodeResultHeader, parseResultName, ROOTS } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import type { Teardown } from '@drover/testing';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import type { Cluster, Effect, Member } from './cluster.js';
import { readLayout, type Layout } from './release.js';
import { runAll, startsByTask, work, world } from './world.js';

const RELEASE = 'aac64f8';
const SHORT = ['--session-timeout', '2s'];

async function handle(t: Teardown, connect: string): Promise<ZooKeeper> {
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

/**
 * Creates the captured znodes; ephemerals belong to `owner`. Its worker drains, because no process stands behind it
 * that could run tasks.
 */
async function restore(zk: ZooKeeper, owner: ZooKeeper, { znodes }: Layout): Promise<void> {
  for (const { path, data, ephemeral } of znodes) {
    const bytes = Buffer.from(data, 'base64');
    if (path === '/') continue;
    if (ephemeral === true) await owner.create(path, draining(bytes), { mode: 'ephemeral' });
    else await nullOn(zk.create(path, bytes), 'NODE_EXISTS');
  }
}

const draining = (data: Buffer): string => data.toString().replace('"state":"accepting"', '"state":"draining"');

/** Whether no two starts of a task, as the handlers wrote them, have the same attempt number. */
function isRunOncePerAttempt(effects: readonly Effect[]): boolean {
  return new Set(effects.map(({ task, attempt }) => `${task} ${attempt}`)).size === effects.length;
}

/** How often each task was accepted as succeeded. */
async function successes(zk: ZooKeeper): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const bucket of await zk.children(ROOTS.tasks))
    for (const batch of await zk.children(`${ROOTS.tasks}/${bucket}`))
      for (const name of await zk.children(batchPath(batch))) {
        const path = `${batchPath(batch)}/${name}`;
        for (const { from, to, outcome } of decodeResultHeader(path, (await zk.get(path)).data).ends)
          for (let index = from; index < to && outcome === 'succeeded'; index++) {
            const task = `${batch}.${index}`;
            found.set(task, (found.get(task) ?? 0) + 1);
          }
      }
  return found;
}

async function states(drover: Drover): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { id, state } of drover.list({ limit: Infinity })) found[id] = state;
  return found;
}

/** The state without the part that depends on the time: a task that waits for a time counts as pending. */
const atAnyTime = (state: string): string => (['scheduled', 'retrying'].includes(state) ? 'pending' : state);

test('what an earlier release left in the middle of its work: all of it is read, taken over, and ends exactly once', async (t) => {
  const { cluster, drover } = await world(t);
  const layout = await readLayout(RELEASE);
  const zk = await handle(t, cluster.zk);
  const owner = await handle(t, cluster.zk);
  await restore(zk, owner, layout);
  const found = await states(drover);
  const inTime = (all: Record<string, string>) =>
    Object.fromEntries(Object.entries(all).map(([id, state]) => [id, atAnyTime(state)]));
  t.deepEqual(inTime(found), inTime(layout.tasks));
  t.deepEqual(
    (await drover.queues()).map(({ name, paused, weight, maxRunning }) => ({ name, paused, weight, maxRunning })),
    [
      { name: 'default', paused: false, weight: 1, maxRunning: null },
      { name: 'held', paused: true, weight: 1, maxRunning: null },
      { name: 'limited', paused: false, weight: 3, maxRunning: 2 },
    ],
  );
  const same = await drover.submit('work', { n: -1 }, { key: 'late' });
  t.true(same.deduplicated);

  const scheduler = cluster.scheduler('s1', ...SHORT);
  await scheduler.event('term.loaded');
  const [command = ''] = layout.znodes
    .filter(({ ephemeral, path }) => ephemeral && path.startsWith('/commands/'))
    .map(({ path }) => path);
  await scheduler.event('command.done', 0, (line) => command.endsWith(String(line.command)));
  const worker = cluster.worker('w1', '--concurrency', '4');
  await worker.event('worker.registered');
  // The worker lives, so its tasks stay with it.
  const running = Object.keys(found).filter((id) => ['running', 'assigned'].includes(found[id] ?? ''));
  const inDefault = Object.keys(found).filter(
    (id) => atAnyTime(found[id] ?? '') === 'pending' && id.startsWith(same.id.slice(0, 26)),
  );
  await Promise.all(inDefault.map((id) => drover.task(id).result()));
  const early = await cluster.effects();
  t.false(early.some(({ task }) => running.includes(task)));
  await owner.close();
  await drover.resumeQueue('held');

  const cancelled = [layout.asked.cancelled, ...Object.keys(found).filter((id) => found[id] === 'cancelled')];
  const unfinished = Object.keys(found).filter(
    (id) => atAnyTime(found[id] ?? '') === 'pending' || running.includes(id),
  );
  for (const id of unfinished)
    if (cancelled.includes(id)) await t.throwsAsync(drover.task(id).result(), { name: 'TaskCancelledError' });
    else await t.notThrowsAsync(drover.task(id).result(), id);
  const after = await states(drover);
  for (const id of Object.keys(found)) {
    const expected = cancelled.includes(id) ? 'cancelled' : found[id] === 'failed' ? 'failed' : 'succeeded';
    t.is(after[id], expected, id);
  }
  const effects = await cluster.effects();
  t.true(isRunOncePerAttempt(effects));
  t.deepEqual([...startsByTask(effects).keys()].sort(), unfinished.filter((id) => !cancelled.includes(id)).sort());
  for (const count of (await successes(zk)).values()) t.is(count, 1);
  // Attempts that the earlier release had begun are not begun again under their numbers.
  for (const { task, attempt } of effects) if (running.includes(task)) t.true(attempt > 1, task);
  const retried = Object.keys(found).filter((id) => found[id] === 'failed');
  t.true((await drover.cancel(retried)).every(({ state }) => state === 'failed'));
  t.true(scheduler.alive && worker.alive);
});

/** A task for each option that the earlier release does not know and must heed: it leaves their batches alone. */
async function submitUnknown(drover: Drover): Promise<string[]> {
  const early = await drover.submit('noop');
  await early.result();
  const options: SubmitOptions[] = [
    { expires: '10m' },
    { deadline: '10m' },
    { heartbeat: '10m' },
    { unique: { key: 'k', mode: 'last' } },
    { after: [early.id] },
  ];
  const tasks = await Promise.all(
    options.map((option) => drover.submit('noop', null, { ...option, queue: 'unknown' })),
  );
  return tasks.map(({ id }) => id);
}

/** A fire of a schedule that waits, for its queue is paused. */
async function heldFire(drover: Drover): Promise<string> {
  await drover.pauseQueue('held');
  await drover.schedules.set('yearly', { when: { cron: '0 0 1 1 *' }, run: { type: 'noop', queue: 'held' } });
  return (await drover.schedules.trigger('yearly')).task ?? '';
}

async function resultsOf(zk: ZooKeeper, task: string): Promise<{ epoch: number; worker: string }[]> {
  const batch = task.slice(0, task.lastIndexOf('.'));
  const found: { epoch: number; worker: string }[] = [];
  for (const name of await zk.children(batchPath(batch))) {
    const path = `${batchPath(batch)}/${name}`;
    const { worker } = decodeResultHeader(path, (await zk.get(path)).data);
    found.push({ epoch: parseResultName(name)?.epoch ?? 0, worker });
  }
  return found;
}

interface Side {
  scheduler: Cluster['scheduler'];
  worker: Cluster['worker'];
}

/** Leaders of both releases take turns, twice, under load from clients of both; workers of both run the tasks. */
async function sideBySide(
  t: Parameters<typeof world>[0] & {
    is: (a: unknown, b: unknown, m?: string) => void;
    true: (a: boolean, m?: string) => void;
  },
  first: 'old' | 'new',
): Promise<void> {
  const { cluster, drover } = await world(t);
  const zk = await handle(t, cluster.zk);
  const old = await cluster.release(RELEASE);
  const sides: Record<'old' | 'new', Side> = {
    old,
    new: { scheduler: (...args) => cluster.scheduler(...args), worker: (...args) => cluster.worker(...args) },
  };
  const second = first === 'old' ? 'new' : 'old';
  const begun: Member[] = [sides[first].scheduler('s1', ...SHORT)];
  await begun[0]?.event('term.began');
  begun.push(sides[second].scheduler('s2', ...SHORT));
  const workers = [
    old.worker('w-old', '--concurrency', '4', ...SHORT),
    cluster.worker('w-new', '--concurrency', '4', ...SHORT),
  ];
  await Promise.all(workers.map((worker) => worker.event('worker.registered')));
  // In a queue that only they use, so that they hold up nobody.
  const unknown = first === 'old' ? await submitUnknown(drover) : [];
  const lines = [...work(200, 10)].map((task) => JSON.stringify(task)).join('\n');
  const byOld = old.run(['submit', '--from', '-', '--wait'], lines);
  const byNew = runAll(drover, work(300, 10), (ended) => {
    if (ended === 80) begun[0]?.signal('SIGKILL');
  });
  const next = await begun[1]?.event('term.began');
  t.true(Number(next?.epoch) >= 2);
  await Promise.all(unknown.map((id) => drover.task(id).result()));
  const held = first === 'old' ? await heldFire(drover) : null;
  const third = sides[first].scheduler('s3', ...SHORT);
  await third.event('session.connected');
  begun[1]?.signal('SIGKILL');
  t.true(Number((await third.event('term.began')).epoch) > Number(next?.epoch));
  if (held !== null) await drover.resumeQueue('held');
  // Some more under the third.
  const last = await runAll(drover, work(100, 0));
  const finished = [...(await byNew), ...last];
  t.true(
    finished.every(({ state, attempt }) => state === 'succeeded' && attempt === 1),
    'a change of leader moves nothing',
  );
  t.is(finished.length, 400);
  t.is((await byOld).length, 200);
  const effects = await cluster.effects();
  t.is(effects.length, 600);
  t.true(isRunOncePerAttempt(effects));
  t.is([...new Set(effects.map(({ worker }) => worker))].sort().join(), 'w-new,w-old');
  const counts = await successes(zk);
  for (const { task } of effects) t.is(counts.get(task), 1, task);
  for (const id of unknown) {
    t.is(counts.get(id), 1, id);
    for (const { epoch, worker } of await resultsOf(zk, id))
      t.true(epoch >= Number(next?.epoch) && worker.startsWith('w-new'), `${id}, epoch ${epoch}, ${worker}`);
  }
  if (held !== null) t.is((await resultsOf(zk, held)).length, 0, 'a fire that waits stays as it is');
  t.true(workers.every((worker) => worker.alive) && third.alive);
}

test('an earlier release leads, today takes over and gives back, under load: every task is accepted once', async (t) => {
  await sideBySide(t, 'old');
});

test('today leads, an earlier release takes over and gives back, under load: every task is accepted once', async (t) => {
  await sideBySide(t, 'new');
});

/** A record but for the ids and times in it. */
const withoutNames = (data: Uint8Array): string =>
  Buffer.from(data)
    .toString()
    .replaceAll(/"at":\d+/g, '"at":0')
    .replaceAll(/"client":"[^"]*"/g, '"client":""')
    .replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, 'BATCH');

/** The batches that a client writes of tasks without any option that the earlier release does not know, and their assignments. */
async function written(
  cluster: Cluster,
  zk: ZooKeeper,
  { scheduler, worker }: Side,
  submit: Submit,
): Promise<string[]> {
  scheduler('s1', ...SHORT);
  await worker('w1', '--concurrency', '2', ...SHORT).event('worker.registered');
  const running = await submit([{ type: 'work', payload: { n: 1, ms: 600_000 } }]);
  await cluster.effectsReach(1);
  const waiting = await submit([
    { type: 'later', payload: { n: 2 }, options: { maxAttempts: 3, timeout: '5s' } },
    { type: 'later', payload: { n: 3 } },
    { type: 'later', payload: { n: 4 }, options: { delay: '1h' } },
  ]);
  const found: string[] = [];
  for (const batch of [running, waiting]) found.push(withoutNames((await zk.get(batchPath(batch))).data));
  for (const one of await zk.children(ROOTS.assignments))
    for (const name of await zk.children(`${ROOTS.assignments}/${one}`))
      found.push(withoutNames((await zk.get(`${ROOTS.assignments}/${one}/${name}`)).data));
  return found;
}

/** Answers the batch. */
type Submit = (tasks: readonly { type: string; payload: object; options?: SubmitOptions }[]) => Promise<string>;

const batchOf = (task: string): string => task.slice(0, task.lastIndexOf('.'));

test('tasks without newer options are byte for byte what an earlier release writes, and so are their assignments', async (t) => {
  const [before, now] = [await world(t), await world(t)];
  const release = await before.cluster.release(RELEASE);
  const byRelease: Submit = async (tasks) => {
    const lines = tasks.map(({ options, ...task }) => JSON.stringify({ ...task, ...options })).join('\n');
    const [first] = await release.run(['submit', '--from', '-'], lines);
    return batchOf((first as { id: string }).id);
  };
  const byToday: Submit = async (tasks) => {
    for await (const { id } of now.drover.submitMany(tasks.map(({ options, ...task }) => ({ ...task, ...options }))))
      return batchOf(id);
    throw new Error('nothing was submitted');
  };
  const today = {
    scheduler: now.cluster.scheduler.bind(now.cluster),
    worker: now.cluster.worker.bind(now.cluster),
  };
  const earlier = await written(before.cluster, await handle(t, before.cluster.zk), release, byRelease);
  t.is(earlier.length, 3);
  t.deepEqual(await written(now.cluster, await handle(t, now.cluster.zk), today, byToday), earlier);
});
