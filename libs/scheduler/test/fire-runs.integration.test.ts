import { planText, type Plan } from '@drover/flow';
import {
  BROADCAST,
  decodeBroadcast,
  decodeFlowHeader,
  decodeSchedules,
  decodeScheduleStates,
  firedId,
  FIRE_RUNS,
  FLOWS,
  planHash,
  planPath,
  type FireRecord,
  type ScheduleStateRecord,
} from '@drover/protocol';
import { nullOn } from '@drover/zookeeper';
import test, { type ExecutionContext } from 'ava';
import { step } from './support/flow-starter.js';
import { World } from './support/world.js';

const WORKER = { understands: [BROADCAST, FIRE_RUNS, FLOWS] };
const PLAN: Plan = { v: 1, name: 'daily', steps: { only: step() } };
const TEXT = planText(PLAN);
const FLOW_RUN = { flow: 'daily', plan: planHash(TEXT) };

interface Fired {
  readonly id: string;
  readonly fire: FireRecord;
  readonly finished: boolean;
}

/** All flows, or broadcasts, that are fires of schedules, in the order of their numbers. */
async function fired({ zk }: World, root: 'flows' | 'broadcasts'): Promise<Fired[]> {
  const found: Fired[] = [];
  for (const bucket of await zk.children(`/${root}`))
    for (const id of await zk.children(`/${root}/${bucket}`)) {
      const path = `/${root}/${bucket}/${id}`;
      const znode = await nullOn(zk.get(path), 'NO_NODE');
      if (znode === null) continue;
      const { fire, finished } =
        root === 'flows' ? decodeFlowHeader(path, znode.data) : decodeBroadcast(path, znode.data).record;
      if (fire !== undefined) found.push({ id, fire, finished: finished !== undefined });
    }
  return found.sort((a, b) => a.fire.n - b.fire.n);
}

async function set(t: ExecutionContext, world: World, name: string, spec: object, plans: string[] = []): Promise<void> {
  const answer = await world.ask({ kind: 'set-schedules', schedules: [{ name, spec: { ...spec } }], plans });
  t.true(answer.schedules?.[0]?.ok, JSON.stringify(answer));
}

async function stateOf({ zk }: World): Promise<ScheduleStateRecord> {
  const path = '/schedules/0/state';
  return decodeScheduleStates(path, (await zk.get(path)).data).states[0]!;
}

/** The first nominal time of a schedule that fires each second. */
async function firstSecond({ zk }: World): Promise<number> {
  const [schedule] = decodeSchedules('/schedules/0', (await zk.get('/schedules/0')).data);
  return (Math.floor(schedule!.since / 1_000) + 1) * 1_000;
}

for (const [root, run, plans] of [
  ['flows', FLOW_RUN, [TEXT]],
  ['broadcasts', { broadcast: 'noop', joiners: '1m' }, []],
] as const)
  test(`each second has one of ${root}, whoever leads, and its tasks begin once`, async (t) => {
    const world = await World.create(t);
    const first = await world.scheduler('s1');
    await world.scheduler('s2');
    const worker = await world.worker('w1', WORKER);
    const spec = { when: { every: '1s' }, run, overlap: 'allow', catchUp: 'all' };
    await set(t, world, 'tick', spec, [...plans]);
    const begin = await firstSecond(world);
    await world.until(async () => ((await fired(world, root)).length >= 2 ? true : null));
    await world.kill(first);
    await world.leader(({ id }) => id === 's2');
    const fires = await world.until(async () => {
      const found = await fired(world, root);
      // The newest broadcast is open.
      return found.length >= 6 && found.slice(0, 5).every(({ finished }) => finished) ? found : null;
    });
    t.deepEqual(
      fires.map(({ fire }) => fire.nominal),
      fires.map((_, i) => begin + i * 1_000),
    );
    for (const { id, fire } of fires) t.is(id, firedId(fire));
    t.true([...worker.begun.values()].every((times) => times === 1));
    t.true(worker.begun.size >= 5);
    const { fired: count, skipped, missed, mark } = await stateOf(world);
    t.deepEqual([count, skipped, missed], [(mark - begin) / 1_000 + 1, 0, 0]);
  });

