import { silentMetrics, type Metrics } from '@drover/observability';
import { testZooKeeperBehindProxy, Told } from '@drover/testing';
import test from 'ava';
import { FakeLeader } from './fake-leader.js';
import { makeWorker, RecordedLog, startWorld, startWorldBehindProxy } from './start-worker.js';

const LONG = { type: 'sleep', payload: { ms: 600_000 } };

test('registering makes both znodes, and an orderly stop removes the ephemeral at once', async (t) => {
  const { leader, worker, id } = await startWorld(t, {
    name: 'one',
    labels: { zone: 'a' },
    capacity: 3,
    typeConcurrency: { sleep: 2 },
  });
  t.regex(id, /^one-[0-9a-z]+$/);
  const record = await leader.record(id);
  t.like(record, {
    name: 'one',
    capacity: 3,
    labels: { zone: 'a' },
    state: 'accepting',
    running: [],
    concurrency: { sleep: 2 },
  });
  t.true(record?.types.includes('math.count-primes'));
  t.not(await leader.zk.exists(`/assignments/${id}`), null);
  await worker.stop();
  await worker.stop();
  await worker.stopped;
  t.is(await leader.record(id), null);
});

test('built-in types that act are offered on request, and each is warned of', async (t) => {
  const { leader, id, log } = await startWorld(t);
  const types = (await leader.record(id))?.types ?? [];
  for (const type of ['noop', 'echo', 'sleep', 'math.count-primes']) t.true(types.includes(type), type);
  for (const type of ['shell', 'http', 'file.stat', 'file.checksum']) t.false(types.includes(type), type);
  t.deepEqual(log.of('worker.exposed'), []);
  const refused = await leader.end(await leader.give(id, [{ type: 'shell', payload: { argv: ['true'] } }]));
  t.is(refused.outcome, 'failed');
  const open = await startWorld(t, { builtin: ['shell', 'file', 'http'], http: { policy: 'off' } });
  const offered = (await open.leader.record(open.id))?.types ?? [];
  for (const type of ['shell', 'http', 'file.stat', 'file.checksum']) t.true(offered.includes(type), type);
  t.deepEqual(open.log.of('worker.exposed').map(({ builtin }) => builtin), ['shell', 'file', 'http']); // prettier-ignore
  t.regex(String(open.log.of('worker.exposed')[2]?.risk), /any address/);
  t.throws(() => makeWorker(open.connect, open.log, { builtin: ['shel' as 'shell'] }), {
    message: /some of shell, http, file/,
  });
});

test('a stop hands back what has not begun at once, and lets what runs finish', async (t) => {
  const { leader, worker, id, log } = await startWorld(t, { capacity: 1, stopTimeoutMs: 60_000 });
  const assigned = await leader.give(id, [{ type: 'sleep', payload: { ms: 300 } }, LONG]);
  await log.seen('task.started');
  const stopped = worker.stop();
  t.deepEqual(await log.seen('worker.stopping'), { worker: id, running: 1, stopTimeoutMs: 60_000 });
  await leader.until(async () => (await leader.record(id))?.state === 'draining');
  const ends = await leader.ends(assigned);
  t.deepEqual(ends.map((end) => end.outcome), ['succeeded', 'returned']); // prettier-ignore
  await stopped;
  t.is(await leader.record(id), null);
});

test('a stop hands back what was given to the worker before the leader could know of it', async (t) => {
  const { connect, address, chroot, proxy } = await testZooKeeperBehindProxy(t);
  const leader = await FakeLeader.open(t, address + chroot);
  const worker = makeWorker(connect, new RecordedLog(), {}, 20_000);
  await worker.start();
  proxy.blackHole('to-server');
  const stopped = worker.stop();
  const assigned = await leader.give(worker.id ?? '', [LONG]);
  proxy.blackHole('none');
  await stopped;
  const [report] = await leader.reports(assigned);
  t.deepEqual(report?.ends.map(({ outcome }) => outcome), ['returned']); // prettier-ignore
  t.false(await leader.isOut(assigned));
});

test('past the stop timeout what runs is aborted and handed back', async (t) => {
  const { leader, worker, id, log } = await startWorld(t, { stopTimeoutMs: 50 });
  const assigned = await leader.give(id, [LONG]);
  await log.seen('task.started');
  await worker.stop();
  t.is((await leader.end(assigned)).outcome, 'returned');
});

test('a worker that was stopped before it started, and one that cannot connect', async (t) => {
  const log = new RecordedLog();
  await makeWorker('127.0.0.1:1', log).stop();
  const worker = makeWorker('127.0.0.1:1', log);
  const reason = new Error('long enough');
  const attempt = new AbortController();
  const started = worker.start(attempt.signal);
  attempt.abort(reason);
  t.is(await t.throwsAsync(started), reason);
  await worker.stopped;
});

test('a draining worker hands back, says so, stays up, and comes back', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 1 });
  const assigned = await leader.give(id, [LONG, LONG]);
  await log.seen('task.started');
  await leader.drain(id, true);
  await leader.until(async () => (await leader.record(id))?.state === 'draining');
  t.deepEqual(log.of('worker.draining'), [{ worker: id, running: 1 }]);
  const late = await leader.give(id, [{ type: 'noop' }]);
  t.is((await leader.end(late)).outcome, 'returned');
  t.true(await leader.isOut(assigned));
  await leader.drain(id, false);
  await leader.until(async () => (await leader.record(id))?.state === 'accepting');
  t.deepEqual(log.of('worker.resumed'), [{ worker: id }]);
  await leader.notify(assigned, { cancel: [[0, 1]] });
  t.deepEqual((await leader.ends(assigned)).map((end) => end.outcome), ['cancelled', 'returned']); // prettier-ignore
  t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
});

