import test from 'ava';
import { batchPath, keyPath, type CommandRequest } from '@drover/protocol';
import { logged, World } from './support/world.js';

test('a pending task that is cancelled never runs, and the answer says so', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const batch = await world.submitter.submit(3);
  const answer = await world.ask({ kind: 'cancel', tasks: [`${batch}.1`, 'nonsense', `eu~${batch}.2`] });
  t.like(answer.tasks?.[0], { ok: true, state: 'cancelled' });
  t.like(answer.tasks?.[1], { ok: false, message: 'not a task id' });
  t.like(answer.tasks?.[2], { ok: false });
  t.regex(answer.tasks?.[2]?.message ?? '', /unknown cell 'eu'/);
  const worker = await world.worker('w1');
  const { succeeded, cancelled } = await world.until(() => world.submitter.finished(batch));
  t.deepEqual({ succeeded, cancelled }, { succeeded: 2, cancelled: 1 });
  t.false(worker.begun.has(`${batch}.1`));
});

test('a running task is cancelled by asking its worker', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1);
  const held = await worker.next();
  await world.ask({ kind: 'cancel', tasks: [`${batch}.0`] });
  const notified = await worker.next(({ record }) => record.cancel !== undefined);
  t.deepEqual(notified.record.cancel, [[0, 1]]);
  t.true(await worker.report(held, [{ from: 0, to: 1, outcome: 'cancelled' }]));
  t.is((await world.until(() => world.submitter.finished(batch))).cancelled, 1);
});

test('a worker that does not obey a cancel is deprived of the task, its result is rejected, and operators are told', async (t) => {
  const world = await World.create(t);
  const { scheduler } = await world.scheduler('s1', { graceMs: 50 });
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1);
  const held = await worker.next();
  await world.ask({ kind: 'cancel', tasks: [`${batch}.0`] });
  t.is((await world.until(() => world.submitter.finished(batch))).cancelled, 1);
  t.false(await worker.succeed(held));
  t.like(scheduler.readModel.view?.workersSilent(), [{ worker: 'w1', tasks: 1 }]);
});

test('what ended before its assignment was taken away counts, though the leader hears of it only afterwards', async (t) => {
  const world = await World.create(t);
  const { proxy } = await world.scheduler('s1', { graceMs: 3_000 });
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(2);
  const held = await worker.next(({ record }) => record.tasks.some(([from, to]) => to - from === 2));
  await world.ask({ kind: 'cancel', tasks: [`${batch}.1`] });
  proxy.blackHole('to-client');
  t.true(await worker.report(held, [{ from: 0, to: 1, outcome: 'succeeded' }], 0, false));
  await world.until(async () =>
    (await world.zk.exists(`/assignments/${worker.id}/${held.id}`)) === null ? true : null,
  );
  proxy.blackHole('none');
  await worker.release();
  const { succeeded, cancelled } = await world.until(() => world.submitter.finished(batch));
  t.deepEqual({ succeeded, cancelled }, { succeeded: 1, cancelled: 1 });
  t.is(worker.begun.get(`${batch}.0`), 1);
});

test('a finished batch remembers which tasks were cancelled: the next leader says so, also after a retry', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const batch = await world.submitter.submit(4, { maxAttempts: 1 });
  const all = [0, 1, 2, 3].map((index) => `${batch}.${index}`);
  await world.ask({ kind: 'cancel', tasks: [`${batch}.1`] });
  const worker = await world.worker('w1', { hold: true });
  const held = await worker.next();
  await worker.report(held, [
    { from: 0, to: 1, outcome: 'succeeded' },
    { from: 2, to: 3, outcome: 'failed' },
    { from: 3, to: 4, outcome: 'succeeded' },
  ]);
  await world.until(() => world.submitter.finished(batch));
  t.deepEqual((await world.submitter.header(batch))?.cancelled, [[1, 2]]);
  const states = async (): Promise<unknown[]> =>
    (await world.ask({ kind: 'cancel', tasks: all })).tasks?.map(({ state }) => state) ?? [];
  t.deepEqual(await states(), ['succeeded', 'cancelled', 'failed', 'succeeded']);
  await world.scheduler('s2');
  await first.scheduler.stop();
  t.deepEqual(await states(), ['succeeded', 'cancelled', 'failed', 'succeeded']);
  t.like(await world.ask({ kind: 'retry', tasks: [`${batch}.2`] }), { ok: true });
  const again = await worker.next();
  t.deepEqual(
    (await world.ask({ kind: 'cancel', tasks: all.slice(0, 2) })).tasks?.map(({ state }) => state),
    ['succeeded', 'cancelled'],
  );
  t.is((await world.submitter.header(batch))?.finished, undefined);
  await worker.succeed(again);
  await world.until(() => world.submitter.finished(batch));
  t.deepEqual((await world.submitter.header(batch))?.cancelled, [[1, 2]]);
  t.deepEqual(await states(), ['succeeded', 'cancelled', 'succeeded', 'succeeded']);
});

