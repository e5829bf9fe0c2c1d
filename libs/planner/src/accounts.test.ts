import test from 'ava';
import { assigned, decide, decideAll, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import { STANDARD_ACCOUNT } from './accounts.js';
import type { PlannerSettings } from './model.js';

const held = (w: World): Record<string, number> =>
  Object.fromEntries(w.planner.accountUses().map(({ account, held: { slots = 0 } }) => [account, slots / 1_000]));

/** Accounts a and b have a queue each, of the same name; each has a backlog of so many tasks. */
function contend(w: World, backlog = 100): void {
  for (const name of ['a', 'b']) {
    w.configure(name, { account: name });
    for (let batch = 0; batch < backlog; batch++) w.submit(name, [{ type: 't', count: 1 }]);
  }
}

test('places are shared by the weights of accounts, however many queues each has', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.account('a', { ...STANDARD_ACCOUNT, weight: 3 });
  contend(w);
  for (let n = 0; n < 9; n++) {
    w.configure(`b${n}`, { account: 'b' });
    w.submit(`b${n}`, [{ type: 't', count: 50 }]);
  }
  for (let n = 0; n < 4; n++) w.join(`w${n}`, { capacity: 10 });
  decideAll(w);
  t.deepEqual(held(w), { default: 0, a: 30, b: 10 });
  const [a, b] = ['a', 'b'].map((name) => w.planner.accountUses().find(({ account }) => account === name)?.share);
  t.deepEqual([a, b], [0.25, 0.25]);
});

/** Tasks of accounts a and b need the same places and processors; those of b need much memory: so many of each run. */
function heldOfTwo(settings: Partial<PlannerSettings>): Record<string, number> {
  const w = world('round-robin', { aheadMs: 0, ...settings });
  w.join('w', { capacity: 12, resources: { cpu: 12_000, memory: 126 } });
  const demands = { a: { cpu: 1_000, memory: 1 }, b: { cpu: 1_000, memory: 20 } };
  for (const [name, resources] of Object.entries(demands)) {
    w.configure(name, { account: name });
    w.submit(name, [{ type: 't', count: 20, resources }]);
  }
  decideAll(w);
  return held(w);
}

test('accounts share by the resource of which they hold most, by places only, or without a resource', (t) => {
  t.deepEqual(heldOfTwo({}), { default: 0, a: 8, b: 4 });
  t.deepEqual(heldOfTwo({ fairness: 'tasks' }), { default: 0, a: 6, b: 6 });
  t.deepEqual(heldOfTwo({ fairnessExclude: ['memory'] }), { default: 0, a: 6, b: 6 });
  t.deepEqual(heldOfTwo({ fairnessExclude: ['cpu', 'slots'] }), { default: 0, a: 11, b: 1 });
});

test('whoever holds less gets what is free next, whatever was served before', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.configure('a', { account: 'a' });
  w.configure('b', { account: 'b' });
  w.join('w', { capacity: 4 });
  for (let n = 0; n < 20; n++) w.submit('a', [{ type: 't', count: 1 }]);
  const first = assigned(decideAll(w));
  t.is(first.length, 4);
  for (let n = 0; n < 20; n++) w.submit('b', [{ type: 't', count: 1 }]);
  for (const { id } of first.slice(0, 3)) w.reportRest(id);
  decideAll(w);
  t.deepEqual(held(w), { default: 0, a: 2, b: 2 });
});

test('an account below its guarantee goes first, as far as that', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.account('b', { ...STANDARD_ACCOUNT, guarantee: { slots: 6_000 } });
  contend(w);
  w.join('w', { capacity: 8 });
  decideAll(w);
  t.deepEqual(held(w), { default: 0, a: 2, b: 6 });
});

test('where more is guaranteed than there is each account is guaranteed its part, and it is told', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.account('a', { ...STANDARD_ACCOUNT, guarantee: { slots: 30_000 } });
  w.account('b', { ...STANDARD_ACCOUNT, guarantee: { slots: 10_000 } });
  contend(w);
  w.join('w', { capacity: 8 });
  decideAll(w);
  t.deepEqual(w.planner.guaranteedTooMuch(), [{ resource: 'slots', guaranteed: 40_000, total: 8_000 }]);
  t.deepEqual(held(w), { default: 0, a: 6, b: 2 });
});

