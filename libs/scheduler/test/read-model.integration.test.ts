import type { Facts } from '@drover/api';
import { parseFilter } from '@drover/core';
import { createMetrics } from '@drover/observability';
import { checkMetrics, Told } from '@drover/testing';
import test from 'ava';
import { logged, World, type RunningScheduler } from './support/world.js';

const list = { order: 'newest', limit: 10, now: Date.now(), after: null, walk: null } as const;

/** A scheduler that leads and has read everything, and what it tells. */
async function leading(world: World, more = {}): Promise<RunningScheduler & { facts: Told<Facts> }> {
  const running = await world.scheduler('s1', {}, undefined, undefined, more);
  await world.until(() => (logged(running, 'term.loaded') ? true : null));
  const facts = new Told<Facts>();
  running.scheduler.readModel.follow((each) => facts.tell(each));
  return { ...running, facts };
}

test('the leader lists, counts and explains tasks from memory, with errors, tenants and places in line', async (t) => {
  const world = await World.create(t);
  const { scheduler, facts } = await leading(world);
  const { readModel } = scheduler;
  const worker = await world.worker('w1', { capacity: 2, hold: true });
  const waiting = await world.submitter.submit(3, { type: 'nobody', tenant: 'acme', priority: 2 });
  const batch = await world.submitter.submit(2, { maxAttempts: 1 });
  const held = await worker.next(({ record }) => record.batch === batch);
  await worker.report(held, [
    { from: 0, to: 1, outcome: 'failed' },
    { from: 1, to: 2, outcome: 'succeeded' },
  ]);
  await facts.first(({ failures }) => failures.length > 0);

  const failed = await readModel.answer('tasks', { ...list, filter: parseFilter('state:failed error:"it failed"') });
  t.true(failed?.complete);
  t.like(failed?.rows[0], { id: `${batch}.0`, queue: 'default', error: { name: 'Error', message: 'it failed' } });
  t.is(failed?.rows.length, 1);
  const acme = await readModel.answer('tasks', { ...list, limit: 2, filter: parseFilter('type:nobody') });
  t.deepEqual(
    acme?.rows.map(({ id, tenant, priority }) => [id, tenant, priority]),
    [
      [`${waiting}.2`, 'acme', 2],
      [`${waiting}.1`, 'acme', 2],
    ],
  );
  const rest = await readModel.answer('tasks', { ...list, after: acme!.next, filter: parseFilter('type:nobody') });
  t.deepEqual([rest?.rows.map(({ id }) => id), rest?.next], [[`${waiting}.0`], null]);
  t.deepEqual(await readModel.answer('count', { filter: [], now: list.now }), { count: 5, exact: true });
  t.deepEqual(await readModel.answer('count', { filter: parseFilter('state:succeeded,failed'), now: list.now }), {
    count: 2,
    exact: true,
  });
  const why = await readModel.answer('why', { task: `${waiting}.1` });
  if (why === null || why === 'unknown') throw new Error('it is there');
  t.is(why.reasons[0]?.code, 'type-unserved');
  t.like(why.line, { ahead: 1, exact: true });
  t.is(await readModel.answer('why', { task: 'no task' }), 'unknown');
  const [queue] = (await readModel.answer('queues', { names: null, most: 10 })) ?? [];
  t.like(queue, {
    name: 'default',
    pending: 3,
    out: 0,
    submitted: 5,
    finished: 2,
    failed: 1,
    unservedTypes: ['nobody'],
  });
  t.like(await readModel.answer('scaling', { queue: 'default', type: 'nobody' }), { pending: 3, out: 0, capacity: 0 });
  t.like(await readModel.answer('scaling', { queue: null, type: 'noop' }), { pending: 0, out: 0, capacity: 2 });
  t.deepEqual(await readModel.answer('limits', { most: 10 }), []);
  await t.throwsAsync(readModel.answer('tasks', { ...list, filter: [], after: '../x' }));
});

