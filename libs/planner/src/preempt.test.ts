import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { assigned, decideAll, world } from '../test/decide.js';
import { seededRandom, type World } from '../test/world.js';
import { STANDARD_ACCOUNT } from './accounts.js';
import type { Command, Group } from './model.js';

const AFTER_MS = 1_000;
const GRACE_MS = 500;
const SETTINGS = { aheadMs: 0, preemptAfterMs: AFTER_MS, preemptGraceMs: GRACE_MS };
const one = (cpu: number, more: Partial<Group> = {}): Partial<Group> => ({
  ...{ count: 1, resources: { cpu: cpu * 1_000 }, preemptible: true },
  ...more,
});

function cluster(cpu: number, workers: number, settings = {}): World {
  const w = world('round-robin', { ...SETTINGS, ...settings });
  for (let n = 0; n < workers; n++) w.join(`w${n}`, { capacity: 1_000, resources: { cpu: cpu * 1_000 } });
  return w;
}

/** Plans all that there is to plan until then, and lets workers obey at once. */
function pass(w: World, ms: number): Command[] {
  const until = w.now + ms;
  const commands = decideAll(w);
  while (w.now < until) {
    w.now = Math.min(until, w.now + 125);
    obey(w);
    commands.push(...decideAll(w));
  }
  obey(w);
  commands.push(...decideAll(w));
  return commands;
}

function obey(w: World): void {
  for (const [id, { preempt, open }] of [...w.assignments])
    if (preempt.length > 0 && open.size > 0)
      w.report(id, [...open].map((index) => ({ from: index, to: index + 1, outcome: 'preempted' as const })), true); // prettier-ignore
}

const asked = (commands: readonly Command[]): number =>
  commands.filter((command) => command.kind === 'notify' && command.preempt !== undefined).length;
/** Tasks that are out, by the queue's name. */
const running = (w: World): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const { fact, open } of w.assignments.values()) {
    const queue = w.batches.get(fact.batch)?.fact.queue ?? '';
    out[queue] = (out[queue] ?? 0) + open.size;
  }
  return out;
};

test('tasks of a queue of a higher priority take the room of others that allow it, after a sixth of the time', (t) => {
  const w = cluster(4, 1);
  w.configure('high', { priority: 1 });
  for (let n = 0; n < 4; n++) w.submit('low', [one(1)]);
  decideAll(w);
  w.submit('high', [one(2)]);
  t.is(asked(pass(w, AFTER_MS / 6 - 50)), 0);
  t.is(asked(pass(w, 300)), 2);
  t.deepEqual(running(w), { low: 2, high: 1 });
  t.deepEqual(w.planner.preemptedTotals().priority, 2);
});

test('what does not allow it is never asked, whoever waits', (t) => {
  const w = cluster(4, 1, { preempt: 'fair' });
  w.configure('high', { priority: 9 });
  w.submit('low', [one(4, { preemptible: false })]);
  decideAll(w);
  w.submit('high', [one(1)]);
  t.is(asked(pass(w, 10 * AFTER_MS)), 0);
  const off = cluster(4, 1, { preempt: 'off' });
  off.configure('high', { priority: 9 });
  off.submit('low', [one(4)]);
  decideAll(off);
  off.submit('high', [one(1)]);
  t.is(asked(pass(off, 10 * AFTER_MS)), 0);
});

test('whoever is not needed is spared, and of two workers the one where less is lost makes room', (t) => {
  const w = cluster(4, 2);
  w.configure('high', { priority: 1 });
  for (const cpu of [1, 3, 2, 2]) w.submit('low', [one(cpu)]);
  decideAll(w);
  w.submit('high', [one(3)]);
  const commands = pass(w, AFTER_MS);
  t.is(asked(commands), 1, 'the one of 3, and not the one of 1 beside it');
  t.is(running(w).high, 1);
});

test('an account below its guarantee takes back what others have borrowed, and no more', (t) => {
  const w = cluster(4, 10);
  w.account('b', { ...STANDARD_ACCOUNT, guarantee: { cpu: 20_000 } });
  w.configure('a', { account: 'a' });
  w.configure('b', { account: 'b' });
  for (let n = 0; n < 45; n++) w.submit('a', [one(1)]);
  decideAll(w);
  t.is(running(w).a, 40);
  for (let n = 0; n < 30; n++) w.submit('b', [one(1)]);
  pass(w, AFTER_MS + 500);
  t.deepEqual(running(w), { a: 20, b: 20 });
  t.is(asked(pass(w, 20_000)), 0);
});

test('by fairness alone nobody makes room unless that is switched on, and then as far as shares are equal', (t) => {
  for (const preempt of ['reclaim', 'fair'] as const) {
    const w = cluster(4, 10, { preempt });
    for (const name of ['a', 'b']) w.configure(name, { account: name });
    for (let n = 0; n < 40; n++) w.submit('a', [one(1)]);
    decideAll(w);
    for (let n = 0; n < 40; n++) w.submit('b', [one(1)]);
    pass(w, 5 * AFTER_MS);
    t.deepEqual(running(w), preempt === 'fair' ? { a: 20, b: 20 } : { a: 40 });
    t.is(asked(pass(w, 60_000)), 0);
  }
});