test('an account has no more out than its limit, and others use the rest', (t) => {
  const w = world('round-robin', { aheadMs: 1_000 });
  w.account('a', { ...STANDARD_ACCOUNT, limit: { slots: 3_000 } });
  contend(w);
  w.join('w', { capacity: 8 });
  for (let round = 0; round < 20; round++) {
    decideAll(w);
    t.true(w.outOf('a') <= 3, `${w.outOf('a')} are out`);
    t.true(w.out('w') >= 8);
    for (const [id] of [...w.assignments].slice(0, 2)) w.report(id, 'all', true, { ranMs: 1, heldMs: 1 });
    w.now += 10;
  }
  const waiting = [...w.batches.values()].find(({ fact, states }) => fact.queue === 'a' && states[0] === 'waiting');
  const [reason] = w.planner.explain({ batch: waiting?.fact.id ?? '', index: 0 }, w.now)?.reasons ?? [];
  t.like(reason, { code: 'over-limit', account: 'a', resource: 'slots', limit: 3_000, claimed: 3_000, need: 1_000 });
});

test('a limit that is lowered recalls what was handed ahead, and nothing goes out until enough has ended', (t) => {
  const w = world('round-robin', { aheadMs: 1_000 });
  w.join('w', { capacity: 4 });
  w.submit('a', [{ type: 't', count: 1 }]);
  decideAll(w);
  for (const [id] of w.assignments) w.report(id, 'all', true, { ranMs: 1, heldMs: 1 });
  for (let n = 0; n < 10; n++) w.submit('a', [{ type: 't', count: 10 }]);
  decideAll(w);
  t.true(w.running('a') > 4, 'some go ahead');
  w.account('default', { ...STANDARD_ACCOUNT, limit: { slots: 2_000 } });
  const commands = decide(w);
  t.deepEqual([...new Set(commands.map(({ kind }) => kind))], ['notify']);
  t.true([...w.assignments.values()].every(({ recall }) => recall));
  for (const [id, { open }] of w.assignments)
    w.report(
      id,
      [...open].map((index) => ({ from: index, to: index + 1, outcome: 'returned' as const })),
      true,
    );
  decideAll(w);
  t.is(w.running('a'), 2);
});

test('what is guaranteed and not lent idles while its account needs it not', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.account('b', { ...STANDARD_ACCOUNT, guarantee: { slots: 3_000 }, lend: false });
  w.configure('a', { account: 'a' });
  w.configure('b', { account: 'b' });
  const batch = w.submit('a', [{ type: 't', count: 100 }]);
  w.join('w', { capacity: 8 });
  decideAll(w);
  t.is(w.outOf('a'), 5);
  const reasons = w.planner.explain({ batch, index: 50 }, w.now)?.reasons ?? [];
  t.like(reasons[0], { code: 'not-lent', account: 'a', resource: 'slots', free: 0 });
  w.submit('b', [{ type: 't', count: 100 }]);
  decideAll(w);
  t.is(w.outOf('b'), 3);
  for (const [id] of w.assignments) w.reportRest(id);
  decideAll(w);
  t.deepEqual([w.outOf('a'), w.outOf('b')], [4, 4]);
});

test('a queue that goes to another account takes along what its tasks hold', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  contend(w);
  w.join('w', { capacity: 8 });
  decideAll(w);
  t.deepEqual(held(w), { default: 0, a: 4, b: 4 });
  w.configure('b', { account: 'a' });
  decide(w);
  t.deepEqual(held(w), { default: 0, a: 8 });
});

test('a new leader counts what its predecessor has counted', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.account('a', { ...STANDARD_ACCOUNT, weight: 2, limit: { slots: 7_000 } });
  contend(w);
  w.join('w', { capacity: 12 });
  decideAll(w);
  const before = w.planner.accountUses();
  w.takeOver();
  decideAll(w);
  t.deepEqual(w.planner.accountUses(), before);
});

test('places of a worker are divided by the work that it has of each account', (t) => {
  const w = world('round-robin', { aheadMs: 100 });
  w.join('w', { capacity: 4, types: ['quick', 'slow'] });
  w.configure('b', { account: 'b' });
  for (const [type, ranMs] of [
    ['quick', 1],
    ['slow', 100],
  ] as const) {
    w.submit('a', [{ type, count: 1 }]);
    decideAll(w);
    for (const [id] of w.assignments) w.report(id, 'all', true, { ranMs, heldMs: ranMs });
  }
  w.submit('a', [{ type: 'quick', count: 1_000 }]);
  w.submit('b', [{ type: 'slow', count: 1_000 }]);
  decideAll(w);
  t.deepEqual(held(w), { default: 3, b: 1 });
  t.true(w.out('w') > 10, `${w.out('w')} are out`);
});
