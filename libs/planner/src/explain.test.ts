import test from 'ava';
import { assigned, decide, decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { Reason } from './explain.js';

function codes(w: World, batch: string, index = 0): string[] {
  w.deliver();
  const reasons = w.planner.explain({ batch, index }, w.now) ?? [];
  return reasons.map(({ code, blocking }) => (blocking ? code : `(${code})`));
}

function isHandedOut(w: World, batch: string): boolean {
  decideAll(w);
  return w.planner.stateOf({ batch, index: 0 }) === 'assigned';
}

test('each obstacle is named while it stands, and when the last is gone the task goes out', (t) => {
  const w = world();
  decide(w);
  const batch = w.submit('q', [{ delayMs: 1_000 }]);
  w.configure('q', { paused: true });
  t.deepEqual(codes(w, batch), ['not-due', 'queue-paused', 'no-worker']);
  w.now += 1_000;
  t.deepEqual(codes(w, batch), ['queue-paused', 'no-worker']);
  w.configure('q', { maxRunning: 0 });
  w.join('a', { types: ['other'] });
  t.deepEqual(codes(w, batch), ['queue-limit', 'type-unserved']);
  w.configure('q', {});
  w.join('b', { draining: true });
  t.deepEqual(codes(w, batch), ['all-draining']);
  t.false(isHandedOut(w, batch));
  w.join('b', { draining: false });
  t.deepEqual(codes(w, batch), ['(in-line)']);
  t.true(isHandedOut(w, batch));
  t.deepEqual(w.planner.explain({ batch, index: 0 }, w.now), [
    { code: 'handed-out', blocking: true, worker: 'b', attempt: 1 },
  ]);
});

test('numbers say how much stands in the way', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const batch = w.submit('q', [{ count: 2 }]);
  decideAll(w);
  const why = (index: number): Reason[] | null => w.planner.explain({ batch, index }, w.now);
  t.deepEqual(why(1), [{ code: 'all-full', blocking: true, type: 't', workers: 1, kept: 0 }]);
  w.configure('q', { maxRunning: 1 });
  w.deliver();
  t.like(why(1)?.[0], { code: 'queue-limit', limit: 1, out: 1 });
  t.is(why(7), null);
  t.is(w.planner.explain({ batch: 'nobody', index: 0 }, w.now), null);
});

test('a task that failed waits for its retry, one that ended has ended', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ maxAttempts: 2 }]);
  const [first] = assigned(decide(w));
  w.report(first?.id ?? '', [one(0, 'failed')], true);
  w.deliver();
  const [reason] = w.planner.explain({ batch, index: 0 }, w.now) ?? [];
  t.like(reason, { code: 'not-due', cause: 'retry', failures: 1 });
  if (reason?.code === 'not-due') w.now = reason.dueAt;
  t.deepEqual(codes(w, batch), ['(in-line)']);
  t.true(isHandedOut(w, batch));
  w.planner.cancel([{ batch, index: 0 }], w.now);
  for (const id of w.assignments.keys()) w.report(id, [one(0, 'cancelled')], true);
  t.deepEqual(codes(w, batch), ['task-ended']);
});
