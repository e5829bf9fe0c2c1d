import test from 'ava';
import { assigned, decide, decideAll, world } from '../test/decide.js';

const rate = { limit: 10, periodMs: 1_000, burst: 1 };

test('a rate that a leader with a clock an hour ahead has reserved holds nothing back for longer than a second and an interval', (t) => {
  const w = world();
  w.limit('api', { concurrency: null, rate, on: null, per: 'all' });
  w.planner.reserved('api', [{ key: '', tat: w.now + 3_600_000, holdUntil: 0 }]);
  w.join('a', { capacity: 4 });
  w.submit('q', [{ count: 2, limits: ['api'] }]);
  t.deepEqual(assigned(decideAll(w)), []);
  w.now += 1_000;
  t.deepEqual(assigned(decide(w)), []);
  w.now += 2 * (rate.periodMs / rate.limit);
  t.is(assigned(decide(w)).length, 1);
});

test('a key that somebody holds and no task names is forgotten when the hold is over', (t) => {
  const w = world();
  w.limit('api', { concurrency: 1, rate: null, on: null, per: 'key' });
  w.hold('api', 'acme', w.now + 1_000);
  decide(w);
  const keys = () =>
    w.planner
      .limits()
      .all()
      .find(({ name }) => name === 'api')
      ?.keys.map(({ key }) => key);
  t.deepEqual(keys(), ['acme']);
  w.now += 1_001;
  decide(w);
  t.deepEqual(keys(), []);
  t.is(w.planner.nextDueAt(), null);
});
