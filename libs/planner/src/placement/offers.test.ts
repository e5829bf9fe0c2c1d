import test from 'ava';
import { worldOf } from '../../test/placed-world.js';
import type { World } from '../../test/world.js';

const resources = { cpu: 1_000 };

/** A worker that is full, and a class that waits in each of the queues, in this order. */
function waitingIn(world: World, queues: readonly string[]): string[] {
  world.join('w', { resources });
  world.submit('before', [{ count: 1, resources }]);
  world.settle();
  // Of other amounts: each has a route of its own.
  const batches = queues.map((queue, n) => world.submit(queue, [{ count: 2, resources: { cpu: 900 + n } }]));
  world.settle();
  return batches;
}

/** All that is out ends. */
function end(world: World): void {
  for (const id of [...world.assignments.keys()]) world.reportRest(id);
  world.settle();
}

const outOf = (world: World, batches: readonly string[]): number[] =>
  batches.map((batch) => (world.batches.get(batch)?.states ?? []).filter((state) => state === 'out').length);

test('room that many fit goes to one after the other, in the order of their turns', (t) => {
  const world = worldOf();
  const batches = waitingIn(world, ['a', 'b', 'c']);
  t.deepEqual(outOf(world, batches), [0, 0, 0]);
  const turns: number[] = [];
  for (let round = 0; round < 6; round++) {
    end(world);
    t.is(world.out('w'), 1);
    turns.push(outOf(world, batches).indexOf(1));
  }
  t.deepEqual(turns, [0, 1, 2, 0, 1, 2]);
});

test('a queue that is paused, or whose limit is reached, does not keep others from the room that it was offered', (t) => {
  for (const settings of [{ paused: true }, { maxRunning: 0 }]) {
    const world = worldOf();
    const batches = waitingIn(world, ['first', 'second']);
    world.configure('first', settings);
    end(world);
    t.deepEqual(outOf(world, batches), [0, 1], JSON.stringify(settings));
    end(world);
    t.deepEqual(outOf(world, batches), [0, 1], JSON.stringify(settings));
    world.configure('first', {});
    end(world);
    t.deepEqual(outOf(world, batches), [1, 0], JSON.stringify(settings));
  }
});

test('a class whose limit is reached while it waits does not keep others from the room that it was offered', (t) => {
  const world = worldOf();
  world.limit('one', { concurrency: 1, rate: null, on: null, per: 'all' });
  world.join('w', { resources });
  world.submit('before', [{ count: 1, resources }]);
  world.settle();
  const [before] = world.assignments.keys();
  const limited = world.submit('first', [{ count: 2, resources: { cpu: 900 }, limits: ['one'] }]);
  const free = world.submit('second', [{ count: 2, resources: { cpu: 901 } }]);
  world.settle();
  world.join('other', { resources: { cpu: 100 } });
  const takes = world.submit('third', [{ count: 1, resources: { cpu: 100 }, limits: ['one'] }]);
  world.settle();
  t.deepEqual(outOf(world, [limited, free, takes]), [0, 0, 1]);
  world.reportRest(before ?? '');
  world.settle();
  t.deepEqual(outOf(world, [limited, free, takes]), [0, 1, 1]);
});

test('a worker that has room for several gives it to several at once', (t) => {
  const world = worldOf();
  world.join('w', { resources: { cpu: 3_000 } });
  world.submit('before', [{ count: 1, resources: { cpu: 3_000 } }]);
  world.settle();
  const batches = [1_600, 1_300, 1_200].map((cpu, n) => world.submit(`q${n}`, [{ count: 1, resources: { cpu } }]));
  world.settle();
  end(world);
  t.deepEqual(outOf(world, batches), [1, 1, 0]);
});

test('a worker that goes with its room offers it to nobody', (t) => {
  const world = worldOf();
  const batches = waitingIn(world, ['a']);
  for (const id of [...world.assignments.keys()]) world.reportRest(id);
  world.die('w');
  world.settle();
  t.deepEqual(outOf(world, batches), [0]);
  world.join('w2', { resources });
  world.settle();
  t.deepEqual(outOf(world, batches), [1]);
});
