import test from 'ava';
import { assigned, decide, decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import { isFullAt } from './bounds.js';

const full = (w: World) => w.planner.full(1_000).shown;

test('a queue is full from its bound on, and takes tasks again at nine tenths of it', (t) => {
  const at = (unfinished: number, bound: number | null, was: boolean): boolean => isFullAt(unfinished, bound, was);
  t.deepEqual([at(9, 10, false), at(10, 10, false), at(10, 10, true), at(9, 10, true)], [false, true, true, false]);
  t.deepEqual([at(0, 0, false), at(0, 0, true), at(1, 1, true), at(0, 1, true)], [true, true, true, false]);
  t.false(at(1_000_000, null, true));
});

test('all that has not ended counts: pending, out, due later, retrying, and what is run again by hand', (t) => {
  const w = world();
  w.configure('q', { maxPending: 4 });
  const batch = w.submit('q', [
    { count: 2, maxAttempts: 1 },
    { count: 1, delayMs: 60_000 },
  ]);
  w.submit('other', [{ count: 100 }]);
  w.deliver();
  t.deepEqual(full(w), []);
  const version = w.planner.fullVersion;
  w.submit('q', [{ count: 1 }]);
  w.deliver();
  t.deepEqual(full(w), [{ queue: 'q', max: 4, maxPerTenant: null, tenants: [] }]);
  t.true(w.planner.fullVersion > version);
  t.like(w.planner.queues().shown, { q: { unfinished: 4, full: true } });
  t.is(w.planner.queues().shown.other?.unfinished, undefined);
  w.join('a', { capacity: 200 });
  const out = assigned(decideAll(w)).find((each) => each.batch === batch);
  t.is(full(w).length, 1, 'what is out has not ended');
  w.report(out?.id ?? '', [one(0, 'succeeded'), one(1, 'failed')], true);
  decide(w);
  t.deepEqual(full(w), []);
  w.submit('q', [{ count: 1 }]);
  w.retry([{ batch, index: 1 }]);
  w.deliver();
  t.is(full(w).length, 1, 'retried by hand');
  decide(w);
  t.like(w.rebuilt().queues().shown, { q: { unfinished: 4, full: true } }, 'the next leader counts alike');
  w.configure('q', { maxPending: 5 });
  w.deliver();
  t.deepEqual(full(w), [], 'below nine tenths of the new bound');
  w.configure('q', { maxPending: 3 });
  w.deliver();
  t.is(full(w).length, 1);
  w.configure('q', { maxPending: null });
  w.deliver();
  t.deepEqual(full(w), []);
});

test('a tenant that is full is so alone, and those without a tenant are one', (t) => {
  const w = world();
  w.configure('q', { maxPendingPerTenant: 3 });
  const loud = w.submit('q', [{ count: 3, tenant: 'loud' }]);
  w.submit('q', [{ count: 2, tenant: 'quiet' }, { count: 2 }]);
  w.deliver();
  t.deepEqual(full(w), [{ queue: 'q', max: null, maxPerTenant: 3, tenants: ['loud'] }]);
  w.submit('q', [{ count: 1 }]);
  w.deliver();
  t.deepEqual(full(w)[0]?.tenants, ['loud', '']);
  t.like(w.planner.queues().shown, { q: { fullTenants: 2 } });
  t.deepEqual(w.planner.full(2), {
    shown: [{ queue: 'q', max: null, maxPerTenant: 3, tenants: ['loud'] }],
    leftOut: 1,
  });
  w.planner.cancel([{ batch: loud, index: 0 }], w.now);
  decide(w);
  t.deepEqual(full(w)[0]?.tenants, ['']);
});