test('znodes that were removed by hand while the session lives are made again', async (t) => {
  const { leader, id } = await startWorld(t);
  await leader.zk.delete(`/workers/${id}`);
  await leader.zk.delete(`/assignments/${id}`);
  await leader.until(async () => (await leader.record(id)) !== null && (await leader.zk.exists(`/assignments/${id}`)));
  t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
});

test('a short disconnect: what runs goes on, nothing is reported twice, and what came meanwhile is found', async (t) => {
  const ended = new Told<string>();
  const metrics: Metrics = { ...silentMetrics, observe: (name) => ended.tell(name) };
  const { leader, worker, log, id, proxy } = await startWorldBehindProxy(t, 20_000, metrics);
  const running = await leader.give(id, [{ type: 'sleep', payload: { ms: 400 } }]);
  await log.seen('task.started');
  const suspended = log.seen('session.suspended');
  await proxy.refuse();
  await suspended;
  const meanwhile = await leader.give(id, [{ type: 'echo', payload: 1 }]);
  const revoked = await leader.give(id, [{ type: 'noop' }]);
  await leader.zk.delete(revoked.path);
  await ended.first((name) => name === 'drover_handler_seconds');
  await proxy.listenAgain();
  t.is((await leader.end(running)).outcome, 'succeeded');
  t.is((await leader.end(meanwhile)).outcome, 'succeeded');
  t.deepEqual(await leader.reports(revoked), []);
  t.is(worker.id, id);
  t.is(log.of('task.started').length, 1);
});

test('garbage that came during a disconnect is told, and the worker goes on', async (t) => {
  const { leader, worker, log, id, proxy } = await startWorldBehindProxy(t, 20_000);
  const suspended = log.seen('session.suspended');
  await proxy.refuse();
  await suspended;
  const garbage = [`/assignments/${id}/what`, `/assignments/${id}`];
  await leader.zk.create(garbage[0] ?? '', 'ever');
  await leader.zk.set(garbage[1] ?? '', 'no directory');
  await proxy.listenAgain();
  for (const path of garbage) await log.seen('record.invalid', (fields) => fields.path === path);
  const given = await leader.give(id, [{ type: 'noop' }]);
  const failed = worker.stopped.then(() => null);
  t.is((await Promise.race([leader.end(given), failed]))?.outcome, 'succeeded');
});

test('after an expiry nothing of the old session is reported, and the worker comes back under a new id', async (t) => {
  const { leader, log, id, proxy } = await startWorldBehindProxy(t, 4_000);
  const both = await leader.give(id, [{ type: 'sleep', payload: { ms: 300 } }, LONG]);
  await log.seen('task.started', ({ task }) => task === `${both.batch}.1`);
  proxy.blackHole('both');
  await leader.until(async () => (await leader.record(id)) === null);
  proxy.blackHole('none');
  const next = await leader.worker();
  t.not(next, id);
  await log.seen('worker.registered', (fields) => fields.worker === next);
  t.is((await leader.end(await leader.give(next, [{ type: 'noop' }]))).outcome, 'succeeded');
  t.true(await leader.isOut(both));
  t.deepEqual(await leader.reports(both), []);
  t.is((await log.seen('report.rejected')).assignment, both.name);
});

test('a report whose answer was lost is accepted once', async (t) => {
  const { leader, log, id, proxy } = await startWorldBehindProxy(t, 20_000);
  for (const tasks of [[{ type: 'noop' }], [{ type: 'noop' }, LONG]]) {
    const lost = proxy.once(
      ({ op, direction }) => op === 'multi' && direction === 'reply',
      () => 'cut-within',
    );
    const assigned = await leader.give(id, tasks);
    await lost;
    await leader.until(async () => (await leader.reports(assigned)).length > 0);
    // The worker goes on: what follows would wait for ever behind a report that is never settled.
    t.is((await leader.end(await leader.give(id, [{ type: 'noop' }]))).outcome, 'succeeded');
    if (tasks.length > 1) await leader.notify(assigned, { cancel: [[1, 2]] });
    const ends = await leader.ends(assigned);
    t.deepEqual(ends.map((end) => end.index), [...tasks.keys()]); // prettier-ignore
  }
  t.deepEqual(log.of('report.rejected'), []);
});

test('a registration whose answer was lost is one registration', async (t) => {
  const { connect, address, chroot, proxy } = await testZooKeeperBehindProxy(t);
  const leader = await FakeLeader.open(t, address + chroot);
  const worker = makeWorker(connect, new RecordedLog(), {}, 20_000);
  t.teardown(() => worker.stop());
  void proxy.once(
    ({ op, direction }) => op === 'multi' && direction === 'reply',
    () => 'cut-within',
  );
  await worker.start();
  t.deepEqual(await leader.workers(), [worker.id ?? '']);
  t.is((await leader.end(await leader.give(worker.id ?? '', [{ type: 'noop' }]))).outcome, 'succeeded');
});