test('a run that waits for an earlier fire begins nothing, under every leader, until that has ended', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { ...WORKER, hold: true });
  await set(t, world, 'tick', { when: { every: '1s' }, run: FLOW_RUN, overlap: 'buffer-one' }, [TEXT]);
  await world.until(async () => ((await fired(world, 'flows')).length === 2 ? true : null));
  t.is(worker.tasks().length, 1);
  await world.scheduler('s2');
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');
  // It has decided something of the schedule: so it knows what waits.
  const { skipped } = await stateOf(world);
  await world.until(async () => ((await stateOf(world)).skipped > skipped ? true : null));
  t.is(worker.tasks().length, 1);
  const [one, two] = await fired(world, 'flows');
  t.is(two?.fire.wait, 'one');
  await worker.release();
  await world.until(async () =>
    (await fired(world, 'flows')).slice(0, 2).every(({ finished }) => finished) ? true : null,
  );
  t.true(one !== undefined && one.fire.n < two!.fire.n);
});

test('a plan is kept while a schedule names it, and a schedule whose plan somebody has removed stands still by itself', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.worker('w1', WORKER);
  await set(t, world, 'other', { when: { every: '1s' }, run: { type: 'noop' }, overlap: 'allow' });
  await set(t, world, 'tick', { when: { every: '1s' }, run: FLOW_RUN, overlap: 'allow' }, [TEXT]);
  const unknown = { flow: 'daily', plan: '0'.repeat(32) };
  const refused = await world.ask({
    kind: 'set-schedules',
    schedules: [{ name: 'bad', spec: { when: { every: '1s' }, run: unknown } }],
  });
  t.like(refused.schedules?.[0], { ok: false, code: 'invalid' });
  t.regex(refused.schedules?.[0]?.message ?? '', /there is no plan 0+ that can be run/);
  const cyclic = planText({
    ...PLAN,
    steps: { a: step({ after: { all: [{ step: 'b' }] } }), b: step({ after: { all: [{ step: 'a' }] } }) },
  });
  const bad = await world.ask({
    kind: 'set-schedules',
    schedules: [{ name: 'bad', spec: { when: { every: '1s' }, run: { flow: 'daily', plan: planHash(cyclic) } } }],
    plans: [cyclic],
  });
  t.false(bad.ok);
  t.regex(bad.message ?? '', /a → b → a|b → a → b/);
  t.deepEqual(await world.zk.children('/plans'), [FLOW_RUN.plan], 'nothing of what was refused is there');
  t.deepEqual(await world.zk.children('/schedules'), ['0', '1'], 'earlier versions go on with the page of tasks');
  await world.scheduler('s2');
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');
  await world.until(async () => ((await fired(world, 'flows')).length >= 1 ? true : null));
  await world.zk.delete(planPath(FLOW_RUN.plan));
  const shown = await world.until(async () => {
    const { schedule } = await world.ask({ kind: 'show-schedule', name: 'tick' });
    return schedule?.broken === undefined || schedule.broken === null ? null : schedule;
  });
  t.regex(shown.broken ?? '', /plan [0-9a-f]+ is not there: set the schedule again, with its flow/);
  const before = (await world.ask({ kind: 'show-schedule', name: 'other' })).schedule?.fired ?? 0;
  await world.until(async () => {
    const { schedule } = await world.ask({ kind: 'show-schedule', name: 'other' });
    return (schedule?.fired ?? 0) > before ? true : null;
  });
  await set(t, world, 'tick', { when: { every: '1s' }, run: FLOW_RUN, overlap: 'allow' }, [TEXT]);
  t.is((await world.ask({ kind: 'show-schedule', name: 'tick' })).schedule?.broken, null);
});
