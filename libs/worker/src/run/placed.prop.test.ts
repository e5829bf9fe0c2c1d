import { DEFAULT_TASK_OPTIONS, type Amounts } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import type { AssignmentRecord, Batch } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Catalog, type TypeEntry } from '../execution/catalog.js';
import type { Call, Executor } from '../execution/executor.js';
import { RunLogs } from '../logs/run-logs.js';
import { Resources, type Stock, type Devices } from './resources.js';
import { Runner } from './runner.js';
import { Slots } from './slots.js';
import { Work } from './work.js';

const BATCH = '01J9ZZZZZZZZZZZZZZZZZZZZZZ';
const GPUS = ['0', '1', '2'];

interface Given {
  tasks: number;
  use?: Amounts;
  own?: Amounts;
  width?: number;
  devices?: Record<string, string[]>;
}

let made = 0;
function work({ tasks, use, own, width, devices }: Given): Work {
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 't', count: tasks, resources: own ?? null }];
  const batch: Batch = { header: { queue: 'q', count: tasks, at: 0, client: 'c', groups }, payload: () => '1' };
  const record: AssignmentRecord = {
    ...{ v: 1, batch: BATCH, tasks: [[0, tasks]], attempt: 1, epoch: 1, at: 0 },
    ...(use === undefined ? {} : { use }),
    ...(width === undefined ? {} : { width }),
    ...(devices === undefined ? {} : { devices }),
  };
  return new Work(`/assignments/w/${BATCH}.e1-${made++}`, record, 1n, batch);
}

/** A worker whose tasks the test ends, and all that runs at it by its own account. */
class World {
  readonly running: { call: Call; work: Work; demand: Amounts; devices: Devices }[] = [];
  readonly runner: Runner;
  readonly runtime = new ManualRuntime();
  readonly slots: Slots;
  readonly #works: readonly Work[];
  readonly #onStart: (world: World) => void;

  constructor(slots: number, capacity: Stock, works: readonly Work[], onStart: (world: World) => void) {
    this.#works = works;
    this.#onStart = onStart;
    this.slots = new Slots(slots, new Resources(capacity));
    const { runtime } = this;
    const executor: Executor = {
      room: () => Infinity,
      start: (call) => this.#started(call),
      close: () => Promise.resolve(),
    };
    const type: TypeEntry = { instant: null, executor, timeoutMs: null, heartbeatMs: null, retry: null };
    const shared = { runtime, log: silentLog, metrics: silentMetrics, worker: 'w' };
    const catalog = new Catalog({
      ...{ ...shared, module: null, builtin: [], http: {}, computeThreads: 1, blockedAfterMs: 1, traces: false },
      ...{ typeConcurrency: {}, types: new Map([['t', type]]) },
    });
    this.opened = catalog.open();
    this.runner = new Runner({
      ...{ ...shared, catalog, slots: this.slots, graceMs: 100, leaseMs: () => 1, logs: new RunLogs() },
      ...{
        storesLog: 'none',
        follower: null,
        ran: () => undefined,
        setLabel: () => true,
        measured: null,
        onEnded: () => undefined,
        onChange: () => undefined,
      },
    });
  }

  readonly opened: Promise<void>;

  /** The sum of demands; slots count where a demand does not name them. */
  sums(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { demand } of this.running)
      for (const [name, amount] of Object.entries({ slots: 1_000, ...demand })) sums[name] = (sums[name] ?? 0) + amount;
    return sums;
  }

  /** How much of each device is held. */
  held(): Record<string, number> {
    const held: Record<string, number> = {};
    for (const { demand, devices } of this.running)
      for (const name of devices.gpu ?? [])
        held[name] = (held[name] ?? 0) + (demand.gpu ?? 0) / (devices.gpu?.length ?? 1);
    return held;
  }

  end(at: number): void {
    this.running.splice(at, 1)[0]?.call.ended({ outcome: 'succeeded', result: 'null' });
    this.runner.pump();
  }

  #started(call: Call) {
    const of = this.#works.find((each) => each.taskAt(0).startsWith(BATCH) && (call as { work?: Work }).work === each);
    if (of === undefined) throw new Error('a task of no work');
    this.running.push({ call, work: of, demand: of.demandAt(0), devices: call.devices ?? {} });
    this.#onStart(this);
    return { abort: () => undefined, abandon: () => undefined };
  }
}

const anyDemand = fc
  .record(
    {
      cpu: fc.integer({ min: 0, max: 6_000 }),
      memory: fc.integer({ min: 0, max: 120 }),
      gpu: fc.constantFrom(0, 250, 333, 500, 1_000, 2_000),
      slots: fc.constantFrom(0, 500, 1_000, 2_000),
    },
    { requiredKeys: [] },
  )
  .map((demand) => demand as Amounts);

