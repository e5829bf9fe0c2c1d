import test from 'ava';
import { DEFAULT_POOL, pool, workersOf, worldOf } from '../../test/placed-world.js';

const GIB = 2 ** 30;

test('spread gives each of ten workers two of twenty tasks, pack fills five', (t) => {
  for (const [policy, each] of [
    ['spread', [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    ['pack', [4, 4, 4, 4, 4]],
  ] as const) {
    const world = worldOf();
    pool(world, DEFAULT_POOL, { policy });
    for (let n = 0; n < 10; n++) world.join(`w${n}`, { capacity: 16, resources: { cpu: 8000 } });
    world.submit('q', [{ type: 't', count: 20, resources: { cpu: 2000 } }]);
    world.settle();
    t.deepEqual(workersOf(world), each, policy);
  }
});

test('the books follow what ends, and what waits goes out for it', (t) => {
  const world = worldOf();
  world.join('w', { capacity: 16, resources: { cpu: 4000 } });
  world.submit('q', [{ type: 't', count: 6, resources: { cpu: 1500 } }]);
  world.settle();
  t.is(world.out('w'), 2);
  const [first] = world.assignments.keys();
  world.reportRest(first ?? '');
  world.settle();
  t.is(world.out('w'), 2);
});

test('tasks of one class go in the order of their submits, and another class of the queue has its turn between them', (t) => {
  const others = [
    { preemptible: true },
    { speculative: true },
    { nearWaitMs: 1 },
    { placementTimeoutMs: 60_000 },
    { spread: { by: 'zone', over: 'batch', mode: 'soft', maxSkew: 1, targets: null } },
  ] as const;
  const resources = { cpu: 1000 };
  for (const other of [{}, ...others]) {
    const world = worldOf();
    const first = world.submit('q', [{ count: 2, resources }]);
    const second = world.submit('q', [{ count: 1, resources, ...other }]);
    for (const id of ['w0', 'w1']) {
      world.join(id, { resources, labels: { zone: 'a' } });
      world.settle();
    }
    const isSame = Object.keys(other).length === 0;
    const states = [first, second].map((id) => world.batches.get(id)?.states);
    t.deepEqual(states, isSame ? [['out', 'out'], ['waiting']] : [['out', 'waiting'], ['out']], JSON.stringify(other));
  }
});

test('a task that nobody could ever take blocks nobody, and why says what it lacks', (t) => {
  const world = worldOf();
  world.join('w', { capacity: 4, resources: { cpu: 8000 }, labels: { zone: 'a' } });
  const large = world.submit('q', [{ type: 't', count: 5000, resources: { gpu: 1000 } }]);
  const small = world.submit('q', [{ type: 't', count: 1, resources: { cpu: 1000 } }]);
  world.settle();
  t.is(world.batches.get(small)?.states[0], 'out');
  const why = world.planner.explain({ batch: large, index: 0 }, world.now);
  t.like(why?.reasons[0], { code: 'unplaceable', blocking: true, needs: 'gpu=1', workers: 1 });
  t.like(why?.workers, { usable: 0, filtered: { type: 0, lacks: { gpu: 1 }, label: {} } });
  t.like(world.planner.stuckClasses(10), { unplaceable: 1, unplaceableTasks: 5000, parked: 0 });

  world.join('g', { capacity: 4, resources: { gpu: 2000 }, devices: { gpu: ['0', '1'] } });
  world.settle();
  t.is(world.out('g'), 2);
  const after = world.planner.explain({ batch: large, index: 10 }, world.now);
  t.like(after?.reasons[0], { code: 'parked', workers: 1, blockedBy: 'gpu' });
  t.is(world.planner.stuckClasses(10).unplaceable, 0);
});

test('a type is unserved when the last worker for it goes, even one whose room was kept for somebody', (t) => {
  const world = worldOf();
  world.join('w', { resources: { cpu: 1000 } });
  world.join('drains', { resources: { cpu: 1000 }, draining: true });
  world.submit('q', [{ type: 't', count: 1, resources: { cpu: 2000 } }]);
  world.settle();
  const worker = world.state.workers.get('w');
  if (worker !== undefined) world.state.workers.reserve(worker, true);
  t.deepEqual(world.planner.unservedTypes().shown, []);
  world.die('w');
  world.settle();
  t.deepEqual(world.planner.unservedTypes().shown, ['t']);
});

test('a condition that nobody meets is told by its label', (t) => {
  const world = worldOf();
  world.join('w', { labels: { zone: 'a' } });
  const batch = world.submit('q', [{ type: 't', count: 1, where: [{ label: 'zone', op: 'in', values: ['b'] }] }]);
  world.settle();
  const why = world.planner.explain({ batch, index: 0 }, world.now);
  t.like(why?.reasons[0], { code: 'unplaceable', needs: 'a slot, where zone=b' });
  t.like(why?.workers, { filtered: { label: { zone: 1 } } });
  world.join('w', { labels: { zone: 'b' } });
  world.settle();
  t.is(world.batches.get(batch)?.states[0], 'out');
});

test('after its placement timeout a task fails that nobody could take, and one that only waits does not', (t) => {
  const world = worldOf();
  world.join('w', { capacity: 1, resources: { cpu: 1000 } });
  const never = world.submit('q', [{ type: 't', count: 2, resources: { cpu: 2000 }, placementTimeoutMs: 60_000 }]);
  const later = world.submit('q', [{ type: 't', count: 2, resources: { cpu: 1000 }, placementTimeoutMs: 60_000 }]);
  world.settle();
  t.is(world.planner.nextDueAt(), world.now + 60_000);
  world.now += 60_000;
  world.settle();
  t.deepEqual(world.batches.get(never)?.states, ['failed', 'failed']);
  t.deepEqual(world.batches.get(later)?.states, ['out', 'waiting']);
  const record = world.log.find((command) => command.kind === 'record');
  t.like(record, { ends: [{ outcome: 'refused', unplaceable: 't needs cpu=2' }] });
});

test('devices are whole, or parts of one, and the assignment names them', (t) => {
  const world = worldOf();
  world.join('w', { capacity: 16, resources: { gpu: 2000 }, devices: { gpu: ['a', 'b'] } });
  for (const gpu of [500, 1000, 250]) {
    world.submit('q', [{ type: 't', count: 1, resources: { gpu } }]);
    world.settle();
  }
  const names = [...world.assignments.values()].map(({ fact }) => fact.devices?.gpu);
  t.deepEqual(names, [['a'], ['b'], ['a']]);
});

test('settings of a queue hold for what waits, at once', (t) => {
  const world = worldOf();
  world.join('w', { capacity: 8, resources: { cpu: 2000 }, pool: 'p' });
  world.configure('q', { pool: 'other' });
  const batch = world.submit('q', [{ type: 't', count: 4 }]);
  world.settle();
  t.is(world.out('w'), 0);
  t.like(world.planner.explain({ batch, index: 0 }, world.now)?.reasons[0], { code: 'unplaceable' });
  world.configure('q', { pool: 'p', resources: { cpu: 1000 } });
  world.settle();
  t.is(world.out('w'), 2);
  t.deepEqual([...world.assignments.values()][0]?.fact.use, { cpu: 1000, slots: 1000 });
  world.configure('q', {});
  world.settle();
  t.is(world.out('w'), 4);
});

test('a dedicated pool takes tasks of its accounts alone', (t) => {
  const world = worldOf();
  pool(world, 'p', { dedicated: ['a'] });
  world.join('w', { capacity: 8, pool: 'p' });
  world.configure('q', { account: 'a' });
  world.configure('r', { account: 'b' });
  world.submit('r', [{ type: 't', count: 1 }]);
  world.submit('q', [{ type: 't', count: 1 }]);
  world.settle();
  t.deepEqual(
    [...world.assignments.values()].map(({ fact }) => fact.batch),
    ['B00001'],
  );
  pool(world, 'p', { dedicated: null });
  world.settle();
  t.is(world.out('w'), 2);
});

test('over-commit of a worker and of its pool', (t) => {
  const world = worldOf();
  pool(world, DEFAULT_POOL, { overcommit: { cpu: 2 } });
  world.join('w', { capacity: 8, resources: { cpu: 1000, memory: GIB } });
  world.join('v', { capacity: 8, resources: { cpu: 1000, memory: GIB }, overcommit: { cpu: 3 } });
  world.submit('q', [{ type: 't', count: 9, resources: { cpu: 1000 } }]);
  world.settle();
  t.is(world.out('w'), 2);
  t.is(world.out('v'), 3);
  t.like(world.planner.poolUses(), [
    { pool: 'default', workers: 2, resources: { cpu: { capacity: 5000, claimed: 5000 } } },
  ]);
});

test('the preferred workers come first, while they have room', (t) => {
  const world = worldOf();
  for (let n = 0; n < 6; n++) world.join(`w${n}`, { capacity: 2, labels: { zone: n < 3 ? 'a' : 'b' } });
  const prefer = [{ where: [{ label: 'zone', op: 'in' as const, values: ['b'] }], weight: 1 }];
  world.submit('q', [{ type: 't', count: 8, prefer }]);
  world.settle();
  t.deepEqual(workersOf(world), [1, 1, 2, 2, 2]);
});

test('what workers say they use is told beside what is claimed; what nobody tells is what is claimed', (t) => {
  const world = worldOf();
  world.join('a', { capacity: 4, resources: { cpu: 4_000, memory: 100, tokens: 1_000 } });
  world.join('b', { capacity: 4, resources: { cpu: 4_000, memory: 100 } });
  world.submit('q', [{ type: 't', count: 1, resources: { cpu: 2_000, memory: 40, tokens: 1_000 } }]);
  world.settle();
  const used = () => world.planner.poolUses()[0]?.resources;
  t.like(used(), {
    cpu: { claimed: 2_000, used: 2_000 },
    memory: { used: 40 },
    slots: { claimed: 1_000, used: 1_000 },
  });
  world.planner.used('a', { cpu: 1_500, memory: 60 });
  world.planner.used('b', { cpu: 700, memory: 10 });
  t.like(used(), { cpu: { capacity: 8_000, claimed: 2_000, used: 1_500 }, memory: { claimed: 40, used: 70 } });
  t.like(used(), { tokens: { claimed: 1_000, used: 1_000 } });
  world.planner.used('a', null);
  world.planner.workerGone('b', world.now);
  world.planner.plan(world.now, Math.random);
  t.like(used(), { cpu: { capacity: 4_000, used: 2_000 }, memory: { used: 40 } });
  t.deepEqual([[...world.planner.placedTotals()], world.planner.placements], [[['default', 1]], 1]);
});
