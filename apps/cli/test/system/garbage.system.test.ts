import { batchIds } from '@drover/core';
import { batchPath, broadcastPath, flowPath, keyPath, LAYOUT, type TREE } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { leaderOf, runAll, work, world } from './world.js';

/** Garbage that somebody may have written into a znode. */
const GARBAGE: Readonly<Record<string, string | Uint8Array>> = {
  nothing: '',
  noise: new Uint8Array([0, 255, 1, 128, 10, 10, 34, 123]),
  'another shape': '{"v":1,"tasks":7,"state":[],"request":{"kind":"dance"}}',
  'a newer version': '{"v":99}',
  'a need that nobody knows': '{"v":2,"needs":["one-day"]}',
  'nested deeply': `{"v":1,"later":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  'something huge': 'x'.repeat(900_000),
};
const ODD_NAMES = ['odd', '..odd', 'a b', 'ö', 'constructor'];
const newBatchId = batchIds(systemRuntime.now, systemRuntime.random);

type Kind = (typeof TREE)[number][0];

/**
 * Paths of every kind of znode, for one sort of garbage: a new kind does not compile without an entry. Empty: there is
 * one such znode, see `SINGLE`.
 */
function places(n: number, worker: string, pending: string): string[] {
  const batch = newBatchId();
  const byKind: Record<Kind, string[]> = {
    '/': [],
    '/epoch': [],
    '/leader': [],
    '/schedulers/<id>': [`/schedulers/g${n}`],
    '/workers/<worker>': [`/workers/g${n}`],
    '/tasks/<bucket>/<batch>': [batchPath(batch)],
    '/tasks/<bucket>/<batch>/<result>': [
      `${batchPath(batch)}/e0-${n}.0`,
      ...['0', 'end', 'ok', 'ok-1-1', 'later'].map((part, i) => `${pending}/e0-${10 * n + i}.${part}`),
    ],
    '/assignments/<worker>': [`/assignments/g${n}`],
    '/assignments/<worker>/<assignment>': [
      `/assignments/g${n}/${batch}.e0-${n}`,
      `/assignments/${worker}/${batch}.e0-${n}`,
    ],
    '/broadcasts/<bucket>/<broadcast>': [broadcastPath(batch)],
    '/broadcasts/<bucket>/<broadcast>/<part>': [`${broadcastPath(batch)}/g${n}`],
    '/queues/<queue>': [`/queues/g${n}`],
    '/schedules/<page>': [`/schedules/g${n}`],
    '/schedules/<page>/state': [`/schedules/g${n}/state`],
    '/calendars/<name>': [`/calendars/g${n}`],
    '/limits/<name>': [`/limits/g${n}`],
    '/limits/<name>/<shard>': [`/limits/g${n}/00`],
    '/accounts/<name>': [`/accounts/g${n}`],
    '/pools/<name>': [`/pools/g${n}`],
    '/resources/<name>': [`/resources/g${n}`],
    '/commands/<id>': [`/commands/g${n}`],
    '/keys/<bucket>/<hash>': [keyPath('default', `g${n}`)],
    '/plans/<plan>': [`/plans/g${n}`],
    '/flows/<bucket>/<flow>': [flowPath(batch)],
    '/flows/<bucket>/<flow>/<note>': [`${flowPath(batch)}/e0-${n}`],
    '/access/tokens/<id>': [`/access/tokens/g${n}`],
    '/access/session-key': [],
    '/intake': [],
    '/status': [],
  };
  return Object.values(byKind).flat();
}

/** The root is left out: a process that cannot read it does not start, and the library coordination tests that. */
const SINGLE = ['/leader', '/access/session-key', '/intake', '/status', '/epoch'] as const satisfies readonly Kind[];

async function put(zk: ZooKeeper, path: string, data: string | Uint8Array): Promise<void> {
  try {
    await zk.create(path, data);
  } catch (error) {
    if (isZooKeeperError(error, 'NODE_EXISTS')) await zk.set(path, data);
    // The leader removes some garbage at once: then the next znode cannot be created below it.
    else if (!isZooKeeperError(error, 'NO_NODE')) throw error;
  }
}

test('with garbage in every kind of znode and odd names in every directory, tasks run, leaders change, clients read', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, '--session-timeout', '2s'));
  const leader = await leaderOf(schedulers);
  const worker = cluster.worker('w1', '--concurrency', '8');
  const id = String((await worker.event('worker.registered')).worker);
  const zk = connectZooKeeper({ connect: cluster.zk, runtime: systemRuntime });
  t.teardown(() => zk.close());
  const waiting = await drover.submit('nobody-offers-this', 1);
  const pending = batchPath(waiting.id.split('.')[0] ?? '');

  const written: string[] = [];
  for (const [n, data] of Object.values(GARBAGE).entries())
    for (const path of places(n, id, pending)) {
      await put(zk, path, data);
      written.push(path);
    }
  for (const directory of ['', ...LAYOUT, pending, `/assignments/${id}`])
    for (const name of ODD_NAMES) await put(zk, `${directory}/${name}`, 'x');
  const succeeded = async (count: number): Promise<number> =>
    (await runAll(drover, work(count, 0))).filter(({ state }) => state === 'succeeded').length;
  t.is(await succeeded(100), 100);

  // The znodes of which there is one, while all of them run.
  for (const path of SINGLE) for (const data of Object.values(GARBAGE)) await put(zk, path, data);
  t.is(await succeeded(100), 100);

  const next = schedulers.find((scheduler) => scheduler !== leader) ?? leader;
  const since = next.lines.length;
  leader.signal('SIGKILL');
  await next.event('term.began', since);
  t.is(await succeeded(100), 100);
  t.true(next.alive && worker.alive);

  for (const path of written.filter((each) =>
    /^\/(workers|queues|commands|schedules\/[^/]+$|calendars|tasks\/[^/]+\/[^/]+$)/.test(each),
  ))
    await t.notThrowsAsync(
      next.event('record.invalid', 0, (line) => line.path === path),
      path,
    );
  t.true((await drover.workers()).some(({ name }) => name === 'w1'));
  await drover.queues();
  t.is((await drover.status()).leader?.id, next.name);
  for await (const view of drover.list({ limit: 400 })) t.truthy(view.id);
  t.like(await drover.get(waiting.id), { state: 'pending' });
  const [cancelled] = await drover.cancel([waiting.id]);
  t.true(cancelled?.ok);
  const effects = await cluster.effects();
  t.is(effects.length, 300, 'nothing runs twice');
  t.is(new Set(effects.map(({ task, attempt }) => `${task} ${attempt}`)).size, 300);
  // A write into /epoch moves the fence, which ends a term; no other garbage ends one.
  for (const { lines } of schedulers)
    for (const { event, reason } of lines) if (event === 'term.aborted') t.is(reason, 'fenced');
});