test('no more than 20 a minute make room for fairness alone, in a small cell', (t) => {
  const w = cluster(100, 1, { preempt: 'fair' });
  for (const name of ['a', 'b']) w.configure(name, { account: name });
  for (let n = 0; n < 100; n++) w.submit('a', [one(1)]);
  decideAll(w);
  for (let n = 0; n < 100; n++) w.submit('b', [one(1)]);
  t.is(asked(pass(w, 30_000)), 20);
  pass(w, 120_000);
  t.deepEqual(running(w), { a: 50, b: 50 });
});

/** The scenario of Kueue's issue 14543: the room that became free is taken by small work, which is preempted at once. */
test('room that was made is kept for whom it was made, however small what else waits, and all comes to rest', (t) => {
  const w = cluster(8, 1, { preempt: 'fair' });
  w.account('guaranteed', { ...STANDARD_ACCOUNT, guarantee: { cpu: 8_000 } });
  w.configure('guaranteed', { account: 'guaranteed' });
  w.configure('effort', { account: 'effort' });
  w.configure('fill', { account: 'fill' });
  for (let n = 0; n < 8; n++) w.submit('effort', [one(1)]);
  decideAll(w);
  w.submit('guaranteed', [one(6)]);
  for (let n = 0; n < 50; n++) w.submit('fill', [one(1)]);
  // They do not end at once: the room becomes free piece by piece.
  const until = w.now + 10 * AFTER_MS;
  let notices = 0;
  for (let turn = 0; w.now < until; turn++) {
    w.now += 125;
    const going = [...w.assignments].filter(([, { preempt, open }]) => preempt.length > 0 && open.size > 0);
    const [first] = going;
    if (first !== undefined && turn % 2 === 0)
      w.report(first[0], [...first[1].open].map((index) => ({ from: index, to: index + 1, outcome: 'preempted' })), true); // prettier-ignore
    notices += asked(decideAll(w));
  }
  // Six for the guarantee; and one, later, for an account that held nothing.
  t.deepEqual(running(w), { effort: 1, fill: 1, guaranteed: 1 });
  t.is(notices, 7);
  t.is(asked(pass(w, 60_000)), 0);
});

test('a task that made room so often as is allowed stays where it is', (t) => {
  const w = cluster(4, 1, { maxPreemptions: 2 });
  w.configure('high', { priority: 1 });
  w.submit('low', [one(4)]);
  decideAll(w);
  for (let round = 0; round < 4; round++) {
    w.submit('high', [one(4, { preemptible: false })]);
    pass(w, AFTER_MS);
    const high = [...w.assignments.values()].find(({ fact }) => w.batches.get(fact.batch)?.fact.queue === 'high');
    t.is(high !== undefined, round < 2, `round ${round}`);
    if (high !== undefined) w.reportRest(high.fact.id);
    pass(w, 500);
  }
  t.is(w.planner.preemptedTotals().priority, 2);
});

const anyAccounts = fc.array(
  fc.record({ weight: fc.integer({ min: 1, max: 4 }), guarantee: fc.nat(8), band: fc.nat(2) }),
  { minLength: 2, maxLength: 5 },
);
const anyTasks = fc.array(
  fc.record({ of: fc.nat(4), cpu: fc.integer({ min: 1, max: 6 }), count: fc.integer({ min: 1, max: 4 }) }),
  { minLength: 1, maxLength: 12 },
);

testProp(
  'with nothing coming and nothing ending, tasks stop making room, and none does so more often than it may (law P7)',
  [anyAccounts, anyTasks, fc.integer({ min: 1, max: 4 }), fc.nat()],
  (t, accounts, tasks, workers, seed) => {
    // A reservation goes to another worker each minute where nobody can tell when one is free.
    const w = cluster(8, workers, { preempt: 'fair', reserveAfterMs: 0 });
    accounts.forEach(({ weight, guarantee, band }, n) => {
      w.account(`a${n}`, { ...STANDARD_ACCOUNT, weight, guarantee: guarantee === 0 ? {} : { cpu: guarantee * 1_000 } });
      w.configure(`q${n}`, { account: `a${n}`, priority: band });
    });
    const random = seededRandom(seed);
    for (const { of, cpu, count } of tasks) {
      w.submit(`q${of % accounts.length}`, [one(cpu, { count, preemptible: random() < 0.9 })]);
      if (random() < 0.5) pass(w, 125);
    }
    pass(w, 60_000);
    t.is(asked(pass(w, 60_000)), 0, 'it has come to rest');
    for (const { progress } of w.batches.values())
      for (const { preemptions } of progress) t.true(preemptions <= 5, `made room ${preemptions} times`);
    t.true(assigned(decideAll(w)).length === 0);
  },
  { numRuns: 60 },
);
