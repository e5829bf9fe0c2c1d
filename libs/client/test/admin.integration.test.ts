import test from 'ava';
import {
  assignmentName,
  assignmentPath,
  batchPath,
  encodeBatch,
  encodeRecord,
  queuePath,
  ROOTS,
  schedulerPath,
  workerAssignmentsPath,
  workerPath,
  type CommandRequest,
} from '@drover/protocol';
import { connectZooKeeper, type ZooKeeper, type ZooKeeperFactory } from '@drover/zookeeper';
import { DEFAULT_TASK_OPTIONS, type TaskFailure } from '@drover/core';
import { PartlyDoneError, ReadOnlyDriverError } from '../src/index.js';
import { client, collect, world } from './client.js';
import type { PlayedCluster } from './played-cluster.js';

const error: TaskFailure = { name: 'TypeError', message: 'no', retryable: true };
const batchOf = (id: string): string => id.split('.')[0] ?? '';

async function register(zk: ZooKeeper, id: string, more: object = {}, asked: object = {}): Promise<void> {
  const record = {
    name: id.replace(/-[^-]*$/, ''),
    host: 'h',
    pid: 7,
    version: '1',
    startedAt: 5,
    capacity: 2,
    weight: 1,
    labels: {},
    types: ['noop'],
    state: 'accepting',
    running: [],
    ...more,
  };
  await zk.create(workerAssignmentsPath(id), encodeRecord('workerAssignments', { draining: false, ...asked }));
  await zk.create(workerPath(id), encodeRecord('worker', record), { mode: 'ephemeral' });
}

async function assign(cluster: PlayedCluster, worker: string, task: string, attempt = 1): Promise<void> {
  const [batch = '', index] = task.split('.');
  const record = { batch, tasks: [[Number(index), Number(index) + 1]], attempt, epoch: 1, at: 99 };
  await cluster.zk.create(
    assignmentPath(worker, assignmentName(batch, { epoch: 9, n: 1 })),
    encodeRecord('assignment', record),
  );
}

test('get tells every state, and why a pending task waits', async (t) => {
  const { drover, cluster } = await world(t);
  const worker = 'w1-5twzkr9a1c';
  const scheduled = await drover.submit('noop', 1, { delay: '1h' });
  const task = await drover.submit('noop', { n: 1 }, { queue: 'q', key: 'k' });
  const view = await drover.get(scheduled.id);
  t.like(view, { state: 'scheduled', attempt: 0, worker: null, dueAt: view.submittedAt + 3_600_000 });
  t.like(await task.status(), { state: 'pending', key: 'k', queue: 'q', reason: 'no scheduler leads' });
  await cluster.lead(() => ({ ok: true }));
  t.is((await drover.get(task.id)).reason, 'no workers');
  await register(cluster.zk, 'w2-5twzkr9a1d', { types: ['other'] });
  t.is((await drover.get(task.id)).reason, 'no worker offers noop');
  await register(cluster.zk, worker);
  t.is((await drover.get(task.id)).reason, 'no free worker yet (1 worker offers noop)');
  await cluster.zk.create(
    queuePath('q'),
    encodeRecord('queue', {
      paused: true,
      priority: 0,
      weight: 1,
      maxRunning: null,
      pausedBy: { by: 'ada', reason: 'provider down', at: 7 },
    }),
  );
  t.is((await drover.get(task.id)).reason, 'queue q is paused by ada: provider down');

  await assign(cluster, worker, task.id);
  t.like(await drover.get(task.id, { payload: true }), {
    state: 'assigned',
    worker: 'w1',
    payload: { n: 1 },
    attempt: 1,
  });
  const running = [{ task: task.id, attempt: 1, startedAt: 100, progress: 0.5, note: 'half' }];
  const record = { name: 'w1', host: 'h', pid: 7, version: '1', startedAt: 5, capacity: 2, weight: 1 };
  const rest = { labels: {}, types: ['noop'], state: 'accepting', running };
  await cluster.zk.set(workerPath(worker), encodeRecord('worker', { ...record, ...rest }));
  t.like(await drover.get(task.id), { state: 'running', startedAt: 100, progress: 0.5, note: 'half' });
  t.like((await drover.workers())[0], { name: 'w1', running: 1, out: 1, capacity: 2, tasks: running });

  const origin = { epoch: 9, n: 1 };
  await cluster.report(batchOf(task.id), [[0, { outcome: 'failed', error }]], { origin });
  t.like(await drover.get(task.id), { state: 'retrying', attempt: 1, worker: 'w1', error });
  await cluster.report(batchOf(task.id), [[0, { outcome: 'succeeded', result: 'r' }]], {
    attempt: 2,
    origin: { epoch: 9, n: 2 },
  });
  const done = await drover.get(task.id);
  t.like(done, { state: 'succeeded', result: 'r', attempt: 2 });
  t.deepEqual(
    done.history.map(({ attempt, outcome }) => [attempt, outcome]),
    [
      [1, 'failed'],
      [2, 'succeeded'],
    ],
  );
  t.is(done.error, undefined);
  t.truthy(done.finishedAt);
});