test('a failed task keeps its payload and can be retried, also under another leader', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(2, { maxAttempts: 1 });
  const held = await worker.next();
  await worker.report(held, [
    { from: 0, to: 1, outcome: 'succeeded' },
    { from: 1, to: 2, outcome: 'failed' },
  ]);
  t.is((await world.until(() => world.submitter.finished(batch))).failed, 1);
  t.deepEqual((await world.submitter.header(batch))?.kept, [1]);
  await world.scheduler('s2');
  await first.scheduler.stop();
  const answer = await world.ask({ kind: 'retry', tasks: [`${batch}.1`] });
  t.true(answer.ok, JSON.stringify(answer));
  const again = await worker.next();
  t.deepEqual(again.record.tasks, [[1, 2]]);
  t.is(again.record.attempt, 2);
  await worker.succeed(again);
  const counts = await world.until(async () => {
    const finished = await world.submitter.finished(batch);
    return finished?.failed === 0 ? finished : null;
  });
  t.is(counts.succeeded, 2);
});

test('a paused queue hands nothing out until it is resumed, and then needs no znode', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  t.true((await world.ask({ kind: 'configure', queue: 'mail', settings: { paused: true } })).ok);
  const worker = await world.worker('w1');
  const paused = await world.submitter.submit(2, {}, 'mail');
  const other = await world.submitter.submit(2);
  await world.until(() => world.submitter.finished(other));
  t.is([...worker.begun.keys()].filter((task) => task.startsWith(paused)).length, 0);
  t.true((await world.ask({ kind: 'configure', queue: 'mail', settings: { paused: false } })).ok);
  t.is((await world.until(() => world.submitter.finished(paused))).succeeded, 2);
  t.is(await world.zk.exists('/queues/mail'), null);
  t.false((await world.ask({ kind: 'configure', queue: 'no/name', settings: {} })).ok);
});

test('a draining worker is given nothing more, also by the next leader', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const draining = await world.worker('w1');
  t.true((await world.ask({ kind: 'drain', worker: 'w1', draining: true })).ok);
  t.false((await world.ask({ kind: 'drain', worker: 'nobody', draining: true })).ok);
  t.like(await world.json(`/assignments/${draining.id}`), { draining: true });
  const other = await world.worker('w2');
  const early = await world.submitter.submit(4);
  await world.until(() => world.submitter.finished(early));
  await world.scheduler('s2');
  await first.scheduler.stop();
  const batch = await world.submitter.submit(4);
  await world.until(() => world.submitter.finished(batch));
  t.is(draining.begun.size, 0);
  t.is(other.begun.size, 8);
});

test('what is no request is answered as such', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  t.false((await world.ask({ kind: 'dance' } as unknown as CommandRequest)).ok);
});

test('the system closes when more is unfinished than allowed, and opens again when it is done', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', {}, undefined, { maxTasks: 10, maxBytes: 1_000_000 });
  const becomes = (open: boolean): Promise<true> =>
    world.until(async () => ((await world.json<{ open: boolean }>('/intake'))?.open === open ? true : null));
  t.true(await becomes(true));
  await world.submitter.submit(20);
  t.true(await becomes(false));
  await world.worker('w1', { capacity: 8 });
  t.true(await becomes(true));
});

