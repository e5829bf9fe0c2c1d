import { batchIds } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { dyingAfter } from './support/dying.js';
import { after, FlowStarter, step, STEP_WORKER } from './support/flow-starter.js';
import { World, type RunningScheduler } from './support/world.js';

const ROOTS = ['/tasks/', '/flows/', '/assignments/'];
const MOST_LEADERS = 40;

for (const writes of [1, 2, 3])
  test(`a leader dies after every ${writes} of its writes, and hears of the last one never: each step runs once`, async (t) => {
    const world = await World.create(t);
    const flows = new FlowStarter(world, batchIds(systemRuntime.now, systemRuntime.random));
    const id = flows.newId();
    await flows.draft(id, 'each', 3);
    const steps = {
      load: step(),
      each: { kind: 'map' as const, type: 'noop', items: { given: true as const }, ...after('load') },
      other: step(after('load')),
      merge: step(after('each', 'other')),
    };
    await flows.start(steps, { maps: [['each', 0, 3]], key: 'k' }, id);
    const worker = await world.worker('w1', { ...STEP_WORKER });
    let leaders = 0;
    while ((await flows.finished(id)) === null) {
      t.true(++leaders < MOST_LEADERS, 'no leader gets further');
      await new Promise<void>((over) => {
        void lead(world, `s${leaders}`, writes).then(over);
        void world.until(() => flows.finished(id)).then(() => over());
      });
    }
    t.like(await flows.finished(id), { succeeded: 1, failed: 0, cancelled: 0 });
    t.is(worker.begun.size, 6);
    t.deepEqual(
      [...worker.begun].filter(([, times]) => times > 1),
      [],
    );
    const named = (await flows.batches(id)).flatMap(({ header }) => header.of?.map((entry) => entry.step) ?? []);
    t.deepEqual(named.sort(), ['load', 'merge', 'other']);
  });

/** Resolves when it is dead. */
function lead(world: World, id: string, writes: number): Promise<void> {
  return new Promise((over, fail) => {
    const running: { scheduler?: RunningScheduler } = {};
    const dies = async (): Promise<void> => {
      if (running.scheduler !== undefined) await world.kill(running.scheduler);
      over();
    };
    const factory = dyingAfter(writes, ROOTS, dies);
    world.scheduler(id, {}, undefined, undefined, { factory }).then((scheduler) => {
      running.scheduler = scheduler;
    }, fail);
  });
}

test('a new leader takes over a thousand runs that wait for a signal, starts nothing, and goes on with each', async (t) => {
  const world = await World.create(t);
  const flows = new FlowStarter(world, batchIds(systemRuntime.now, systemRuntime.random));
  const dying = await world.scheduler('s1');
  const worker = await world.worker('w1', STEP_WORKER);
  const steps = { one: step(), wait: { kind: 'signal' as const, ...after('one') }, two: step(after('wait')) };
  const ids = await Promise.all(Array.from({ length: 1_000 }, () => flows.start(steps)));
  await worker.until(() => (worker.begun.size === 1_000 ? true : null));
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id }) => id === 's2');
  const [first = '', second = ''] = ids;
  for (const flow of [first, second])
    t.like(await world.ask({ kind: 'flow-signal', run: `${flow}.0`, step: 'wait', payload: null }), { ok: true });
  for (const flow of [first, second]) t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
  t.is(worker.begun.size, 1_002);
  t.true([...worker.begun.values()].every((times) => times === 1));
});