test('list gives the newest first, by state and queue, and skips garbage', async (t) => {
  const { drover, cluster } = await world(t);
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push((await drover.submit('noop', i, { queue: i % 2 === 0 ? 'even' : 'odd' })).id);
  await cluster.report(batchOf(ids[0] ?? ''), [[0, { outcome: 'rejected', error }]]);
  await cluster.createGarbage('01M82JVEMPWW3M3KR0SECPNV00');
  const list = async (options?: Parameters<typeof drover.list>[0]): Promise<string[]> =>
    (await collect(drover.list(options))).map(({ id }) => id);
  t.deepEqual(await list(), [...ids].reverse());
  t.deepEqual(await list({ limit: 2 }), [ids[4], ids[3]]);
  t.deepEqual(await list({ queue: 'even', state: 'pending' }), [ids[4], ids[2]]);
  t.deepEqual(await list({ state: 'failed' }), [ids[0]]);
  await t.throwsAsync(list({ limit: 0 }), { name: 'InvalidArgumentError' });
  await t.throwsAsync(list({ state: 'lost' as never }), { name: 'InvalidArgumentError' });
});

test('of a finished batch whose results cannot be read the header says how each task ended', async (t) => {
  const { drover, cluster } = await world(t);
  const id = '01M82JVEMPWW3M3KR0SECPNV00';
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 4 }];
  const finished = { at: 1, succeeded: 2, failed: 1, cancelled: 1 };
  const header = { queue: 'q', count: 4, groups, at: 1, client: 'c', finished, kept: [2] };
  const states = async (): Promise<string[]> =>
    (await collect(drover.list({ filter: `batch:${id}` }))).map(({ state }) => state).reverse();
  await cluster.zk.create(batchPath(id), encodeBatch({ ...header, cancelled: [[1, 2]] }, ['1']));
  t.deepEqual(await states(), ['succeeded', 'cancelled', 'failed', 'succeeded']);
  t.is((await drover.get(`${id}.1`)).state, 'cancelled');
  // Earlier versions wrote such headers.
  await cluster.zk.set(batchPath(id), encodeBatch(header, ['1']));
  t.deepEqual(await states(), ['succeeded', 'succeeded', 'failed', 'succeeded']);
});

