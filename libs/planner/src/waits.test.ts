import test from 'ava';
import { decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';

const oldestOf = (w: World, name: string): number | null | undefined =>
  w.planner.queueCounts([name], 1)[0]?.oldestDueAt;

function passed(w: World, ms: number): void {
  w.now += ms;
  decideAll(w);
}

test('a queue is as old as the task that has been due longest, paused or not', (t) => {
  const w = world();
  w.configure('q', { paused: true });
  const begun = w.now;
  w.submit('q', [{ count: 3 }]);
  passed(w, 100);
  w.submit('q', [{}]);
  w.submit('r', [{}]);
  passed(w, 100);
  t.is(oldestOf(w, 'q'), begun);
  t.is(oldestOf(w, 'r'), begun + 100);
  t.is(w.planner.oldestDueAt(), begun);
  w.join('a', { capacity: 10 });
  passed(w, 1);
  t.is(w.planner.oldestDueAt(), begun, 'a paused queue counts');
  w.configure('q', {});
  passed(w, 1);
  t.is(w.planner.oldestDueAt(), null);
});

test('a task with a delay has waited since its delay was over, whenever somebody looked', (t) => {
  const w = world();
  const begun = w.now;
  w.submit('q', [{ delayMs: 1_000 }]);
  passed(w, 500);
  t.is(oldestOf(w, 'q'), null);
  passed(w, 900);
  t.is(oldestOf(w, 'q'), begun + 1_000);
});

test('a task that comes back has waited since it came back, or since its next attempt was due', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const batch = w.submit('q', [
    { maxAttempts: 3, retry: { kind: 'constant', delayMs: 200, maxDelayMs: 200, jitter: 0 } },
  ]);
  passed(w, 10);
  const [first] = w.assignments.keys();
  w.report(first!, [one(0, 'returned')], true);
  w.join('a', { capacity: 1, draining: true });
  const returnedAt = w.now;
  passed(w, 50);
  t.is(oldestOf(w, 'q'), returnedAt);
  w.join('a', { capacity: 1 });
  passed(w, 10);
  const [second] = w.assignments.keys();
  const failedAt = w.now;
  w.report(second!, [one(0, 'failed')], true);
  w.join('a', { capacity: 1, draining: true });
  passed(w, 100);
  t.is(oldestOf(w, 'q'), null);
  passed(w, 900);
  t.is(oldestOf(w, 'q'), failedAt + 200);
  t.is(w.planner.stateOf({ batch, index: 0 }), 'pending');
});

test('a task that runs after another has waited since that one ended', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const first = w.submit('q', [{}]);
  w.submit('q', [{ after: [`${first}.0`] }]);
  passed(w, 1_000);
  t.is(oldestOf(w, 'q'), null);
  const [id] = w.assignments.keys();
  w.report(id!, 'all', true);
  w.join('a', { capacity: 1, draining: true });
  decideAll(w);
  const endedAt = w.now;
  passed(w, 500);
  t.is(oldestOf(w, 'q'), endedAt);
});

test('a task that waits for long keeps none in memory that came after it and are gone', (t) => {
  const w = world();
  w.join('a', { capacity: 10 });
  w.submit('q', [{ type: 'nobody' }]);
  const begun = w.now;
  for (let round = 0; round < 500; round++) {
    w.submit('q', [{}]);
    w.settle();
    for (const id of [...w.assignments.keys()]) w.report(id, 'all', true);
    w.now += 1;
    w.settle();
  }
  t.is(oldestOf(w, 'q'), begun);
  t.true((w.state.queues.get('q')?.waits.size ?? Infinity) < 100);
});
