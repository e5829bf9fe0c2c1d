import type { Where } from '@drover/core';
import test from 'ava';
import { DEFAULT_POOL, pool, workersOf, worldOf } from '../../test/placed-world.js';
import type { World } from '../../test/world.js';

const inZone = (zone: string): Where => [{ label: 'zone', op: 'in', values: [zone] }];

/** Tasks that are out, by the value of the label of their workers. */
function outBy(world: World, label: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { fact, open } of world.assignments.values()) {
    const value = world.workers.get(fact.worker)?.labels?.[label] ?? '';
    counts[value] = (counts[value] ?? 0) + open.size;
  }
  return counts;
}

function zones(world: World, sizes: Readonly<Record<string, number>>, capacity = 100): void {
  for (const [zone, size] of Object.entries(sizes))
    for (let n = 0; n < size; n++) world.join(`${zone}${n}`, { capacity, host: `${zone}${n}`, labels: { zone } });
}

test('a preference goes before packing, while there is room', (t) => {
  const world = worldOf();
  pool(world, DEFAULT_POOL, { policy: 'pack' });
  zones(world, { a: 60, b: 60 }, 2);
  world.submit('q', [{ type: 't', count: 60, where: inZone('a') }]);
  world.settle();
  world.submit('q', [{ type: 't', count: 100, prefer: [{ where: inZone('b'), weight: 1 }] }]);
  world.settle();
  t.deepEqual(outBy(world, 'zone'), { a: 60, b: 100 });
});

test('hard: zones differ by one at most; one without workers closes no other', (t) => {
  const world = worldOf();
  zones(world, { a: 2, b: 3 });
  world.submit('q', [{ type: 't', count: 60, spread: { by: 'zone', over: 'batch', mode: 'hard', maxSkew: 1 } }]);
  world.settle();
  t.deepEqual(outBy(world, 'zone'), { a: 30, b: 30 });
});

test('hard: what no zone may take waits until tasks of the others have ended', (t) => {
  const world = worldOf();
  zones(world, { a: 1, b: 1 }, 2);
  world.join('b0', { capacity: 1, labels: { zone: 'b' } });
  world.submit('q', [{ type: 't', count: 10, spread: { by: 'zone', over: 'batch', mode: 'hard', maxSkew: 1 } }]);
  world.settle();
  t.deepEqual(outBy(world, 'zone'), { a: 2, b: 1 });
  const inB = [...world.assignments].find(([, { fact }]) => fact.worker === 'b0')?.[0] ?? '';
  world.reportRest(inB);
  world.settle();
  t.deepEqual(outBy(world, 'zone'), { a: 2, b: 1 });
});

test('soft: shares of zones follow their targets', (t) => {
  const world = worldOf();
  zones(world, { a: 3, b: 3 });
  world.submit('q', [
    {
      type: 't',
      count: 100,
      spread: { by: 'zone', over: 'batch', mode: 'soft', maxSkew: 1, targets: { a: 60, b: 40 } },
    },
  ]);
  world.settle();
  t.deepEqual(outBy(world, 'zone'), { a: 60, b: 40 });
});

test('apart: one of a key at a host, in whatever batch', (t) => {
  const world = worldOf();
  zones(world, { a: 5 });
  for (let n = 0; n < 2; n++)
    world.submit('q', [{ type: 't', count: 4, apart: { by: 'host', over: 'key:customer-42' } }]);
  world.settle();
  t.deepEqual(workersOf(world), [1, 1, 1, 1, 1]);
  world.reportRest([...world.assignments.keys()][0] ?? '');
  world.settle();
  t.deepEqual(workersOf(world), [1, 1, 1, 1, 1]);
  world.takeOver();
  world.settle();
  t.deepEqual(workersOf(world), [1, 1, 1, 1, 1]);
});

test('near: where the data is while there is room; elsewhere after the wait, and starts of others do not prolong it', (t) => {
  const world = worldOf();
  zones(world, { a: 10 }, 1);
  world.submit('q', [{ type: 't', count: 20, near: ['host:a3'], nearWaitMs: 1_000 }]);
  world.settle();
  t.is(world.out('a3'), 1);
  t.deepEqual(workersOf(world), [1]);
  const [batch = ''] = world.batches.keys();
  t.like(world.planner.explain({ batch, index: 1 }, world.now)?.reasons[0], {
    code: 'waiting-place',
    until: world.now + 1_000,
  });
  world.now += 600;
  for (const id of [...world.assignments.keys()]) world.reportRest(id);
  world.settle();
  t.is(world.out('a3'), 1);
  t.deepEqual(workersOf(world), [1]);
  t.is(world.planner.nextDueAt(), world.now + 400);
  world.now += 400;
  world.settle();
  t.deepEqual(workersOf(world), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test('sticky: a key has one worker; with a worker its keys move and no others', (t) => {
  const world = worldOf();
  zones(world, { a: 10 });
  const homes = (): Map<string, string> => {
    for (const id of [...world.assignments.keys()]) world.reportRest(id);
    const of = new Map<string, string>();
    for (let key = 0; key < 200; key++) {
      const sticky = { key: `session-${key}`, mode: 'soft' as const, waitMs: 1_000 };
      const batch = world.submit('q', [{ type: 't', count: 3, sticky }]);
      world.settle();
      const workers = [...world.assignments.values()].filter(({ fact }) => fact.batch === batch);
      t.is(new Set(workers.map(({ fact }) => fact.worker)).size, 1);
      of.set(sticky.key, workers[0]?.fact.worker ?? '');
      for (const { fact } of workers) world.reportRest(fact.id);
      world.settle();
    }
    return of;
  };
  const before = homes();
  t.is(new Set(before.values()).size, 10);
  world.die('a4');
  world.settle();
  const after = homes();
  for (const [key, worker] of before) if (worker !== 'a4') t.is(after.get(key), worker);
  world.takeOver();
  t.deepEqual(homes(), after);
});

test('sticky: it waits for its worker, soft only so long', (t) => {
  for (const mode of ['soft', 'hard'] as const) {
    const world = worldOf();
    zones(world, { a: 3 }, 1);
    world.submit('q', [{ type: 't', count: 2, sticky: { key: 'k', mode, waitMs: 1_000 } }]);
    world.settle();
    t.deepEqual(workersOf(world), [1]);
    world.now += 1_000;
    world.settle();
    t.deepEqual(workersOf(world), mode === 'soft' ? [1, 1] : [1]);
  }
});

test('a worker that warms up is given its part, and all if the others are full', (t) => {
  const world = worldOf();
  pool(world, DEFAULT_POOL, { warmupMs: 20_000 });
  world.join('old', { capacity: 40 });
  world.settle();
  world.now += 20_000;
  world.settle();
  world.join('new', { capacity: 40 });
  world.settle();
  world.now += 4_000;
  for (let n = 0; n < 36; n++) {
    world.submit('q', [{ type: 't', count: 1, prefer: [{ where: inZone('z'), weight: 1 }] }]);
    world.settle();
  }
  t.is(world.out('old'), 30);
  t.is(world.out('new'), 6);
  world.submit('q', [{ type: 't', count: 60, prefer: [{ where: inZone('z'), weight: 1 }] }]);
  world.settle();
  t.deepEqual(workersOf(world), [40, 40]);
});
