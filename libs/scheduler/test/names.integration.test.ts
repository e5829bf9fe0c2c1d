import test from 'ava';
import { randomUUID } from 'node:crypto';
import { logged, World, type RunningScheduler } from './support/world.js';

interface Status {
  tasks: { pending: number; out: number; succeeded: number };
  queues: Record<string, unknown>;
  queuesLeftOut: number;
  unservedTypes: string[];
  unservedTypesLeftOut: number;
  intake?: { open: boolean; code?: string };
}

const status = (world: World, accept: (status: Status) => boolean): Promise<Status> =>
  world.until(async () => {
    const found = await world.json<Status>('/status');
    return found !== null && accept(found) ? found : null;
  });
const began = ({ events }: RunningScheduler): number => events.filter(({ name }) => name === 'term.began').length;

test('thousands of queues with long names cost no term, and an operator is answered', async (t) => {
  const world = await World.create(t);
  const queues = Array.from({ length: 2_000 }, (_, i) => `${'q'.repeat(94)}-${String(i).padStart(5, '0')}`);
  await world.submitter.submitMany(queues.map((queue) => ({ queue, types: ['nobody'] })));
  const leader = await world.scheduler('s1');
  const pause = { kind: 'configure', queue: queues[1_777] ?? '', settings: { paused: true } } as const;
  t.like(await world.ask(pause), { ok: true, known: true });
  const found = await status(world, ({ tasks }) => tasks.pending === 2_000);
  t.deepEqual([Object.keys(found.queues).length, found.queuesLeftOut], [100, 1_900]);
  t.true((await world.zk.get('/status')).data.length < 64 * 1024);
  t.is(began(leader), 1);
});

test('thousands of types that nobody offers cost no term, and an operator is answered', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const types = Array.from({ length: 2_000 }, (_, i) => `${'t'.repeat(122)}-${String(i).padStart(5, '0')}`);
  const batches = Array.from({ length: 20 }, (_, i) => ({ queue: 'q', types: types.slice(100 * i, 100 * i + 100) }));
  await world.submitter.submitMany(batches);
  const found = await status(world, ({ tasks }) => tasks.pending === 2_000);
  t.deepEqual([found.unservedTypes.length, found.unservedTypesLeftOut], [100, 1_900]);
  t.true((await world.zk.get('/status')).data.length < 64 * 1024);
  t.like(await world.ask({ kind: 'configure', queue: 'q', settings: { paused: true } }), { ok: true });
  t.is(began(leader), 1);
});

test('queues whose tasks have all finished take no room, but are known', async (t) => {
  const world = await World.create(t);
  const queues = Array.from({ length: 2_000 }, () => randomUUID());
  await world.submitter.submitMany(
    queues.map((queue) => ({ queue, types: ['noop'] })),
    true,
  );
  const leader = await world.scheduler('s1');
  const found = await status(world, ({ tasks }) => tasks.succeeded === 2_000);
  t.deepEqual([found.queues, found.queuesLeftOut], [{}, 0]);
  const pause = (queue: string) => world.ask({ kind: 'configure', queue, settings: { paused: true } });
  t.like(await pause(queues[5] ?? ''), { ok: true, known: true });
  t.like(await pause(randomUUID()), { ok: true, known: false });
  t.is(began(leader), 1);
});

test('too many names close the intake, with the reason; it opens when they are fewer', async (t) => {
  const world = await World.create(t);
  const limits = { maxTasks: 1_000, maxBytes: 1_000_000, maxNames: 20 };
  const leader = await world.scheduler('s1', {}, undefined, limits);
  const batches = Array.from({ length: 21 }, (_, i) => ({ queue: `q${i}`, types: ['noop'] }));
  await world.submitter.submitMany(batches);
  const intake = (open: boolean) =>
    world.until(async () => {
      const found = await world.json<{ open: boolean; code?: string; reason?: string }>('/intake');
      return found?.open === open ? found : null;
    });
  const closed = await intake(false);
  t.like(closed, { code: 'names', names: 21, maxNames: 20 });
  t.regex(closed.reason ?? '', /name 21 different queues or types, the limit is 20/);
  t.like(await world.ask({ kind: 'configure', queue: 'q1', settings: { weight: 3 } }), { ok: true });
  t.like(await status(world, (found) => found.intake?.open === false), { intake: { code: 'names' } });
  await world.worker('w1');
  t.is((await intake(true)).reason, undefined);
  t.true(logged(leader, 'intake.closed', { code: 'names', names: 21 }));
  t.true(logged(leader, 'intake.opened'));
});

test('a task in each of thousands of queues and types: all succeed in one term', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const types = Array.from({ length: 2_000 }, (_, i) => `type-${i}`);
  await world.submitter.submitMany(Array.from({ length: 2_000 }, () => ({ queue: randomUUID(), types: ['noop'] })));
  await world.submitter.submitMany(types.map((type) => ({ queue: 'q', types: [type] })));
  for (let n = 0; n < 8; n++)
    await world.worker(`w${n}`, { types: ['noop', ...types.filter((_type, i) => i % 8 === n)] });
  const found = await status(world, ({ tasks }) => tasks.succeeded === 4_000);
  t.deepEqual([found.queues, found.queuesLeftOut, found.unservedTypes], [{}, 0, []]);
  t.true((await world.zk.get('/status')).data.length < 64 * 1024);
  t.is(began(leader), 1);
});
