import type { UniquePolicy } from '@drover/core';
import test from 'ava';
import { assigned, decide, world } from '../test/decide.js';
import { seededRandom } from '../test/world.js';

const QUIET_MS = 100;

const debounced = (maxMs: number | null): UniquePolicy => ({
  ...{ key: 'k', mode: 'debounce', forMs: null, trailing: true, everyMs: null },
  ...{ quietMs: QUIET_MS, maxMs },
});

for (const maxMs of [null, 150])
  test(`a burst that was due, ${maxMs === null ? 'without max' : 'with max'}: its newest task goes out at once, with a new leader after its own quiet`, (t) => {
    const w = world();
    const burst = [{ count: 1, unique: debounced(maxMs) }];
    const first = w.submit('q', burst);
    decide(w);
    w.now += QUIET_MS;
    decide(w);
    t.is(w.planner.stateOf({ batch: first, index: 0 }), 'pending', 'nobody is there to run it');
    w.now += 20;
    const submittedAt = w.now;
    const newest = { batch: w.submit('q', burst), index: 0 };
    decide(w);
    t.is(w.planner.stateOf({ batch: first, index: 0 }), 'cancelled');
    t.is(w.planner.stateOf(newest), 'pending', 'it took the place in line');

    const rebuilt = w.rebuilt();
    rebuilt.plan(w.now, seededRandom(1));
    t.is(rebuilt.stateOf(newest), 'scheduled', 'nothing says that the burst was due: that task has ended');
    t.is(rebuilt.nextDueAt(), submittedAt + QUIET_MS, 'no longer than if it were the first');

    w.takeOver();
    w.join('w', { capacity: 1 });
    w.now = submittedAt + QUIET_MS - 1;
    t.deepEqual(assigned(decide(w)), []);
    w.now++;
    t.like(assigned(decide(w)), [{ batch: newest.batch }]);
  });
