import test from 'ava';
import { assigned, decide, decideAll, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { Command, PinnedFact } from './model.js';

/** A task for each of these names. */
function pinned(w: World, workers: string[], more: Partial<PinnedFact> = {}): string {
  const fact = { workers, skipsDraining: false, until: w.now + 60_000, ...more };
  return w.submit('q', [{ count: workers.length, maxAttempts: 5 }], undefined, { pinned: fact, isKept: true });
}

/** `worker: indexes of its tasks`. */
const given = (commands: readonly Command[]): string[] =>
  assigned(commands).map(({ worker, tasks }) => `${worker}: ${JSON.stringify(tasks)}`);
const codes = (w: World, batch: string, index = 0) =>
  w.planner.explain({ batch, index }, w.now)?.reasons.map(({ code }) => code);
const ends = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.kind === 'record' ? command.ends : []));

test('each task goes to the worker of its name, however idle others are', (t) => {
  const w = world();
  for (const name of ['a', 'b', 'c']) w.join(`${name}-1`, { name });
  const batch = pinned(w, ['b', 'a', 'x']);
  t.deepEqual(given(decideAll(w)).sort(), ['a-1: [[1,2]]', 'b-1: [[0,1]]']);
  t.deepEqual(codes(w, batch, 2), ['worker-gone']);
  w.join('x-1', { name: 'x' });
  t.deepEqual(given(decideAll(w)), ['x-1: [[2,3]]']);
});

test('of two workers under one name one is given the task', (t) => {
  const w = world();
  for (const id of ['a-1', 'a-2']) w.join(id, { name: 'a' });
  pinned(w, ['a']);
  t.is(assigned(decideAll(w)).length, 1);
});

test('a task whose worker died waits for the name, under the next leader too', (t) => {
  const w = world();
  for (const name of ['a', 'b']) w.join(`${name}-1`, { name });
  const batch = pinned(w, ['a']);
  t.deepEqual(given(decideAll(w)), ['a-1: [[0,1]]']);
  w.die('a-1');
  t.deepEqual(given(decideAll(w)), []);
  w.takeOver();
  t.deepEqual(given(decideAll(w)), []);
  t.deepEqual(codes(w, batch), ['suspect', 'worker-gone']);
  w.join('a-2', { name: 'a' });
  const [again] = assigned(decideAll(w));
  t.like(again, { worker: 'a-2', attempt: 2 });
});

test('when the time is over: what waits for a name that is not there has failed; what is out goes on, and fails if it is lost', (t) => {
  const w = world();
  w.join('a-1', { name: 'a' });
  const until = w.now + 1_000;
  const batch = pinned(w, ['a', 'b'], { until });
  decideAll(w);
  t.is(w.planner.nextDueAt(), until);
  w.now = until - 1;
  t.deepEqual(ends(decideAll(w)), []);
  w.now = until;
  t.deepEqual(ends(decideAll(w)), [{ from: 1, to: 2, outcome: 'refused', worker: 'b' }]);
  t.is(w.planner.stateOf({ batch, index: 0 }), 'assigned');
  w.die('a-1');
  t.deepEqual(ends(decideAll(w)), [{ from: 0, to: 1, outcome: 'refused', worker: 'a' }]);
  t.is(w.planner.stateOf({ batch, index: 0 }), 'failed');
});

test('a worker that has no free place is waited for after the time, too: it is there', (t) => {
  const w = world();
  w.join('a-1', { name: 'a', capacity: 1 });
  w.submit('q', [{ count: 1 }]);
  const [plain] = assigned(decideAll(w));
  const batch = pinned(w, ['a'], { until: w.now + 10 });
  w.now += 20;
  t.deepEqual(ends(decideAll(w)), []);
  t.not(w.planner.stateOf({ batch, index: 0 }), 'failed');
  w.report(plain?.id ?? '', 'all', true);
  decideAll(w);
  t.is(w.planner.stateOf({ batch, index: 0 }), 'assigned');
});

for (const [skipsDraining, isGiven] of [
  [false, true],
  [true, false],
] as const)
  test(`a worker that drains ${isGiven ? 'is given' : 'is not given'} its task, with skipsDraining ${skipsDraining}`, (t) => {
    const w = world();
    w.join('a-1', { name: 'a', draining: true, takesPinned: true });
    const batch = pinned(w, ['a'], { skipsDraining });
    t.is(assigned(decideAll(w)).length, isGiven ? 1 : 0);
    if (!isGiven) t.deepEqual(codes(w, batch), ['worker-gone', 'all-draining']);
  });

test('a worker of the name that is about to stop, or does not offer the type, is given nothing', (t) => {
  const w = world();
  w.join('a-1', { name: 'a', draining: true });
  w.join('b-1', { name: 'b', types: ['other'] });
  pinned(w, ['a', 'b']);
  t.deepEqual(given(decide(w)), []);
  w.join('b-2', { name: 'b' });
  t.deepEqual(given(decideAll(w)), ['b-2: [[1,2]]']);
});