test('a failed task that had a key runs again only with it, and no two unfinished tasks have one key', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1, { key: 'k', maxAttempts: 1 });
  const task = `${batch}.0`;
  await worker.report(await worker.next(), [{ from: 0, to: 1, outcome: 'failed' }]);
  await world.until(() => world.submitter.finished(batch));
  await world.ask({ kind: 'configure', queue: 'default', settings: { paused: true } });
  t.like(await world.ask({ kind: 'retry', tasks: [task] }), { ok: true });
  t.is(await holderOf(world, 'k'), task, 'a submit of the key means this task');
  t.is((await world.submitter.header(batch))?.finished, undefined);
  await t.throwsAsync(world.submitter.submit(1, { key: 'k' }));
  await world.ask({ kind: 'configure', queue: 'default', settings: { paused: false } });
  await worker.report(await worker.next(), [{ from: 0, to: 1, outcome: 'failed' }]);
  await world.until(() => world.submitter.finished(batch));
  const other = await world.submitter.submit(1, { key: 'k' });
  const refused = await world.ask({ kind: 'retry', tasks: [task] });
  t.false(refused.ok);
  t.regex(refused.tasks?.[0]?.message ?? '', new RegExp(`task ${other}.0 has its key`));
  await worker.succeed(await worker.next());
  await world.until(() => world.submitter.finished(other));
  await world.until(async () => ((await holderOf(world, 'k')) === null ? true : null));
  t.like(await world.ask({ kind: 'retry', tasks: [task] }), { ok: true });
  await worker.succeed(await worker.next());
  t.like(await world.until(() => world.submitter.finished(batch)), { succeeded: 1 });
});

async function holderOf(world: World, key: string): Promise<string | null> {
  return (await world.json<{ task: string }>(keyPath('default', key)))?.task ?? null;
}

test('who asked for a change, and why, stands with what it changed and in the log', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const ada = { by: 'ada', reason: 'provider down' };
  const pause = { kind: 'configure', queue: 'mail', settings: { paused: true } } as const;
  t.like(await world.ask(pause, ada), { ok: true, known: false });
  const queue = (): Promise<Record<string, unknown> | null> => world.json('/queues/mail');
  t.like(await queue(), { paused: true, pausedBy: ada, changedBy: ada });
  const bob = { by: 'bob', reason: 'more of it' };
  t.like(await world.ask({ kind: 'configure', queue: 'mail', settings: { weight: 2 } }, bob), { known: true });
  t.like(await queue(), { paused: true, weight: 2, pausedBy: ada, changedBy: bob });
  const shown = await world.until(async () => {
    const status = await world.json<{ queues: Record<string, object> }>('/status');
    return status?.queues.mail ?? null;
  });
  t.like(shown, { paused: true, pausedBy: ada });
  t.like(await world.ask({ kind: 'configure', queue: 'mail', settings: { paused: false } }, bob), { ok: true });
  t.is((await queue())?.pausedBy, undefined);

  t.true((await world.ask({ kind: 'drain', worker: 'w1', draining: true }, ada)).ok);
  t.like(await world.json(`/assignments/${worker.id}`), { draining: true, drainedBy: ada });
  t.true((await world.ask({ kind: 'drain', worker: 'w1', draining: false })).ok);
  t.is((await world.json<{ drainedBy?: unknown }>(`/assignments/${worker.id}`))?.drainedBy, undefined);

  const batch = await world.submitter.submit(1, { delayMs: 3_600_000 });
  await world.until(async () => ((await world.ask({ kind: 'cancel', tasks: [`${batch}.0`] }, ada)).ok ? true : null));
  const [result = ''] = await world.zk.children(batchPath(batch));
  t.like(await world.json(`${batchPath(batch)}/${result}`), { leader: true, ...ada });
  for (const target of ['mail paused=true', 'w1', `${batch}.0`])
    t.true(logged(leader, 'command.done', { target, ...ada, ok: true }), target);
  t.true(logged(leader, 'command.done', { kind: 'drain', target: 'w1 (no longer)', by: undefined }));
});

