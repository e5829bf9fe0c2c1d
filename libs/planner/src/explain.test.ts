import test from 'ava';
import { assigned, decide, decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { Reason } from './explain.js';

function codes(w: World, batch: string, index = 0): string[] {
  w.deliver();
  const reasons = w.planner.explain({ batch, index }, w.now)?.reasons ?? [];
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
  t.deepEqual(w.planner.explain({ batch, index: 0 }, w.now)?.reasons, [
    { code: 'handed-out', blocking: true, worker: 'b', attempt: 1, since: w.now },
  ]);
});

test('a worker that runs no more of the type is not full: the limit of the type stands in the way', (t) => {
  const w = world('least-loaded', { aheadMs: 0 });
  w.join('a', { capacity: 4, concurrency: { t: 2 }, types: ['t', 'u'] });
  const batch = w.submit('q', [{ count: 5 }]);
  decideAll(w);
  const why = w.planner.explain({ batch, index: 4 }, w.now);
  t.deepEqual(why?.reasons, [{ code: 'type-limit', blocking: true, type: 't', workers: 1 }]);
  t.like(why?.workers, { eligible: 0, table: [{ worker: 'a', verdict: 'type-limit', free: 0 }] });
  w.submit('q', [{ count: 2, type: 'u' }]);
  decideAll(w);
  t.is(w.out('a'), 4, 'its other places are for other types');
});

test('numbers say how much stands in the way', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const batch = w.submit('q', [{ count: 2 }]);
  decideAll(w);
  const why = (index: number): readonly Reason[] | undefined => w.planner.explain({ batch, index }, w.now)?.reasons;
  t.deepEqual(why(1), [{ code: 'all-full', blocking: true, type: 't', workers: 1, kept: 0 }]);
  w.configure('q', { maxRunning: 1 });
  w.deliver();
  t.like(why(1)?.[0], { code: 'queue-limit', limit: 1, out: 1 });
  t.is(why(7), undefined);
  t.is(w.planner.explain({ batch: 'nobody', index: 0 }, w.now), null);
});

test('a task that failed waits for its retry, one that ended has ended', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ maxAttempts: 2 }]);
  const [first] = assigned(decide(w));
  w.report(first?.id ?? '', [one(0, 'failed')], true);
  w.deliver();
  const [reason] = w.planner.explain({ batch, index: 0 }, w.now)?.reasons ?? [];
  t.like(reason, { code: 'not-due', cause: 'retry', failures: 1 });
  if (reason?.code === 'not-due') w.now = reason.dueAt;
  t.deepEqual(codes(w, batch), ['(in-line)']);
  t.true(isHandedOut(w, batch));
  w.planner.cancel([{ batch, index: 0 }], w.now);
  for (const id of w.assignments.keys()) w.report(id, [one(0, 'cancelled')], true);
  t.deepEqual(codes(w, batch), ['task-ended']);
});

test('a task knows its place in line, at any place of its batches, and how the workers look from there', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  w.join('b', { capacity: 1, draining: true });
  w.join('c', { types: ['other'] });
  w.submit('q', [{ count: 4 }]);
  const second = w.submit('q', [{ count: 3 }]);
  decideAll(w);
  const why = w.planner.explain({ batch: second, index: 2 }, w.now);
  t.like(why?.line, { ahead: 4, exact: true, perSecond: null, etaMs: null });
  t.deepEqual(why?.workers, {
    total: 3,
    usable: 1,
    eligible: 0,
    filtered: { type: 1, draining: 1, full: 1 },
    table: [
      { worker: 'a', verdict: 'full', free: 0 },
      { worker: 'b', verdict: 'draining', free: 1 },
      { worker: 'c', verdict: 'type', free: 4 },
    ],
  });
});

test('queues of a higher priority go first, where their tasks want the same workers', (t) => {
  const w = world();
  decide(w);
  const batch = w.submit('low', [{}]);
  w.submit('high', [{ count: 3 }]);
  w.submit('apart', [{ count: 5, type: 'other' }]);
  for (const queue of ['high', 'apart']) w.configure(queue, { priority: 1 });
  w.join('a');
  w.join('b', { types: ['other'] });
  w.deliver();
  const { reasons = [] } = w.planner.explain({ batch, index: 0 }, w.now) ?? {};
  const [first] = reasons;
  t.deepEqual(first, { code: 'behind-priority', blocking: false, of: 'queues', queue: 'high', queues: 1, pending: 3 });
});

test('in line, tasks that were out before stand before those that were not', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  const batch = w.submit('q', [{ count: 4, maxAttempts: 2 }]);
  const [first] = assigned(decide(w));
  w.report(first?.id ?? '', [one(0, 'returned'), one(1, 'returned')], true);
  w.deliver();
  const ahead = (index: number) => w.planner.explain({ batch, index }, w.now)?.line?.ahead;
  t.deepEqual([0, 1, 2, 3].map(ahead), [0, 1, 2, 3]);
  w.planner.cancel([{ batch, index: 0 }], w.now);
  t.deepEqual([1, 2, 3].map(ahead), [0, 1, 2]);
});

test('a task stands behind higher priorities of its tenant and knows when it goes first all the same', (t) => {
  const w = world('round-robin', { agingMs: 1_000 });
  decide(w);
  const low = w.submit('q', [{ count: 2, tenant: 'a' }]);
  w.submit('q', [{ count: 3, tenant: 'a', priority: 4 }]);
  const other = w.submit('q', [{ count: 5, tenant: 'b' }]);
  w.join('w');
  w.deliver();
  const { reasons = [], line } = w.planner.explain({ batch: low, index: 1 }, w.now) ?? {};
  const of = { of: 'tasks', tenant: 'a', priority: 0, highest: 4, pending: 3, firstAt: w.now + 4_000 };
  t.deepEqual(reasons[0], { code: 'behind-priority', blocking: false, ...of } as Reason);
  t.is(line?.ahead, 4);
  t.is(w.planner.explain({ batch: other, index: 1 }, w.now)?.line?.ahead, 1);
  const strict = world('round-robin', { agingMs: null });
  const batch = strict.submit('q', [{}]);
  strict.submit('q', [{ priority: 1 }]);
  strict.join('w');
  strict.deliver();
  t.like(strict.planner.explain({ batch, index: 0 }, strict.now)?.reasons[1], { highest: 1, firstAt: null });
});

test('a tenant that has had more for its weight waits for its turn, and no tenant goes beyond its limit', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.configure('q', { tenants: { a: 2 } });
  w.join('w', { capacity: 1 });
  const batch = w.submit('q', [{ count: 9, tenant: 'a' }]);
  const [first] = assigned(decide(w));
  w.submit('q', [{ count: 5, tenant: 'b' }]);
  w.report(first?.id ?? '', 'all', true);
  w.deliver();
  const why = (): readonly Reason[] => w.planner.explain({ batch, index: 8 }, w.now)?.reasons ?? [];
  const turn = { queue: 'q', tenant: 'a', weight: 2, tenants: 1, pending: 5 };
  t.deepEqual(why()[0], { code: 'tenant-turn', blocking: false, ...turn });
  w.configure('q', { maxRunningPerTenant: 0 });
  w.deliver();
  t.deepEqual(why()[0], { code: 'tenant-limit', blocking: true, queue: 'q', tenant: 'a', limit: 0, out: 0 });
});