/** Leaders that err too: the wrong devices, the same ones twice, more than there are. */
const anyDevices = fc.record({ gpu: fc.array(fc.constantFrom(...GPUS, '9'), { minLength: 1, maxLength: 6 }) });
const anyWork: fc.Arbitrary<Given> = fc.oneof(
  fc.record({ tasks: fc.integer({ min: 1, max: 5 }) }),
  fc.record(
    {
      tasks: fc.integer({ min: 1, max: 5 }),
      use: anyDemand,
      own: anyDemand,
      width: fc.integer({ min: 1, max: 4 }),
      devices: anyDevices,
    },
    { requiredKeys: ['tasks'] },
  ),
);

testProp(
  'whatever is assigned: no more runs than there is, no device twice, no assignment beyond its width, and everything ends',
  [fc.array(anyWork, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat())],
  async (t, given, slots, lots) => {
    const works = given.map(work);
    const capacity = {
      amounts: { cpu: 4_000, memory: 100, gpu: 3_000 },
      devices: { gpu: GPUS },
      overcommit: { cpu: 1.25 },
    };
    const most: Record<string, number> = { slots: slots * 1_000, cpu: 5_000, memory: 100, gpu: 3_000 };
    const world = new World(slots, capacity, works, (now) => {
      for (const [name, sum] of Object.entries(now.sums())) t.true(sum <= (most[name] ?? 0), `${name}: ${sum}`);
      for (const [name, sum] of Object.entries(now.held()))
        t.true(sum <= 1_000 && GPUS.includes(name), `${name}: ${sum}`);
      works.forEach((each, at) => {
        const runs = now.running.filter((run) => run.work === each).length;
        t.true(runs <= (given[at]?.width ?? Infinity), `${runs} of an assignment at a time`);
      });
    });
    await world.opened;
    world.runner.allow(true);
    for (const each of works) world.runner.add(each);
    world.runner.pump();
    while (world.running.length > 0) world.end((lots.next().value ?? 0) % world.running.length);
    for (const each of works) t.true(each.isComplete, `${each.name}: ${each.ended} of ${each.size} have ended`);
    t.deepEqual(
      [world.slots.isFull, world.slots.resources.take({ cpu: 5_000, memory: 100, gpu: 3_000 }, {})],
      [false, { gpu: GPUS }],
    );
  },
  { numRuns: 300 },
);

async function placed(slots: number, capacity: Partial<Stock>, given: readonly Given[]): Promise<World> {
  const works = given.map(work);
  const world = new World(slots, { amounts: {}, devices: {}, overcommit: {}, ...capacity }, works, () => undefined);
  await world.opened;
  world.runner.allow(true);
  for (const each of works) world.runner.add(each);
  world.runner.pump();
  return world;
}

test('what does not fit is passed over by what does, and begins when there is room', async (t) => {
  const world = await placed(4, { amounts: { cpu: 4_000 } }, [
    { tasks: 1, own: { cpu: 3_000 } },
    { tasks: 1, own: { cpu: 2_000 } },
    { tasks: 1, own: { cpu: 1_000 } },
    { tasks: 1 },
  ]);
  const cpus = () => world.running.map(({ demand }) => demand.cpu ?? 0);
  t.deepEqual(cpus(), [3_000, 1_000, 0]);
  world.end(0);
  t.deepEqual(cpus(), [1_000, 0, 2_000]);
});

test('a task without a slot begins while all slots are taken', async (t) => {
  const world = await placed(1, { amounts: { cpu: 1_000 } }, [{ tasks: 2 }, { tasks: 1, own: { cpu: 500, slots: 0 } }]);
  t.deepEqual(world.sums(), { slots: 1_000, cpu: 500 });
});

test('the demand in the assignment goes before that of the task', async (t) => {
  const given = { tasks: 3, own: { cpu: 1_000, 'licence.x': 1_000 }, use: { cpu: 1_000 } };
  const world = await placed(8, { amounts: { cpu: 2_000 } }, [given]);
  t.deepEqual(world.sums(), { slots: 2_000, cpu: 2_000 });
});

test('what is never to fit is handed back at once, and holds up nobody', async (t) => {
  const given = [
    { tasks: 2, own: { cpu: 2_000 } },
    { tasks: 1, own: { cpu: 500 } },
  ];
  const [large, small] = given.map(work) as [Work, Work];
  const world = new World(2, { amounts: { cpu: 1_000 }, devices: {}, overcommit: {} }, [large, small], () => undefined);
  await world.opened;
  world.runner.allow(true);
  world.runner.add(large);
  world.runner.add(small);
  world.runner.pump();
  t.deepEqual(
    [0, 1].map((position) => large.endAt(position).outcome),
    ['returned', 'returned'],
  );
  t.is(world.running.length, 1);
});

test('each place of an assignment has its own devices', async (t) => {
  const capacity = { amounts: { gpu: 4_000 }, devices: { gpu: ['a', 'b', 'c', 'd'] } };
  const world = await placed(8, capacity, [
    { tasks: 3, own: { gpu: 2_000 }, width: 2, devices: { gpu: ['a', 'b', 'c', 'd'] } },
  ]);
  t.deepEqual(
    world.running.map(({ devices }) => devices.gpu),
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  );
  world.end(1);
  t.deepEqual(world.running.at(-1)?.devices.gpu, ['c', 'd']);
});