test('a task that fails for good is logged at once, with its error', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(2, { maxAttempts: 1 });
  const held = await worker.next(({ record }) => record.tasks.some(([from, to]) => to - from === 2));
  await worker.report(held, [{ from: 0, to: 1, outcome: 'failed' }], 0, false);
  const died = { task: `${batch}.0`, type: 'noop', attempts: 1, error: 'Error: it failed' };
  await world.until(() => (logged(leader, 'task.dead', died) ? true : null));
  t.is(await world.submitter.finished(batch), null);
  await worker.report(held, [{ from: 1, to: 2, outcome: 'succeeded' }], 1);
  await world.until(() => world.submitter.finished(batch));
  t.is(leader.events.filter(({ name }) => name === 'task.dead').length, 1);
});

test('why a task is not running is answered with the reason that holds now, who caused it, and the workers', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const batch = await world.submitter.submit(3);
  const why = async (index = 0) => (await world.ask({ kind: 'why', task: `${batch}.${index}` })).why;
  t.like(await why(), { state: 'pending', reasons: [{ code: 'no-worker', blocking: true }] });
  const pause = { kind: 'configure', queue: 'default', settings: { paused: true } } as const;
  await world.ask(pause, { by: 'ada', reason: 'provider down' });
  t.like((await why())?.reasons[0], {
    code: 'queue-paused',
    text: 'queue default is paused by ada: provider down',
    pausedBy: { by: 'ada' },
  });
  await world.ask({ ...pause, settings: { paused: false } });
  const worker = await world.worker('w1', { hold: true, capacity: 1 });
  const held = await worker.next();
  const [[from, to] = [0, 0]] = held.record.tasks;
  t.like((await why(from))?.reasons[0], { code: 'handed-out', worker: worker.id, attempt: 1 });
  t.like(await why(to), {
    reasons: [{ code: 'all-full' }],
    line: { ahead: 0, exact: true },
    workers: { total: 1, eligible: 0, table: [{ worker: worker.id, verdict: 'full' }] },
  });
  t.like(await world.ask({ kind: 'why', task: `${batch}.7` }), {
    ok: false,
    message: `the leader knows no task ${batch}.7: it was submitted just now, or is gone`,
  });
  t.like(await world.ask({ kind: 'why', task: 'nonsense' }), { ok: false, message: 'not a task id' });
});

test('a new due time and a move hold for the next leader too', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const batch = await world.submitter.submit(3, {}, 'q');
  await world.until(async () => ((await world.ask({ kind: 'why', task: `${batch}.2` })).ok ? true : null));
  const later = await world.ask({ kind: 'change', tasks: [`${batch}.0`], delayMs: 600_000 });
  t.like(later, { ok: true, tasks: [{ ok: true, state: 'scheduled' }] });
  const moved = await world.ask({ kind: 'change', tasks: [`${batch}.1`, 'nonsense'], queue: 'r' });
  t.like(moved, { ok: false, tasks: [{ ok: true, state: 'cancelled' }, { ok: false }] });
  t.like(await world.ask({ kind: 'change', tasks: [`${batch}.2`] }), {
    ok: false,
    message: 'the change names no delay, time, priority or queue',
  });
  await world.kill(first);
  await world.scheduler('s2');
  const worker = await world.worker('w1', { hold: true });
  await worker.until(() => (worker.tasks().length === 2 ? true : null));
  t.deepEqual([...worker.tasks()].sort(), [`${batch}.2`, moved.tasks?.[0]?.moved ?? ''].sort());
  const { why } = await world.ask({ kind: 'why', task: `${batch}.0` });
  t.like(why, { state: 'scheduled', reasons: [{ code: 'not-due', cause: 'delay' }] });
  t.like(await world.ask({ kind: 'change', tasks: [`${batch}.1`], queue: 'r' }), {
    tasks: [{ ok: false, state: 'cancelled' }],
  });
});

