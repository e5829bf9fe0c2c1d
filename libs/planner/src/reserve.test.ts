import { DurationSketch } from '@drover/core';
import test from 'ava';
import { assigned, decide, decideAll, world } from '../test/decide.js';
import type { World } from '../test/world.js';

const cpu = (amount: number) => ({ resources: { cpu: amount * 1_000 } });

/** Workers have told that tasks of the type take so long. */
function learn(w: World, type: string, ms: number): void {
  const sketch = new DurationSketch();
  for (let n = 0; n < 20; n++) sketch.add(ms);
  w.state.durations.learn(`told of ${type}`, new Map([[type, sketch.bins]]));
}

/** So many small tasks, each for itself. */
function small(w: World, count: number): void {
  for (let n = 0; n < count; n++) w.submit('q', [{ type: 'small', count: 1, ...cpu(1) }]);
}

/** Every second one of those that run ends, and small ones come without an end. True: the large task went out. */
function goOn(w: World, large: string): boolean {
  w.now += 1_000;
  const [first] = w.assignments.keys();
  if (first !== undefined) w.reportRest(first);
  small(w, 1);
  return assigned(decideAll(w)).some(({ batch }) => batch === large);
}

test('a large task begins when it has waited long enough and what runs then has ended, whatever small ones come', (t) => {
  const w = world('round-robin', { reserveAfterMs: 10_000 });
  w.join('w', { capacity: 8, types: ['small', 'large'], resources: { cpu: 8_000 } });
  small(w, 30);
  decideAll(w);
  const large = w.submit('q', [{ type: 'large', count: 1, ...cpu(8) }]);
  decideAll(w);
  let seconds = 0;
  while (!goOn(w, large)) t.true(++seconds < 30, 'it never begins');
  t.true(seconds >= 10 && seconds <= 20, `after ${seconds} s`);
  t.deepEqual(w.planner.reservations(), []);
});

test('without a reservation small tasks keep a large one from ever going out', (t) => {
  const w = world('round-robin', { reserveAfterMs: 0 });
  w.join('w', { capacity: 8, types: ['small', 'large'], resources: { cpu: 8_000 } });
  small(w, 30);
  decideAll(w);
  const large = w.submit('q', [{ type: 'large', count: 1, ...cpu(8) }]);
  decideAll(w);
  for (let n = 0; n < 60; n++) t.false(goOn(w, large));
});

test('room is kept at the worker that is free soonest, and nothing goes there but what ends before', (t) => {
  const w = world('round-robin', { reserveAfterMs: 10_000 });
  learn(w, 'long', 60_000);
  learn(w, 'middle', 30_000);
  learn(w, 'quick', 1_000);
  const types = ['long', 'middle', 'quick', 'large'];
  for (const id of ['late', 'soon']) w.join(id, { capacity: 8, types, resources: { cpu: 8_000 } });
  const where = (id: string) => ({ where: [{ label: 'name', op: 'in' as const, values: [id] }] });
  w.submit('q', [{ type: 'long', count: 1, ...cpu(7), ...where('late') }]);
  w.submit('q', [{ type: 'middle', count: 1, ...cpu(7), ...where('soon') }]);
  decideAll(w);
  const large = w.submit('q', [{ type: 'large', count: 1, ...cpu(8) }]);
  decideAll(w);
  w.now += 10_000;
  decideAll(w);
  t.like(w.planner.reservations(), [{ worker: 'soon', queue: 'q', type: 'large', account: 'default' }]);
  const reasons = w.planner.explain({ batch: large, index: 0 }, w.now)?.reasons ?? [];
  t.like(
    reasons.find(({ code }) => code === 'reserved'),
    { worker: 'soon', isOwn: true },
  );

  // One place is free at each: what takes longer than the reservation lets goes to the other one, or waits.
  w.submit('q', [{ type: 'middle', count: 1, ...cpu(1) }]);
  t.deepEqual(
    assigned(decideAll(w)).map(({ worker }) => worker),
    ['late'],
  );
  w.submit('q', [{ type: 'middle', count: 1, ...cpu(1) }]);
  t.deepEqual(assigned(decideAll(w)), []);
  w.submit('q', [{ type: 'quick', count: 1, ...cpu(1) }]);
  t.deepEqual(
    assigned(decideAll(w)).map(({ worker }) => worker),
    ['soon'],
  );
  for (const [id, { fact }] of w.assignments) if (fact.worker === 'soon') w.reportRest(id);
  t.deepEqual(
    assigned(decide(w)).map(({ worker, batch }) => [worker, batch]),
    [['soon', large]],
  );
});

test('an account has one reservation, and few workers are reserved', (t) => {
  const w = world('round-robin', { reserveAfterMs: 10_000 });
  for (let n = 0; n < 40; n++) w.join(`w${n}`, { capacity: 8, types: ['small', 'large'], resources: { cpu: 8_000 } });
  w.submit('q', [{ type: 'small', count: 40, ...cpu(5) }]);
  decideAll(w);
  for (const name of ['a', 'b', 'c']) {
    w.configure(name, { account: name });
    w.submit(name, [{ type: 'large', count: 5, ...cpu(8) }]);
    w.submit(name, [{ type: 'large', count: 5, ...cpu(7) }]);
  }
  decideAll(w);
  w.now += 10_000;
  decideAll(w);
  const accounts = w.planner.reservations().map(({ account }) => account);
  t.is(accounts.length, 2, '5 % of 40 workers');
  t.is(new Set(accounts).size, 2);
});

test('a worker that drains is kept for nobody', (t) => {
  const w = world('round-robin', { reserveAfterMs: 10_000 });
  w.join('w', { capacity: 8, types: ['small', 'large'], resources: { cpu: 8_000 } });
  w.submit('q', [{ type: 'small', count: 1, ...cpu(5) }]);
  decideAll(w);
  w.submit('q', [{ type: 'large', count: 1, ...cpu(8) }]);
  decideAll(w);
  w.now += 10_000;
  decideAll(w);
  t.is(w.planner.reservations().length, 1);
  w.join('w', { capacity: 8, types: ['small', 'large'], resources: { cpu: 8_000 }, draining: true });
  decideAll(w);
  t.deepEqual(w.planner.reservations(), []);
});

test('the time for which nobody had room counts from the first plan that found it so, not from before', (t) => {
  const w = world();
  for (const name of ['a', 'b']) {
    w.configure(name, { account: name });
    w.submit(name, [{ count: 2, resources: { cpu: 500 } }]);
  }
  w.join('w', { capacity: 1, resources: { cpu: 500 } });
  decideAll(w);
  t.is(w.out('w'), 1);
  t.deepEqual(w.planner.reservations(), []);
});
