import { MAX_LOSSES } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { assigned, decideAll, world } from '../test/decide.js';
import { seededRandom, World } from '../test/world.js';
import { DEATHS_TOGETHER_MS, SUSPECTS_WAIT_MS } from './settings.js';

const indexesAt = (w: World, worker: string): number[] =>
  [...w.assignments.values()].flatMap(({ fact, open }) => (fact.worker === worker ? [...open] : []));

/** Runs until nothing is unfinished: whoever has one of the deadly tasks dies, and somebody takes its place. */
function runDeadly(t: ExecutionContext, w: World, batch: string, deadly: ReadonlySet<number>): void {
  let workers = 0;
  for (let round = 0; w.batches.get(batch)?.finished === null; round++) {
    t.true(round < 2_000, 'it never ends');
    w.settle();
    const [victim] = [...w.workers.keys()].filter((id) => indexesAt(w, id).some((index) => deadly.has(index)));
    if (victim === undefined) for (const id of [...w.assignments.keys()]) w.reportRest(id);
    else {
      w.die(victim);
      w.join(`again${workers++}`, { capacity: 8 });
    }
    w.now += 20_000;
  }
}

testProp(
  'tasks that kill their worker fail, and no task that was beside them does',
  [
    fc.integer({ min: 1, max: 60 }),
    fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(),
  ],
  (t, count, deadly, workers, seed) => {
    const w = new World(seededRandom(seed), 'least-loaded');
    for (let n = 0; n < workers; n++) w.join(`w${n}`, { capacity: 8 });
    const culprits = new Set(deadly.filter((index) => index < count));
    const batch = w.submit('q', [{ count }]);
    runDeadly(t, w, batch, culprits);
    const states = w.batches.get(batch)?.states ?? [];
    states.forEach((state, index) => {
      t.is(state, culprits.has(index) ? 'failed' : 'succeeded', `task ${index}`);
    });
  },
  { numRuns: 60 },
);

test('suspects of one death run few beside each other, beside no others, and one that ends is none any more', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.join('a', { capacity: 9 });
  const batch = w.submit('q', [{ count: 9 }]);
  w.settle();
  w.die('a');
  w.settle();
  w.join('b', { capacity: 9 });
  w.submit('q', [{ count: 20 }]);
  w.settle();
  t.is(indexesAt(w, 'b').length, 3, 'the root of nine');
  t.true([...w.assignments.values()].every(({ fact }) => fact.batch === batch));
  const first = indexesAt(w, 'b')[0] ?? -1;
  const [id = ''] = [...w.assignments.keys()];
  w.report(id, [{ from: first, to: first + 1, outcome: 'failed', retryAfterMs: 0 }], false);
  w.now += 1;
  w.settle();
  t.is(indexesAt(w, 'b').length, 3, 'the next one takes its place, beside the other two');
  for (let round = 0; round < 9; round++) {
    for (const assignment of [...w.assignments.keys()]) w.reportRest(assignment);
    w.settle();
  }
  t.is(w.planner.tally().succeeded, 29);
});

test('a death stays known until the tasks that it made suspects have ended, however late they are learned of', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  for (const id of ['a', 'b']) w.join(id, { capacity: 1 });
  w.submit('q', [{ count: 2 }]);
  w.settle();
  w.die('a');
  w.deliver(10);
  // Nothing has been planned since, so what `a` held has not been revoked when the next one dies.
  w.now += 2 * DEATHS_TOGETHER_MS;
  w.die('b');
  w.deliver(10);
  w.join('c', { capacity: 2 });
  for (let round = 0; round < 4; round++) {
    w.settle();
    for (const assignment of [...w.assignments.keys()]) w.reportRest(assignment);
  }
  w.settle();
  t.is(w.planner.tally().succeeded, 2);
});

test('a worker that is kept for suspects is emptied first, and others go on', (t) => {
  const w = world();
  for (const id of ['a', 'b', 'c']) w.join(id, { capacity: 2 });
  w.submit('q', [{ count: 6 }]);
  w.settle();
  w.submit('q', [{ count: 50 }]);
  w.die('a');
  w.settle();
  const all = (): string[] => [...w.assignments.values()].map(({ fact }) => `${fact.worker} ${fact.batch}`);
  t.false(
    all().some((text) => text.endsWith('B00001')),
    'both have their hands full',
  );
  for (const [id, { fact }] of [...w.assignments]) if (fact.worker === 'c') w.reportRest(id);
  w.settle();
  for (const [id, { fact }] of [...w.assignments]) if (fact.worker === 'b') w.reportRest(id);
  w.settle();
  const batches = (worker: string): Set<string> =>
    new Set([...w.assignments.values()].filter(({ fact }) => fact.worker === worker).map(({ fact }) => fact.batch));
  t.deepEqual([batches('b'), batches('c')].map((of) => [...of].join()).sort(), ['B00000', 'B00001']);
});

test('a death of many workers at once, or of one that was draining, makes nobody a suspect', (t) => {
  for (const isDraining of [true, false]) {
    const w = world('round-robin', { aheadMs: 0 });
    const doomed = isDraining ? ['a'] : ['a', 'b', 'c'];
    for (const id of doomed) w.join(id, { capacity: 4 });
    w.submit('q', [{ count: doomed.length * 4 }]);
    w.settle();
    if (isDraining) w.join('a', { capacity: 4, draining: true });
    for (const id of doomed) w.die(id);
    w.join('d', { capacity: 12 });
    w.settle();
    t.is(indexesAt(w, 'd').length, doomed.length * 4);
  }
});

test('suspects wait for a worker to be empty, but not for ever', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  for (const id of ['a', 'b']) w.join(id, { capacity: 4 });
  w.submit('q', [{ count: 4 }]);
  w.settle();
  w.die('a');
  w.settle();
  t.is(indexesAt(w, 'b').length, 2, 'what it has never ends');
  w.now += SUSPECTS_WAIT_MS;
  w.settle();
  t.is(indexesAt(w, 'b').length, 4);
});

test('the next leader knows the suspects, and who runs alone', (t) => {
  const w = world('round-robin', { aheadMs: 0 });
  w.submit('q', [{ count: 4 }]);
  for (let death = 0; death < MAX_LOSSES - 1; death++) {
    w.join(`w${death}`, { capacity: 4 });
    w.settle();
    w.die(`w${death}`);
    w.settle();
    w.now += 20_000;
  }
  w.takeOver();
  w.join('x', { capacity: 4 });
  w.settle();
  t.is(indexesAt(w, 'x').length, 1);
  w.takeOver();
  t.deepEqual(assigned(decideAll(w)), [], 'and it has the worker for itself');
});
