import test from 'ava';
import { decide, decideAll, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { AssignmentFact, Command, PlannerSettings, ResultFact } from './model.js';
import type { Planner } from './planner.js';
import { copiesLeft, slowAfterMs } from './speculate.decide.js';

type Copy = Extract<Command, { kind: 'copy' }>;

/** Nine tasks of a batch of ten have ended; the tenth, at worker `a`, is slow, and is begun once more at `b`. */
function copied(settings: Partial<PlannerSettings> = {}): { w: World; batch: string; copy: Copy } {
  const w = world('round-robin', { aheadMs: 0, ...settings });
  w.join('a', { capacity: 10, resources: { cpu: 10_000 }, host: 'h1' });
  const batch = w.submit('q', [{ count: 10, resources: { cpu: 1_000 }, speculative: true }]);
  const commands = decideAll(w);
  w.join('b', { capacity: 10, resources: { cpu: 10_000 }, host: 'h2' });
  for (const { fact, open } of [...w.assignments.values()])
    for (const index of [...open].filter((each) => each < 9)) w.report(fact.id, [{ from: index, to: index + 1, outcome: 'succeeded' }], open.size === 1); // prettier-ignore
  commands.push(...decideAll(w));
  w.now += 2_000;
  const [copy] = decide(w).filter((command) => command.kind === 'copy');
  if (copy === undefined) throw new Error('nothing was begun once more');
  return { w, batch, copy };
}

const told = (
  { planner, now }: World,
  { batch, id, attempt }: AssignmentFact,
): { planner: Planner; fact: Omit<ResultFact, 'ends'> } => ({
  planner,
  fact: { batch, assignment: id, attempt, at: now, last: true },
});

test('a slow task of a batch of which the most has ended is begun once more, on another host', (t) => {
  const { copy } = copied();
  t.like(copy.assignment, { worker: 'b', attempt: 2, tasks: [[9, 10]], isCopy: true, rival: `a/${copy.beside.id}` });
  t.like(copy.beside, { worker: 'a', attempt: 1, rival: `b/${copy.assignment.id}` });
});

test('a share of 0 begins nothing once more', (t) => {
  t.throws(() => copied({ speculateShare: 0 }), { message: 'nothing was begun once more' });
});

test('the copy succeeds: the task is over, both are gone, nothing is written', (t) => {
  const { w, copy } = copied();
  const { planner, fact } = told(w, copy.assignment);
  planner.result({ ...fact, ends: 'all' });
  t.deepEqual(
    planner.plan(w.now, Math.random).filter(({ kind }) => kind !== 'finish'),
    [],
  );
  t.like(planner.tally(), { succeeded: 10, out: 0 });
  t.is(w.state.assignments.byId(copy.beside.id), undefined);
});

test('the other one succeeds: the copy is taken away, and nothing is written of it', (t) => {
  const { w, copy } = copied();
  const { planner, fact } = told(w, copy.beside);
  planner.result({ ...fact, ends: [{ from: 9, to: 10, outcome: 'succeeded' }] });
  t.like(planner.plan(w.now, Math.random)[0], {
    kind: 'revoke',
    assignment: { id: copy.assignment.id },
    ends: [],
    reason: 'outrun',
  });
  planner.result({ ...told(w, copy.assignment).fact, ends: [] });
  t.like(planner.plan(w.now, Math.random)[0], { kind: 'finish', succeeded: 10 });
  t.like(planner.tally(), { succeeded: 10, out: 0 });
});

test('the copy ends badly: the other one goes on, and may have another copy when it has run for as long again', (t) => {
  const { w, copy } = copied();
  w.planner.result({ ...told(w, copy.assignment).fact, ends: [{ from: 9, to: 10, outcome: 'returned' }] });
  t.like(w.planner.tally(), { out: 1, pending: 0 });
  const copies = (): number => w.planner.plan(w.now, Math.random).filter(({ kind }) => kind === 'copy').length;
  w.now += 1_999;
  t.is(copies(), 0);
  w.now += 251;
  t.is(copies(), 1);
});

test('the other one ends badly: its attempt counts, and the copy is the next one', (t) => {
  const { w, copy } = copied();
  w.planner.result({ ...told(w, copy.beside).fact, ends: [{ from: 9, to: 10, outcome: 'failed' }] });
  const [notice] = w.planner.plan(w.now, Math.random);
  t.is(notice?.kind, 'notify');
  t.is((notice as Extract<Command, { kind: 'notify' }>).assignment.rival, undefined);
  t.like(w.planner.tally(), { out: 1, pending: 0, retrying: 0 });
  w.planner.result({ ...told(w, copy.assignment).fact, ends: 'all' });
  t.like(w.planner.tally(), { succeeded: 10, out: 0 });
});

test('the worker of either dies: the other one goes on', (t) => {
  const first = copied();
  first.w.planner.workerGone('b', first.w.now);
  t.like(first.w.planner.plan(first.w.now, Math.random)[0], { kind: 'revoke', reason: 'worker-lost', ends: [] });
  first.w.planner.result({ ...told(first.w, first.copy.assignment).fact, ends: [] });
  t.like(first.w.planner.tally(), { out: 1 });
  const { w, copy } = copied();
  w.planner.workerGone('a', w.now);
  const [revoke] = w.planner.plan(w.now, Math.random);
  t.like(revoke, { kind: 'revoke', reason: 'worker-lost', ends: [{ from: 9, to: 10, outcome: 'lost' }] });
  w.planner.result({ ...told(w, copy.beside).fact, ends: [{ from: 9, to: 10, outcome: 'lost' }] });
  t.like(w.planner.tally(), { out: 1, pending: 0 });
  w.planner.result({ ...told(w, copy.assignment).fact, ends: 'all' });
  t.like(w.planner.tally(), { succeeded: 10, out: 0 });
});

test('how slow is slow, and how many copies there may be', (t) => {
  t.is(slowAfterMs({ done: 4, of: 5, p50: 100, p95: 100 }, 1.5), null);
  t.is(slowAfterMs({ done: 70, of: 100, p50: 100, p95: 100 }, 1.5), null);
  t.is(slowAfterMs({ done: 75, of: 100, p50: 100, p95: 100 }, 1.5), 2_000);
  t.is(slowAfterMs({ done: 75, of: 100, p50: 4_000, p95: 5_000 }, 1.5), 6_000);
  t.is(slowAfterMs({ done: 75, of: 100, p50: 4_000, p95: 9_000 }, 1.5), 9_000);
  t.is(slowAfterMs({ done: 75, of: 100, p50: 4_000, p95: 5_000 }, 3), 12_000);
  const left = (copies: number, out: number) => copiesLeft(copies, out, 0.1);
  t.deepEqual([left(0, 1), left(1, 1), left(1, 40), copiesLeft(0, 40, 0), copiesLeft(0, 40, 1)], [1, 0, 3, 0, 40]);
});
