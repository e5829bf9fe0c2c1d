import test from 'ava';
import { assigned, decide, kinds, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { Range } from '@drover/core';

/** A finished batch: tasks 0 and 3 succeeded, 1, 2 and 4 failed. */
function withDead(w: World): string {
  const batch = w.submit('q', [{ count: 5, maxAttempts: 1 }]);
  const [out] = assigned(decide(w));
  const ends = [0, 1, 2, 3, 4].map((index) => one(index, index % 3 === 0 ? 'succeeded' : 'failed'));
  w.report(out?.id ?? '', ends, true);
  decide(w);
  return batch;
}

const purge = (w: World, batch: string, ...indexes: number[]) =>
  w.planner.purge(indexes.map((index) => ({ batch, index })));
const states = (w: World, batch: string) => [0, 1, 2, 3, 4].map((index) => w.planner.stateOf({ batch, index }));

test('a purged task is none any more; the others of its batch stay, also for the next leader', (t) => {
  const w = world();
  w.join('a', { capacity: 8 });
  const batch = withDead(w);
  t.like(purge(w, batch, 1, 1, 0, 7), [
    { ok: true, state: 'purged' },
    { ok: true },
    { ok: false, state: 'succeeded' },
    { ok: false, state: 'unknown' },
  ]);
  t.like(decide(w), [{ kind: 'purge', batch, purged: [[1, 2]] as Range[], failed: [2, 4], cancelled: 1 }]);
  t.like(purge(w, batch, 1), [{ ok: false, state: 'unknown' }], 'again: there is no such task');
  const left = ['succeeded', null, 'failed', 'succeeded', 'failed'];
  t.deepEqual(states(w, batch), left);
  t.is(w.planner.tally().failed, 2);
  w.takeOver();
  decide(w);
  t.deepEqual(states(w, batch), left);
  t.like(w.planner.page({ filter: [], limit: 9, order: 'oldest', now: w.now }, null, { ms: 1_000, clock: () => 0 }), {
    rows: [{ index: 0 }, { index: 2 }, { index: 3 }, { index: 4 }],
  });
});

test('a retry of another task of the batch does not bring a purged one back, for this leader and for the next', (t) => {
  const w = world();
  w.join('a', { capacity: 8 });
  const batch = withDead(w);
  purge(w, batch, 1);
  decide(w);
  w.retry([{ batch, index: 2 }]);
  const [again] = assigned(decide(w));
  t.deepEqual(again?.tasks, [[2, 3]]);
  t.is(w.planner.stateOf({ batch, index: 1 }), null);
  w.takeOver();
  decide(w);
  t.is(w.planner.stateOf({ batch, index: 1 }), null);
  w.reportRest(again?.id ?? '');
  t.like(decide(w), [{ kind: 'finish', succeeded: 3, failed: [4], cancelled: 1 }]);
});

test('a batch of which nothing else is left is removed; one that is not finished keeps its failed tasks', (t) => {
  const w = world();
  w.join('a');
  const dead = w.submit('q', [{ count: 2, maxAttempts: 1 }]);
  const [out] = assigned(decide(w));
  w.report(out?.id ?? '', [one(0, 'failed')], false);
  w.deliver();
  t.like(purge(w, dead, 0), [{ ok: false, state: 'failed' }]);
  w.report(out?.id ?? '', [one(1, 'failed')], true);
  decide(w);
  t.like(purge(w, dead, 0, 1), [{ ok: true }, { ok: true }]);
  t.deepEqual(kinds(decide(w)), ['remove']);
  t.is(w.planner.tally().failed + w.planner.tally().cancelled, 0);
});