test('list takes a filter, pages by the last id, and refuses what it does not understand', async (t) => {
  const { drover, cluster } = await world(t);
  const many = await collect(drover.submitMany(Array.from({ length: 300 }, (_, n) => ({ type: 'noop', payload: n }))));
  const named = await drover.submit('resize-big', 1, { key: 'a b,c', queue: 'images' });
  const failed = await drover.submit('resize-small', 1);
  await cluster.report(batchOf(failed.id), [[0, { outcome: 'rejected', error }]]);
  const list = async (options: Parameters<typeof drover.list>[0]): Promise<string[]> =>
    (await collect(drover.list(options))).map(({ id }) => id);
  const newestFirst = [failed.id, named.id, ...many.map(({ id }) => id).reverse()];

  const pages: string[] = [];
  for (let after: string | undefined; ; after = pages.at(-1)) {
    const page = await list({ limit: 70, after });
    if (page.length === 0) break;
    pages.push(...page);
  }
  t.deepEqual(pages, newestFirst);
  t.deepEqual(await list({ filter: 'type:resize*' }), [failed.id, named.id]);
  t.deepEqual(await list({ filter: 'key:"a b,c" since:1h' }), [named.id]);
  t.deepEqual(await list({ filter: 'error:typeerror -queue:images worker:w1 attempt:>0' }), [failed.id]);
  t.deepEqual(await list({ filter: `id:${named.id},nonsense` }), [named.id]);
  t.deepEqual(await list({ filter: `batch:${batchOf(failed.id)} state:pending` }), []);
  t.deepEqual(await list({ filter: 'until:1h' }), []);
  t.deepEqual(await list({ filter: 'type:resize*', queue: 'images', state: 'pending' }), [named.id]);
  t.is((await list({ filter: '-type:resize*', limit: Infinity })).length, 300);

  await t.throwsAsync(list({ filter: 'stat:failed' }), { name: 'FilterError', message: /did you mean 'state'/ });
  await t.throwsAsync(list({ offset: 3 } as never), {
    name: 'InvalidArgumentError',
    message: /unknown option "offset"/,
  });
  await t.throwsAsync(list({ after: 'x' }), { name: 'InvalidArgumentError' });
  const signal = AbortSignal.abort(new Error('enough'));
  await t.throwsAsync(list({ signal }), { message: 'enough' });
});

test('what the leader cancelled names no worker, but who asked', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1);
  const asked = { by: 'ada', reason: 'not needed' };
  await cluster.end(batchOf(task.id), [{ from: 0, to: 1, outcome: 'cancelled' }], asked);
  const view = await drover.get(task.id);
  t.like(view, { state: 'cancelled', worker: null });
  t.like(view.history[0], { outcome: 'cancelled', worker: null, ...asked });
});

test('untilDrained waits for the last assignment of each incarnation', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1);
  await register(cluster.zk, 'w1-5twzkr9a1c');
  await drover.untilDrained('w1');
  await assign(cluster, 'w1-5twzkr9a1c', task.id);
  const waiting = drover.untilDrained('w1');
  const abort = new AbortController();
  const given = drover.untilDrained('w1-5twzkr9a1c', { signal: abort.signal });
  abort.abort(new Error('enough'));
  await t.throwsAsync(given, { message: 'enough' });
  const [name = ''] = await cluster.zk.children(workerAssignmentsPath('w1-5twzkr9a1c'));
  await cluster.zk.delete(assignmentPath('w1-5twzkr9a1c', name));
  await waiting;
  t.pass();
});

test('a command of many tasks that fails in the middle says what was done', async (t) => {
  const { drover, cluster } = await world(t);
  const ids = Array.from({ length: 5_001 }, (_, n) => `01J00000000000000000000000.${n}`);
  let commands = 0;
  await cluster.lead((request) =>
    request.kind === 'cancel' && commands++ === 0
      ? { ok: true, tasks: request.tasks.map((task) => ({ task, ok: true, state: 'cancelled' })) }
      : { ok: false, message: 'out of order' },
  );
  const failure = await t.throwsAsync(drover.cancel(ids), { instanceOf: PartlyDoneError });
  t.is(failure.message, 'cancel was executed for 5000 of 5001 tasks, then failed: out of order');
  t.is(failure.replies.length, 5_000);
});

