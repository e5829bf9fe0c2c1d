import test from 'ava';
import { assigned, decide, one, world } from '../test/decide.js';

test('only tasks that have ended are erased; an erased one does not run again, for this leader and for the next', (t) => {
  const w = world();
  w.join('a', { capacity: 8 });
  const batch = w.submit('q', [{ count: 3, maxAttempts: 1 }]);
  const name = (index: number) => ({ batch, index });
  const [out] = assigned(decide(w));
  t.like(w.planner.erase([name(0), name(7)]), [
    { ok: false, state: 'assigned' },
    { ok: false, state: 'unknown' },
  ]);
  w.report(out?.id ?? '', [one(0, 'failed'), one(1, 'failed'), one(2, 'succeeded')], true);
  decide(w);
  t.like(w.planner.erase([name(0), name(2), name(0)]), [
    { ok: true, state: 'failed' },
    { ok: true, state: 'succeeded' },
    { ok: true, state: 'failed' },
  ]);
  const refused = { ok: false, state: 'failed', message: 'it was erased: nothing is left that it could run with' };
  t.like(w.planner.retry([name(0), name(1)], w.now), [refused, { ok: true }]);
  t.like(
    w.planner.change([name(0)], { queue: 'other', dead: true }, w.now, () => 'x'),
    [{ ok: false, state: 'failed' }],
  );
  t.is(w.planner.stateOf(name(0)), 'failed');
});

test('an erased task with a key does not take it again', (t) => {
  const w = world();
  w.join('a', { capacity: 8 });
  const batch = w.submit('q', [{ count: 1, maxAttempts: 1, key: 'k' }]);
  const [out] = assigned(decide(w));
  w.report(out?.id ?? '', [one(0, 'failed')], true);
  decide(w);
  const task = { batch, index: 0 };
  w.planner.erase([task]);
  t.is(w.planner.claimKey(task, w.now), null);
  t.like(w.planner.retry([task], w.now), [
    { ok: false, message: 'it was erased: nothing is left that it could run with' },
  ]);
});
