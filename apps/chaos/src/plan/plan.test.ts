import test from 'ava';
import { planOf, type Round } from './plan.js';

const options = { seed: 7, kinds: ['a', 'b', 'c', 'd', 'e'], sessionTimeoutMs: 6_000, recoveryMs: 5_000 };

function first(count: number, given = options): Round[] {
  const plan = planOf(given);
  return Array.from({ length: count }, () => plan.next().value as Round);
}

test('the same seed plans the same faults, another seed others', (t) => {
  t.deepEqual(first(50), first(50));
  t.notDeepEqual(first(50), first(50, { ...options, seed: 8 }));
});

test('every kind comes before one comes again, none twice in a round; some are alone, some overlap', (t) => {
  const rounds = first(200);
  const names = rounds.flatMap(({ faults }) => faults.map(({ name }) => name));
  for (const kind of options.kinds) {
    const share = names.filter((name) => name === kind).length / names.length;
    t.true(Math.abs(share - 1 / options.kinds.length) < 0.01, `${kind}: ${share}`);
  }
  for (const { faults } of rounds) t.is(new Set(faults.map(({ name }) => name)).size, faults.length);
  t.deepEqual([...new Set(rounds.map(({ faults }) => faults.length))].sort(), [1, 2, 3]);
});

test('some faults are shorter than a session, some longer; quiet is longer than recovery may take', (t) => {
  const rounds = first(200);
  const lasts = rounds.flatMap(({ faults }) => faults.map(({ lastsMs }) => lastsMs));
  t.true(lasts.some((ms) => ms < 6_000) && lasts.some((ms) => ms > 9_000));
  t.true(rounds.every(({ quietMs }) => quietMs > 11_000));
});

test('one kind only makes rounds of one fault; none makes no rounds', (t) => {
  t.true(first(20, { ...options, kinds: ['a'] }).every(({ faults }) => faults.length === 1));
  t.deepEqual([...planOf({ ...options, kinds: [] })], []);
});