test('status tells who leads, who follows, and what the leader counted', async (t) => {
  const { drover, cluster } = await world(t);
  t.like(await drover.status(), { leader: null, schedulers: [], tasks: null, intake: null, at: null });
  await cluster.lead(() => ({ ok: true }));
  for (const id of ['s1', 's2']) {
    const scheduler = { id, host: 'here', pid: 1, version: '1', startedAt: 1 };
    await cluster.zk.create(schedulerPath(id), encodeRecord('scheduler', scheduler), { mode: 'ephemeral' });
  }
  const tasks = { scheduled: 1, pending: 2, running: 3, retrying: 4, succeeded: 5, failed: 6, cancelled: 7 };
  const queues = { q: { paused: true, pending: 2, out: 3, running: 3 } };
  const intake = { open: false, code: 'tasks', reason: 'too many' };
  const leftOut = { queuesLeftOut: 7, unservedTypesLeftOut: 5 };
  const status = {
    at: 11,
    epoch: 1,
    leader: 's1',
    tasks,
    queues,
    unservedTypes: ['x'],
    ...leftOut,
    complete: false,
    intake,
  };
  await cluster.zk.create(ROOTS.status, encodeRecord('status', status));
  const settings = {
    paused: true,
    priority: 0,
    weight: 2,
    maxRunning: null,
    pausedBy: { by: 'ada', reason: 'r', at: 3 },
  };
  await cluster.zk.create(queuePath('q'), encodeRecord('queue', settings));
  const running = { task: '01J00000000000000000000000.0', attempt: 1, startedAt: 5 };
  await register(cluster.zk, 'w1-5twzkr9a1c', { running: [running] }, { drainedBy: { by: 'bob', at: 4 } });
  const view = await drover.status();
  t.like(view, { leader: { id: 's1', epoch: 1 }, unservedTypes: ['x'], ...leftOut, complete: false, intake, at: 11 });
  t.deepEqual(view.tasks, { ...tasks, out: 3, running: 1 });
  t.like(view.workers[0], { out: 0, running: 1, drainedBy: { by: 'bob', at: 4 } });
  t.deepEqual(
    view.schedulers.map(({ id, role }) => [id, role]),
    [
      ['s1', 'leader'],
      ['s2', 'follower'],
    ],
  );
  t.like(view.queues[0], { name: 'q', pending: 2, out: 3, ...settings });
});

test('what workers run is what they said last, and never more than is out at them', async (t) => {
  const { drover, cluster } = await world(t);
  const worker = 'w1-5twzkr9a1c';
  await register(cluster.zk, worker, { runningNow: 3 });
  t.like((await drover.workers())[0], { out: 0, running: 0 });
  const task = await drover.submit('noop');
  await assign(cluster, worker, task.id);
  t.like((await drover.workers())[0], { out: 1, running: 1 });
});

test('commands reach the leader and bring its answer back, and leave nothing behind', async (t) => {
  const { drover, cluster } = await world(t);
  const asked: CommandRequest[] = [];
  await cluster.lead((request) => {
    asked.push(request);
    const tasks =
      request.kind === 'cancel' || request.kind === 'retry'
        ? request.tasks.map((task) => ({ task, ok: true, state: 'cancelled' }))
        : [];
    return { ok: true, tasks };
  });
  const task = await drover.submit('noop');
  await register(cluster.zk, 'w1-5twzkr9a1c');
  t.deepEqual(await task.cancel(), { id: task.id, ok: true, state: 'cancelled' });
  t.like(await drover.retry([task.id]), [{ id: task.id, ok: true }]);
  await drover.drain('w1');
  await drover.pauseQueue('q');
  await drover.resumeQueue('q');
  await drover.configureQueue('q', { weight: 3, maxRunning: 5 });
  t.deepEqual(asked as unknown[], [
    { kind: 'cancel', tasks: [task.id] },
    { kind: 'retry', tasks: [task.id] },
    { kind: 'drain', worker: 'w1-5twzkr9a1c', draining: true },
    { kind: 'configure', queue: 'q', settings: { paused: true } },
    { kind: 'configure', queue: 'q', settings: { paused: false } },
    { kind: 'configure', queue: 'q', settings: { weight: 3, maxRunning: 5 } },
  ]);
  await t.throwsAsync(drover.drain('w2'), {
    name: 'WorkerNotFoundError',
    message: 'no worker named "w2"; did you mean "w1"?',
  });
  await t.throwsAsync(drover.cancel(['nothing']), { name: 'InvalidArgumentError' });
  await t.throwsAsync(drover.configureQueue('q', { weight: 0 }), { name: 'InvalidArgumentError' });
  for (const [wrong, message] of [
    [{ tenants: { acme: 0 } }, /tenants.*weights by the name of the tenant/],
    [{ tenants: { 'a b': 1 } }, /tenants/],
    [{ tenants: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`t${n}`, 2])) }, /at most 1000/],
    [{ fairness: 'money' }, /'tasks' or 'time'/],
    [{ maxRunningPerTenant: -1 }, /a whole number from 0, or null/],
    [{ minShare: 1.5 }, /a number from 0 to 1/],
    [{ onDead: { type: 'a b' } }, /onDead.*without queue for the same queue/],
    [{ onDead: { type: 'page', delay: '1s' } }, /delay/],
  ] as const)
    await t.throwsAsync(drover.configureQueue('q', wrong as object), { name: 'InvalidArgumentError', message });
  await drover.close();
  t.deepEqual(await cluster.zk.children(ROOTS.commands), []);
});

