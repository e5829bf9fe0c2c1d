import test from 'ava';
import { accountRows, amountsText, excludedBy, floatingRows, rowsOfPool, type Account } from './capacity.decide.js';

test('a bar shows what is used and what else is claimed, in any unit', (t) => {
  const resources = {
    cpu: { capacity: 8, claimed: 6, used: 4, free: 2 },
    memory: { capacity: '16GiB', claimed: '4GiB', used: '2048MiB', free: '12GiB' },
    disk: { capacity: '16GiB', claimed: '4GiB', used: '8GiB', free: '12GiB' },
    gpu: { capacity: 0, claimed: 0, used: 0, free: 0 },
  };
  t.deepEqual(
    rowsOfPool({ pool: 'p', workers: 1, resources }).map((row) => [
      ...[row.name, row.usedPart, row.heldPart, row.beyondPart],
    ]),
    [
      ['cpu', 0.5, 0.25, 0],
      ['memory', 0.125, 0.125, 0],
      ['disk', 0.25, 0, 0.25],
      ['gpu', 0, 0, 0],
    ],
  );
  const floating = [{ resource: 'licence.x', total: 2, claimed: 3, free: 0 }];
  t.like(floatingRows({ floating } as never)[0], { used: null, usedPart: 1, heldPart: 0 });
});

test('an account is seen beside what its weight gives it among those that hold something or wait', (t) => {
  const account = (name: string, weight: number, share: number | null, pending: number | null): Account =>
    ({ account: name, weight, share, pending, held: {} }) as Account;
  const rows = accountRows([account('a', 3, 0.1, 0), account('b', 1, 0.5, 2), account('c', 4, 0, 0)]);
  t.deepEqual(
    rows.map(({ account, part, fairPart }) => [account, Math.round((part ?? 0) * 100), fairPart]),
    [
      ['b', 50, 0.25],
      ['a', 30, 0.75],
      ['c', 0, 0],
    ],
  );
  t.like(accountRows([account('a', 1, null, null)])[0], { part: null, fairPart: 0 });
});

test('conditions are told with how many workers each excludes, the most first', (t) => {
  const filtered = {
    draining: 1,
    lacks: { gpu: 8 },
    label: { zone: 40 },
    full: { memory: 0 },
    'not-served': 2,
    odd: 'x',
  };
  t.deepEqual(excludedBy({ workers: { total: 50, feasible: 0, filtered } } as never), [
    ...['40 by label zone', '8 lack gpu', '2 not served', '1 draining'],
  ]);
  t.is(amountsText({ cpu: 2, memory: '8GiB' }), 'cpu 2, memory 8GiB');
  t.is(amountsText(null), '–');
});
