import type { RangeEnd } from '@drover/core';
import test from 'ava';
import { decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { PlannerSettings } from './model.js';
import { MAX_DEAD_BYTES } from './settings.js';

const AT_LEAST_MS = 1_000;

function small(settings: Partial<PlannerSettings>): World {
  const w = world('round-robin', { retainAtLeastMs: AT_LEAST_MS, ...settings });
  w.join('a', { capacity: 1_000 });
  return w;
}

/** A batch of so many tasks, of which the first so many fail; finished. */
function finish(w: World, count: number, failing = 0, bytes?: number, queue = 'q'): string {
  const batch = w.submit(queue, [{ count, maxAttempts: 1 }], undefined, bytes === undefined ? {} : { bytes });
  w.settle();
  for (const { fact, open } of [...w.assignments.values()]) {
    const ends = [...open].map((index): RangeEnd => one(index, index < failing ? 'failed' : 'succeeded'));
    w.report(fact.id, ends, true);
  }
  w.settle();
  w.now += 1;
  return batch;
}

const after = (w: World, ms: number): string[] => {
  w.now += ms;
  decideAll(w);
  return [...w.batches.keys()];
};

test('no number of successes pushes a failed task out, and it can be retried', (t) => {
  const w = small({ retainTasks: 10 });
  const dead = finish(w, 5, 1);
  for (let batch = 0; batch < 50; batch++) finish(w, 5);
  t.true(after(w, AT_LEAST_MS).includes(dead));
  t.is(w.batches.size, 3, 'and ten successes');
  t.is(w.planner.stateOf({ batch: dead, index: 0 }), 'failed');
  w.takeOver();
  t.like(w.planner.retry([{ batch: dead, index: 0 }], w.now), [{ ok: true, state: 'pending' }]);
  w.settle();
  for (const id of [...w.assignments.keys()]) w.reportRest(id);
  w.settle();
  t.false(after(w, AT_LEAST_MS).length > 3, 'it has succeeded: one batch among the others');
});

test('as many are kept as were asked for, however large their batches are', (t) => {
  const w = small({ retainTasks: 100 });
  const batches = Array.from({ length: 4 }, () => finish(w, 500));
  t.deepEqual(after(w, AT_LEAST_MS), batches.slice(3));
  const next = finish(w, 60);
  t.deepEqual(after(w, AT_LEAST_MS), [batches[3], next], 'sixty are fewer than a hundred');
  const another = finish(w, 60);
  t.deepEqual(after(w, AT_LEAST_MS), [next, another]);
});

test('the newest failed tasks are kept up to a number of their own, and for a time of their own', (t) => {
  const w = small({ retainTasks: 0, retainMs: AT_LEAST_MS, retainDeadTasks: 3, retainDeadMs: 60_000 });
  const [first, second, third] = [finish(w, 4, 2), finish(w, 3, 2), finish(w, 1, 1)];
  t.deepEqual(after(w, AT_LEAST_MS), [second, third], 'three of five');
  t.deepEqual(after(w, 50_000), [second, third]);
  t.deepEqual(after(w, 10_000), []);
  const removed = w.log.flatMap((command) => (command.kind === 'remove' ? [[command.batch, command.failed]] : []));
  t.deepEqual(removed, [
    [first, 2],
    [second, 2],
    [third, 1],
  ]);
});

test('a failed task is kept at least as long as a success', (t) => {
  const w = small({ retainTasks: 10, retainMs: 60_000, retainDeadTasks: 0, retainDeadMs: 2_000 });
  const [dead, whole] = [finish(w, 2, 1), finish(w, 2)];
  t.deepEqual(after(w, 10_000), [dead, whole]);
  t.deepEqual(after(w, 50_000), []);
});

test('what is kept for failed tasks is bounded in bytes: large ones go earlier', (t) => {
  const w = small({ retainTasks: 0 });
  const [first, second, third] = [1, 2, 3].map(() => finish(w, 1, 1, MAX_DEAD_BYTES / 2));
  t.deepEqual(after(w, AT_LEAST_MS), [first, second, third].slice(1));
});

test('a queue may keep more or less than the others, and what it says takes effect at once, also for the next leader', (t) => {
  const w = small({ retainTasks: 100, retainMs: 10_000 });
  w.configure('mine', { retainTasks: 10, retainAge: 60_000 });
  const mine = Array.from({ length: 4 }, () => finish(w, 10, 0, undefined, 'mine'));
  const others = Array.from({ length: 4 }, () => finish(w, 10));
  t.deepEqual(after(w, AT_LEAST_MS), [...mine.slice(3), ...others]);
  t.deepEqual(after(w, 10_000), mine.slice(3), 'the others are too old, and it keeps its own for longer');
  w.takeOver();
  t.deepEqual(after(w, 40_000), mine.slice(3));
  w.configure('mine', {});
  w.deliver();
  t.deepEqual(after(w, 0), [], 'now it keeps as long as the others');
});

test('a queue may keep failed tasks for a time and up to a number of its own', (t) => {
  const w = small({ retainTasks: 0, retainMs: 0, retainDeadMs: 100_000 });
  w.configure('mine', { retainDead: 5_000, retainDeadTasks: 2 });
  const mine = Array.from({ length: 3 }, () => finish(w, 1, 1, undefined, 'mine'));
  const other = finish(w, 1, 1);
  t.deepEqual(after(w, AT_LEAST_MS), [...mine.slice(1), other]);
  t.true((w.planner.nextDueAt() ?? Infinity) <= w.now + 5_000);
  t.deepEqual(after(w, 5_000), [other]);
});
