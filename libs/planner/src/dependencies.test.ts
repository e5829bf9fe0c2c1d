import test from 'ava';
import { assigned, decide, decideAll, world } from '../test/decide.js';
import { PLAIN_GROUP, type World } from '../test/world.js';

const reasonsOf = (w: World, batch: string) => w.planner.explain({ batch, index: 0 }, w.now)?.reasons ?? [];

test('while a new leader reads, what waits for tasks is neither handed out nor refused; then it is', (t) => {
  const w = world();
  w.join('a');
  const waits = w.submit('q', [{ after: ['A.0'] }], 'B');
  w.deliver();
  const plan = (): number => w.planner.plan(w.now, Math.random, { rebuilding: true }).length;
  t.is(plan(), 0);
  t.deepEqual(reasonsOf(w, waits), [
    { code: 'leader-reading', blocking: false },
    { code: 'waiting-task', blocking: true, left: 0, of: 1, next: null },
  ]);
  // It was submitted before, and is read now.
  const finished = { at: w.now, succeeded: 1, cancelled: 0, failed: [] };
  const order = 0n;
  w.planner.batch({ id: 'A', queue: 'q', groups: [PLAIN_GROUP], submittedAt: 0, bytes: 0, order, finished });
  t.is(plan(), 0);
  const commands = w.planner.plan(w.now, Math.random);
  t.deepEqual(
    assigned(commands).map(({ batch }) => batch),
    ['B'],
  );
});

test('it is said for how many tasks one waits, and one of them is named', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  w.submit('q', [{ count: 3 }], 'A');
  w.submit('q', [{ after: ['A.0', 'A.1', 'A.2'] }], 'B');
  const [first] = assigned(decideAll(w));
  w.report(first?.id ?? '', [{ from: 0, to: 1, outcome: 'succeeded' }], false);
  decide(w);
  t.deepEqual(reasonsOf(w, 'B'), [{ code: 'waiting-task', blocking: true, left: 2, of: 3, next: 'A.1' }]);
  t.is(w.planner.stateOf({ batch: 'B', index: 0 }), 'scheduled');
});

test('one that is named twice is waited for once', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  w.submit('q', [{ count: 2 }], 'A');
  w.submit('q', [{ after: ['A.0', 'A.1', 'A.0'] }], 'B');
  const [first] = assigned(decideAll(w));
  w.report(first?.id ?? '', [{ from: 0, to: 1, outcome: 'succeeded' }], false);
  decide(w);
  t.deepEqual(reasonsOf(w, 'B'), [{ code: 'waiting-task', blocking: true, left: 1, of: 2, next: 'A.1' }]);
  w.report(first?.id ?? '', [{ from: 1, to: 2, outcome: 'succeeded' }], true);
  t.deepEqual(
    assigned(decideAll(w)).map(({ batch }) => batch),
    ['B'],
  );
});

test('a batch that is there and cannot be read is waited for, until it can be read or is gone', (t) => {
  for (const ends of ['read', 'gone'] as const) {
    const w = world();
    w.join('a');
    w.planner.batchUnread('A');
    w.submit('q', [{ after: ['A.0'] }], 'B');
    t.deepEqual(decideAll(w), []);
    t.like(reasonsOf(w, 'B')[0], { code: 'waiting-task', left: 1, next: 'A.0' });
    if (ends === 'gone') {
      w.planner.batchGone('A');
      t.like(decide(w)[0], { kind: 'record', ends: [{ from: 0, to: 1, outcome: 'refused', missing: 'A.0' }] });
    } else {
      const finished = { at: w.now, succeeded: 1, cancelled: 0, failed: [] };
      w.planner.batch({ id: 'A', queue: 'q', groups: [PLAIN_GROUP], submittedAt: 0, bytes: 0, finished });
      t.is(assigned(w.planner.plan(w.now, Math.random)).length, 1);
    }
  }
});

test('a dead letter is not purged while its end is waited for, and a purged one is not there', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 2, maxAttempts: 1 }], 'A');
  const [held] = assigned(decideAll(w));
  w.submit('q', [{ after: ['A.0', 'A.1'], afterMode: 'ended', delayMs: 100 }], 'B');
  w.reportRest(held?.id ?? '', 'failed');
  decideAll(w);
  const purge = () => w.planner.purge([{ batch: 'A', index: 0 }]);
  t.like(purge(), [{ ok: false, state: 'failed' }]);
  w.now += 100;
  const [after] = assigned(decideAll(w));
  w.reportRest(after?.id ?? '');
  decideAll(w);
  t.like(purge(), [{ ok: true }]);
  w.submit('q', [{ after: ['A.0'], afterMode: 'ended' }], 'C');
  w.deliver();
  t.like(
    w.planner.plan(w.now, Math.random).find(({ kind }) => kind === 'record'),
    {
      ends: [{ outcome: 'refused', missing: 'A.0' }],
    },
  );
});

test('very many that wait for one task are let go in parts, each plan some, all at once in the end', (t) => {
  const w = world();
  w.join('a', { capacity: 10_000 });
  w.submit('q', [{}], 'A');
  for (let n = 0; n < 5_000; n++) w.submit('r', [{ type: 'nobody', after: ['A.0'] }]);
  const [only] = assigned(decideAll(w));
  t.is(w.planner.tally().scheduled, 5_000);
  w.reportRest(only?.id ?? '');
  decide(w);
  const left = w.planner.tally().scheduled;
  t.true(left > 0 && left < 5_000, String(left));
  t.is(w.planner.nextDueAt(), w.now);
  while ((w.planner.nextDueAt() ?? Infinity) <= w.now) w.plan();
  t.like(w.planner.tally(), { scheduled: 0, pending: 5_000 });
});

test('a task that was refused and is retried by hand is due, whatever its delay was', (t) => {
  const w = world();
  w.submit('q', [{ after: ['X.0'], delayMs: 1_000 }], 'B');
  decideAll(w);
  w.retry([{ batch: 'B', index: 0 }]);
  decideAll(w);
  t.deepEqual(
    reasonsOf(w, 'B').map(({ code }) => code),
    ['no-worker'],
  );
});

test('a task does not wait for a later one of its own sequence, which would wait for it', (t) => {
  const w = world();
  w.join('a');
  const sequence = { key: 's', onFailure: 'continue' } as const;
  w.submit('q', [{ sequence, after: ['B.0'] }], 'A');
  w.submit('q', [{ sequence }], 'B');
  const out = assigned(decideAll(w)).map(({ batch }) => batch);
  t.is(w.planner.stateOf({ batch: 'A', index: 0 }), 'failed');
  t.deepEqual(out, ['B']);
});