test('facts tell everything first, then what changes, with a number that grows; and the end of a term', async (t) => {
  const world = await World.create(t);
  const { scheduler, facts } = await leading(world);
  const first = await facts.first();
  t.like(first, { epoch: 1, n: 1, whole: true, failures: [], intake: { open: true } });
  t.deepEqual(first.tally, { scheduled: 0, pending: 0, out: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 });
  const worker = await world.worker('w1', { capacity: 2, hold: true });
  await facts.first(({ workersChanged }) => workersChanged);
  await facts.first(({ workers }) => workers?.slots === 2);
  const batch = await world.submitter.submit(2, {
    maxAttempts: 2,
    retry: { kind: 'constant', delayMs: 60_000, maxDelayMs: 60_000, jitter: 0 },
  });
  const held = await worker.next();
  const busy = await facts.first(({ tally }) => tally?.out === 2);
  t.like(
    busy.queues.find(({ name }) => name === 'default'),
    { out: 2, submitted: 2 },
  );
  await worker.report(held, [{ from: 0, to: 1, outcome: 'failed' }], 0, false);
  const { failures } = await facts.first((each) => each.failures.length > 0);
  t.like(failures[0], { task: `${batch}.0`, attempt: 1, worker: 'w1', final: false, type: 'noop' });
  await worker.stop();
  const { workersLost } = await facts.first((each) => each.workersLost.length > 0);
  t.like(workersLost[0], { worker: 'w1', tasks: 2 });
  t.true(await scheduler.handOver('tidying up'));
  await facts.first(({ epoch }) => epoch === null);
  const next = await facts.first(({ epoch }) => epoch === 2);
  t.is(next.n, 1);
  const numbers = facts.all.flatMap(({ epoch, n }) => (epoch === 1 ? [n] : []));
  t.deepEqual(
    numbers,
    numbers.map((_, at) => at + 1),
  );
});

test('whoever does not lead answers nothing; the address of a scheduler is in its records', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.leader();
  const second = await world.scheduler('s2');
  t.is(await second.scheduler.readModel.answer('count', { filter: [], now: 0 }), null);
  t.false(await second.scheduler.handOver('it does not lead'));
  first.scheduler.advertise('http://127.0.0.1:1');
  second.scheduler.advertise('http://127.0.0.1:2');
  const says = (path: string, api: string) =>
    world.until(async () => ((await world.json<{ api?: string }>(path))?.api === api ? true : null));
  await says('/leader', 'http://127.0.0.1:1');
  await says('/schedulers/s1', 'http://127.0.0.1:1');
  await says('/schedulers/s2', 'http://127.0.0.1:2');
  t.true(await first.scheduler.handOver('a new version'));
  await world.leader(({ id }) => id === 's2');
  await says('/leader', 'http://127.0.0.1:2');
  t.true(logged(first, 'term.ended', { reason: 'a new version' }));
});

test('metrics of a leader: promtool finds nothing wrong, counts add up, and a follower shows none of them', async (t) => {
  const world = await World.create(t);
  const metrics = createMetrics();
  const { scheduler } = await leading(world, { metrics });
  const worker = await world.worker('w1', { capacity: 3 });
  await world.submitter.submit(2, { type: 'nobody' }, 'other');
  const batch = await world.submitter.submit(5, { maxAttempts: 1 });
  await world.until(() => world.submitter.finished(batch));
  const text = await metrics.text();
  t.is(await checkMetrics(text), '');
  for (const line of [
    'drover_tasks{state="pending"} 2',
    'drover_queue_tasks{queue="other",state="pending"} 2',
    'drover_unserved_tasks{type="nobody"} 2',
    'drover_accepted_tasks_total{queue="default"} 5',
    'drover_assigned_tasks_total{queue="default"} 5',
    'drover_queue_wait_seconds_count{queue="default"} 5',
    'drover_wait_seconds_count{account="default"} 5',
    'drover_task_latency_seconds_count{queue="default",state="succeeded"} 5',
    'drover_finished_tasks_total{queue="default",state="succeeded"} 5',
    'drover_ended_attempts_total{queue="default",outcome="succeeded"} 5',
    'drover_worker_slots{state="free"} 3',
    'drover_zookeeper_connected 1',
    'drover_intake_open 1',
  ])
    t.true(text.split('\n').includes(line), `${line} in ${text.replaceAll(/^(?!drover_).*\n/gm, '')}`);
  t.regex(text, /^drover_queue_oldest_pending_age_seconds\{queue="other"\} \d/m);
  t.true(text.split('\n').filter((line) => /^[a-z]/.test(line)).length < 400);
  await worker.stop();
  await scheduler.stop();
  t.notRegex(await metrics.text(), /^drover_(queue_|tasks|accepted|worker_slots)/m);
});