test('a command carries who asks and why, and tells whether its queue is known', async (t) => {
  const { drover, cluster } = await world(t);
  const asked: unknown[] = [];
  await cluster.lead(({ kind }, { by, reason }) => {
    asked.push({ kind, by, reason });
    return kind === 'configure' ? { ok: true, known: asked.length === 1 } : { ok: true, tasks: [] };
  });
  const who = { by: 'ada', reason: 'provider down' };
  t.deepEqual(await drover.pauseQueue('mail', who), { known: true });
  t.deepEqual(await drover.resumeQueue('mial'), { known: false });
  await drover.cancel(['01J00000000000000000000000.0'], who);
  t.deepEqual(asked, [
    { kind: 'configure', ...who },
    { kind: 'configure', by: undefined, reason: undefined },
    { kind: 'cancel', ...who },
  ]);
  const refused: object[] = [{ by: 'x'.repeat(129) }, { reason: 'x'.repeat(1_025) }, { why: 'because' }, { by: 7 }];
  for (const wrong of refused)
    await t.throwsAsync(drover.pauseQueue('mail', wrong), { name: 'InvalidArgumentError' }, JSON.stringify(wrong));
  t.is(asked.length, 3);
});

test('a command that is not answered says whether anybody leads; one that is refused, why', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const hasty = await client(t, zk, { commandTimeout: 50 });
  await t.throwsAsync(hasty.pauseQueue('q'), { name: 'NoLeaderError' });
  const silent = await client(t, zk, { commandTimeout: 50 });
  await cluster.lead(({ kind }) => (kind === 'configure' ? { ok: false, message: 'the queue is a river' } : null));
  await t.throwsAsync(silent.cancel(['01J00000000000000000000000.0']), { name: 'CommandTimeoutError' });
  await t.throwsAsync(drover.pauseQueue('q'), { name: 'CommandRefusedError', message: 'the queue is a river' });
});

test('a driver that can only read serves for reading, and the rest says what it lacks', async (t) => {
  const { drover, zk } = await world(t);
  const task = await drover.submit('noop', 1);
  const driver: ZooKeeperFactory = (options) => {
    const handle = connectZooKeeper(options);
    const capabilities = { ...handle.capabilities, multi: false, addWatch: false };
    Object.defineProperty(handle, 'capabilities', { value: capabilities });
    return handle;
  };
  const reader = await client(t, zk, { driver });
  t.is((await reader.get(task.id)).state, 'pending');
  t.is((await collect(reader.list())).length, 1);
  t.deepEqual(await reader.workers(), []);
  t.is((await reader.status()).leader, null);
  const refused = { instanceOf: ReadOnlyDriverError };
  await t.throwsAsync(reader.submit('noop'), refused);
  await t.throwsAsync(reader.task(task.id).result(), refused);
  await t.throwsAsync(reader.cancel([task.id]), refused);
  t.throws(() => reader.run([]), refused);
});
