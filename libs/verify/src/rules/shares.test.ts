import test from 'ava';
import { check, defined, ran, submit, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('tenants have their shares', { faults: [], ...lines });
const weights = defined(0, { queue: 'q', tenants: { a: 3, b: 1 } });
const RUNS = 2_000;

/** All wait from the beginning; each `of` runs every how manieth task is of b. */
function run(everyManieth: number, ms: (tenant: string) => number = () => 1): Lines {
  const tenants = Array.from({ length: RUNS }, (_, n) => (n % everyManieth === 0 ? 'b' : 'a'));
  // Tasks that never begin keep both waiting to the end.
  const names = [
    ...tenants.map((tenant, n) => [tenant, `t${n}`] as const),
    ['a', 'last-a'] as const,
    ['b', 'last-b'] as const,
  ];
  return {
    operations: names.flatMap(([tenant, task]) => submit(0, { task, tenant, queue: 'q' })),
    effects: tenants.flatMap((tenant, n) => ran(`t${n}`, 10 + n, 10 + n + ms(tenant))),
    definitions: weights,
  };
}

test('while both wait each has what its weight says; another share is broken', async (t) => {
  t.is((await judge(run(4))).verdict, 'held');
  t.regex(
    (await judge(run(2))).first?.what ?? '',
    /queue q: tenant a got 50\.0 % of 1999 hand-outs, its weight says 75\.0 %/,
  );
});

test('by time a tenant of long tasks has fewer of them', async (t) => {
  const byTime = { definitions: defined(0, { queue: 'q', tenants: { a: 1, b: 1 }, fairness: 'time' }) };
  t.is((await judge({ ...run(10, (tenant) => (tenant === 'b' ? 90 : 10)), ...byTime })).verdict, 'held');
  t.is((await judge({ ...run(2, (tenant) => (tenant === 'b' ? 90 : 10)), ...byTime })).verdict, 'broken');
});

test('where one of them has nothing that waits, the other may have everything', async (t) => {
  const { operations, ...lines } = run(2);
  const none = (operations as { task: string }[]).filter(({ task }) => task !== 'last-a' && task !== 'last-b');
  const onlyA = none.filter((line) => (line as { tenant?: string }).tenant === 'a');
  t.is((await judge({ ...lines, operations: onlyA })).verdict, 'not checked');
});