/** Batches with a failed task and one that waits; the leader has read them. */
async function failedAndWaiting(world: World): Promise<{ failed: string; waiting: string }> {
  const worker = await world.worker('w1', { hold: true });
  const failed = await world.submitter.submit(2, { maxAttempts: 1 }, 'q');
  const held = await worker.next();
  await worker.report(held, [
    { from: 0, to: 1, outcome: 'failed' },
    { from: 1, to: 2, outcome: 'succeeded' },
  ]);
  await world.until(() => world.submitter.finished(failed));
  const waiting = await world.submitter.submit(1, { type: 'nobody' }, 'q');
  await world.until(async () => ((await world.ask({ kind: 'why', task: `${waiting}.0` })).ok ? true : null));
  return { failed, waiting };
}

test('a batch that the leader cannot read any more is neither purged nor moved nor erased, and the term goes on', async (t) => {
  const world = await World.create(t);
  const { events } = await world.scheduler('s1');
  const { failed, waiting } = await failedAndWaiting(world);
  for (const garbage of ['{', '{"v":2,"needs":["of-the-future"],"queue":"q"}']) {
    await world.zk.set(batchPath(failed), garbage);
    await world.zk.set(batchPath(waiting), garbage);
    for (const request of [
      { kind: 'erase', tasks: [`${failed}.0`] },
      { kind: 'purge', tasks: [`${failed}.0`] },
      { kind: 'change', tasks: [`${waiting}.0`], queue: 'r' },
    ] satisfies CommandRequest[]) {
      const { ok, tasks } = await world.ask(request);
      t.false(ok, request.kind);
      t.regex(tasks?.[0]?.message ?? '', /cannot be read|tasks\/..\//, request.kind);
    }
    t.is(String((await world.zk.get(batchPath(failed))).data), garbage, 'it is left as it is');
  }
  t.like(await world.ask({ kind: 'configure', queue: 'q', settings: { paused: true } }), { ok: true });
  t.deepEqual(
    events.filter(({ name }) => name === 'term.ended' || name === 'term.failed'),
    [],
  );
});

test('a purge and a move that are repeated because their answer was lost are answered as done', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const { failed, waiting } = await failedAndWaiting(world);
  const move: CommandRequest = { kind: 'change', tasks: [`${waiting}.0`], queue: 'r' };
  const purge: CommandRequest = { kind: 'purge', tasks: [`${failed}.0`] };
  const first = await world.ask(move);
  t.like(first, { ok: true, tasks: [{ ok: true, state: 'cancelled' }] });
  t.like(await world.ask(purge), { ok: true, tasks: [{ ok: true, state: 'purged' }] });
  // A requester who asks for the first time is told of the present state.
  t.like(await world.ask(move), { ok: false, tasks: [{ ok: false, state: 'cancelled' }] });
  t.like(await world.ask(purge), { ok: false, tasks: [{ ok: false, state: 'unknown' }] });
  const moved = first.tasks?.[0]?.moved;
  t.like(await world.ask(move, { again: true }), { ok: true, tasks: [{ ok: true, state: 'cancelled', moved }] });
  t.like(await world.ask(purge, { again: true }), { ok: true, tasks: [{ ok: true, state: 'purged' }] });
  t.like(await world.ask({ kind: 'remove-limit', name: 'gone' }, { again: true }), { limit: { ok: true } });
  t.like(await world.ask({ kind: 'remove-limit', name: 'gone' }), { limit: { ok: false, code: 'unknown' } });
});

test('a request that the leader before may have carried out is one that is repeated', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const { waiting } = await failedAndWaiting(world);
  const move: CommandRequest = { kind: 'change', tasks: [`${waiting}.0`], queue: 'r' };
  const { tasks } = await world.ask(move);
  await world.kill(first);
  // The answer of the first leader is not there: the second one finds the request.
  const answer = world.ask(move);
  await world.scheduler('s2');
  t.like(await answer, { ok: true, tasks: [{ ok: true, moved: tasks?.[0]?.moved }] });
});
