import { MAX_LOSSES } from '@drover/core';
import test from 'ava';
import { seededRandom, World } from '../test/world.js';
import type { AssignmentFact, Command, EndFact } from './model.js';
import { DEFAULT_PLANNER_SETTINGS, MAX_ASSIGNMENTS, PROBE_MS, PROBES } from './settings.js';

const world = (strategy = 'round-robin', settings = {}): World => new World(seededRandom(1), strategy, settings);

const kinds = (commands: readonly Command[]): string[] => commands.map(({ kind }) => kind);
const assigned = (commands: readonly Command[]): AssignmentFact[] =>
  commands.flatMap((command) => (command.kind === 'assign' ? [command.assignment] : []));
const sizes = (commands: readonly Command[]): number[] =>
  assigned(commands).map(({ tasks }) => tasks.reduce((sum, [from, to]) => sum + to - from, 0));
const one = (index: number, outcome: EndFact['outcome']): EndFact => ({ from: index, to: index + 1, outcome });

/** Delivers all news and plans once. */
function decide(w: World): Command[] {
  w.deliver();
  return w.plan();
}

/** Plans until nothing is left to be done now. */
function decideAll(w: World): Command[] {
  const commands = decide(w);
  for (let more = commands; more.length > 0; commands.push(...more)) more = decide(w);
  return commands;
}

test('ten tasks and five free workers make five slices of two', (t) => {
  const w = world();
  for (const id of ['a', 'b', 'c', 'd', 'e']) w.join(id, { capacity: 8 });
  w.submit('q', [{ count: 10 }]);
  t.deepEqual(sizes(decide(w)), [2, 2, 2, 2, 2]);
});

test('a worker of unknown pace is given what it can run at once, and no more', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  w.submit('q', [{ count: 100 }]);
  t.deepEqual(sizes(decide(w)), [4]);
  t.deepEqual(decide(w), []);
});

test('a worker that ends tasks in no time is given hundreds at a time', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  for (let batch = 0; batch < 20; batch++) w.submit('q', [{ count: 500 }]);
  let largest = 0;
  for (let round = 0; round < 8; round++) {
    const commands = decide(w);
    largest = Math.max(largest, ...sizes(commands));
    w.now += 2;
    for (const { id } of assigned(commands)) w.report(id, 'all', true);
  }
  t.true(largest >= 200, String(largest));
});

test('tasks of seconds go out one by one, and nothing is ahead of a worker that is busy with them', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  w.submit('q', [{ count: 20 }]);
  for (let round = 0; round < 5; round++) {
    const commands = decide(w);
    t.true(w.out('a') <= 2);
    if (round > 0) t.true(sizes(commands).every((size) => size === 1));
    w.now += 3_000;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
});

test('no assignment has more than 500 tasks or two batches', (t) => {
  const w = world();
  w.join('a', { capacity: 3_000 });
  w.submit('q', [{ count: 1_200 }]);
  w.submit('q', [{ count: 10 }]);
  t.deepEqual(sizes(decide(w)), [500, 500, 200, 10]);
});

test('a type that nobody offers blocks no other, and is told', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ type: 'rare', count: 3 }]);
  w.submit('q', [{ count: 2 }]);
  t.deepEqual(sizes(decide(w)), [2]);
  t.deepEqual(w.planner.unservedTypes(), ['rare']);
  w.join('b', { types: ['rare'] });
  t.deepEqual(sizes(decide(w)), [3]);
  t.deepEqual(w.planner.unservedTypes(), []);
});

test('a paused queue waits, a limited one has no more out than its limit, others go on', (t) => {
  const w = world();
  w.configure('paused', { paused: true });
  w.configure('limited', { maxRunning: 1 });
  w.join('a', { capacity: 10 });
  for (const queue of ['paused', 'limited', 'free']) w.submit(queue, [{ count: 3 }]);
  decide(w);
  t.like(w.planner.queues(), {
    paused: { paused: true, pending: 3, running: 0 },
    limited: { pending: 2, running: 1 },
    free: { pending: 0, running: 3 },
  });
});

test('the queue of the highest priority goes first', (t) => {
  const w = world();
  w.configure('urgent', { priority: 5 });
  w.submit('usual', [{ count: 10 }], 'A');
  w.submit('urgent', [{ count: 3 }], 'B');
  w.join('a', { capacity: 4 });
  const given = assigned(decide(w)).map(({ batch }) => batch);
  t.deepEqual([given[0], w.running('urgent'), w.running('usual')], ['B', 3, 1]);
});

test('queues of one priority share by weight, in tasks', (t) => {
  const w = world();
  w.configure('heavy', { weight: 3 });
  w.submit('heavy', [{ count: 500 }], 'H');
  w.submit('light', [{ count: 500 }], 'L');
  w.join('a', { capacity: 4 });
  const given = { H: 0, L: 0 };
  for (let round = 0; round < 50; round++) {
    for (const { batch, tasks } of assigned(decide(w)))
      given[batch as 'H' | 'L'] += tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    w.now += 1_000;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
  t.true(Math.abs(given.H / given.L - 3) < 0.2, `${given.H}:${given.L}`);
});

test('a delayed task goes out when it is due, and the planner says when that is', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ delayMs: 5_000 }]);
  t.deepEqual(decide(w), []);
  t.is(w.planner.tally().scheduled, 1);
  t.is(w.planner.nextDueAt(), w.now + 5_000);
  w.now += 4_999;
  t.deepEqual(decide(w), []);
  w.now += 1;
  t.deepEqual(kinds(decide(w)), ['assign']);
});

test('a failed task goes out again when its retry is due, before those that were never out', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const batch = w.submit('q', [{ count: 3 }]);
  const [first] = assigned(decide(w));
  w.now += 1_000;
  w.report(first?.id ?? '', [{ ...one(0, 'failed'), retryAfterMs: 100 }], true);
  const [second] = assigned(decide(w));
  t.deepEqual(second?.tasks, [[1, 2]]);
  w.now += 100;
  w.reportRest(second?.id ?? '');
  t.like(assigned(decide(w))[0], { tasks: [[0, 1]], attempt: 2, batch });
});

test('what a worker held that died goes out again only after its assignment was revoked', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 2 }]);
  decide(w);
  w.join('b');
  w.die('a');
  const revoked = decide(w);
  t.like(revoked, [{ kind: 'revoke', reason: 'worker-lost', ends: [{ from: 0, to: 2, outcome: 'lost' }] }]);
  t.deepEqual(sizes(revoked), [], 'not yet: the last report may have been accepted first');
  t.like(assigned(decide(w))[0], { worker: 'b', attempt: 2, tasks: [[0, 2]] });
});

test('a report that was accepted before the revocation counts, and nothing goes out again', (t) => {
  const w = world();
  w.join('a');
  w.join('b');
  w.submit('q', [{ count: 1 }]);
  const [assignment] = assigned(decide(w));
  w.die(assignment?.worker ?? '');
  w.deliver();
  w.report(assignment?.id ?? '', 'all', true);
  w.settle();
  t.like(w.planner.tally(), { succeeded: 1, pending: 0, running: 0 });
  t.is(w.log.filter(({ kind }) => kind === 'assign').length, 1);
});

test('what is handed back while it is being taken away waits for that, and has the number of the next attempt', (t) => {
  for (const isApplied of [true, false]) {
    const w = world();
    w.join('a');
    const batch = w.submit('q', [{ count: 2 }]);
    const assignment = assigned(decide(w))[0]?.id ?? '';
    w.join('b');
    w.die('a');
    w.deliver();
    const plan = (): Command[] => w.planner.plan(w.now, seededRandom(1));
    const told = { batch, assignment, attempt: 1, at: w.now };
    t.like(plan()[0], { kind: 'revoke', ends: [{ from: 0, to: 2, outcome: 'lost' }] });
    w.planner.result({ ...told, ends: [{ from: 0, to: 2, outcome: 'returned' }], last: false });
    t.deepEqual(plan(), []);
    if (!isApplied) w.planner.assignmentGone(assignment);
    w.planner.result({ ...told, ends: isApplied ? [{ from: 0, to: 2, outcome: 'lost' }] : [], last: true });
    t.like(assigned(plan())[0], { worker: 'b', attempt: isApplied ? 2 : 1, tasks: [[0, 2]] });
  }
});

test('a leader that finds tasks handed back and then lost takes them for lost', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2 }]);
  w.deliver();
  const told = { batch, assignment: `${batch}.e1-1`, attempt: 1, at: w.now };
  w.planner.result({ ...told, ends: [{ from: 0, to: 2, outcome: 'returned' }], last: false });
  w.planner.result({ ...told, ends: [{ from: 0, to: 2, outcome: 'lost' }], last: true });
  t.like(assigned(w.planner.plan(w.now, seededRandom(1)))[0], { attempt: 2, tasks: [[0, 2]] });
});

test('a task whose workers keep dying is failed in the end', (t) => {
  const w = world();
  w.submit('q', [{ count: 1 }]);
  for (let death = 0; death < MAX_LOSSES; death++) {
    w.join(`w${death}`);
    w.settle();
    w.die(`w${death}`);
    w.settle();
  }
  t.like(w.planner.tally(), { failed: 1, pending: 0 });
});

test('a draining worker is given nothing, and keeps what it has', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 1 }]);
  decide(w);
  w.join('a', { draining: true });
  w.submit('q', [{ count: 1 }]);
  t.deepEqual(decide(w), []);
  t.is(w.out('a'), 1);
});

test('a cancel of a waiting task is written at once; one that is out is asked for, and taken away after the grace', (t) => {
  const w = world('round-robin', { graceMs: 500 });
  w.join('a', { capacity: 2 });
  const batch = w.submit('q', [{ count: 3 }]);
  decide(w);
  const replies = w.planner.cancel(
    [0, 2, 7].map((index) => ({ batch, index })),
    w.now,
  );
  t.deepEqual(
    replies.map(({ ok, state }) => [ok, state]),
    [
      [true, 'running'],
      [true, 'cancelled'],
      [false, 'unknown'],
    ],
  );
  t.like(decide(w), [
    { kind: 'record', ends: [{ from: 2, to: 3, outcome: 'cancelled' }] },
    { kind: 'notify', recall: false, cancel: [[0, 1]] },
  ]);
  w.now += 500;
  t.like(decide(w)[0], {
    kind: 'revoke',
    reason: 'cancelled',
    ends: [one(0, 'cancelled'), one(1, 'lost')],
  });
});

test('a cancelled task that fails before its worker hears of the cancel is cancelled, not retried', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1 }]);
  const [assignment] = assigned(decide(w));
  w.planner.cancel([{ batch, index: 0 }], w.now);
  w.report(assignment?.id ?? '', [one(0, 'failed')], true);
  w.settle();
  t.is(w.planner.stateOf({ batch, index: 0 }), 'cancelled');
});

test('the leader takes away what a worker should have ended long ago', (t) => {
  const w = world('round-robin', { graceMs: 500 });
  w.join('a', { capacity: 1 });
  w.submit('q', [{ count: 1, timeoutMs: 1_000 }]);
  decide(w);
  t.is(w.planner.nextDueAt(), w.now + 1_500);
  w.now += 1_500;
  t.like(decide(w), [{ kind: 'revoke', reason: 'timed-out', ends: [one(0, 'timed-out')] }]);
});

test('when a worker runs dry, another is asked once to hand back what it has ahead and has not ended for a while', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  w.submit('q', [{ count: 60 }]);
  for (let round = 0; round < 3; round++) {
    const commands = decide(w);
    w.now += 1;
    for (const { id } of assigned(commands)) if (round < 2) w.report(id, 'all', true);
  }
  t.true(w.out('a') > 1);
  w.join('b', { capacity: 1 });
  t.deepEqual(decide(w), [], 'it may well be through in a moment');
  w.now = w.planner.nextDueAt() ?? 0;
  const asked = decide(w);
  t.true(asked.length > 0 && asked.every((command) => command.kind === 'notify' && command.recall));
  w.now += 10_000;
  const again = decide(w).filter((command) => command.kind === 'notify');
  const before = new Set(asked.map((command) => (command.kind === 'notify' ? command.assignment.id : '')));
  t.true(again.every((command) => !before.has(command.assignment.id)));
});

test('however many are dry and stalled, an assignment is asked for once, and nobody for more than others can take', (t) => {
  const w = world();
  for (let n = 0; n < 20; n++) w.join(`slow${n}`, { capacity: 1 });
  w.submit('q', [{ count: 200 }]);
  for (let round = 0; round < 3; round++) {
    const out = assigned(decide(w));
    w.now += 10;
    for (const { id, tasks } of out)
      w.report(id, 'all', true, spent(tasks.reduce((sum, [from, to]) => sum + to - from, 0)));
  }
  w.submit('q', [{ count: 400 }]);
  decide(w);
  for (let n = 0; n < 50; n++) w.join(`dry${n}`);
  const pending = w.planner.tally().pending;
  t.is(pending, 0, 'everything is out at the slow');
  w.now += 1_000;
  const asked = decide(w).flatMap((command) => (command.kind === 'notify' ? [command.assignment] : []));
  t.true(asked.length > 0);
  t.is(new Set(asked.map(({ id }) => id)).size, asked.length);
  t.true(asked.every(({ worker }) => worker.startsWith('slow')));
  t.deepEqual(
    decide(w).filter(({ kind }) => kind === 'notify'),
    [],
  );
});

test('work is not asked back before two ways would have ended, also of a worker that has not answered yet', (t) => {
  for (const slow of ['far', 'new']) {
    const w = world();
    w.join('far', { capacity: 1 });
    w.submit('q', [{ count: 1 }]);
    for (const { id } of assigned(decide(w))) {
      w.now += 200;
      w.report(id, 'all', true, { ranMs: 0.1, heldMs: 1 });
    }
    if (slow === 'new') {
      w.die('far');
      w.join('new', { capacity: 1 });
    }
    w.submit('q', [{ count: 10 }]);
    decide(w);
    t.is(w.out(slow), 10);
    w.join('dry');
    for (const { waitedMs, asked } of [
      { waitedMs: 150, asked: false },
      { waitedMs: 400, asked: true },
    ]) {
      w.now += waitedMs;
      t.is(kinds(decide(w)).includes('notify'), asked, `${slow} after ${waitedMs} ms more`);
    }
  }
});

test('a key is released when its task ends, not before, and before the batch is finished', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 1, key: 'k' }, { count: 1 }]);
  const [assignment] = assigned(decide(w));
  w.report(assignment?.id ?? '', [one(1, 'succeeded')], false);
  t.deepEqual(decide(w), []);
  w.report(assignment?.id ?? '', [one(0, 'succeeded')], true);
  t.deepEqual(kinds(decide(w)), ['release-key', 'finish']);
});

test('a failed task of a finished batch runs again: reopened, recorded, handed out, finished again', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2, maxAttempts: 1 }]);
  const [assignment] = assigned(decide(w));
  w.report(assignment?.id ?? '', [one(0, 'succeeded'), one(1, 'failed')], true);
  t.like(decide(w), [{ kind: 'finish', succeeded: 1, failed: [1], attempts: [1] }]);
  t.like(w.planner.retry([{ batch, index: 0 }], w.now), [{ ok: false, state: 'succeeded' }]);
  t.like(w.planner.retry([{ batch, index: 1 }], w.now), [{ ok: true, state: 'pending' }]);
  const commands = decide(w);
  t.deepEqual(kinds(commands), ['reopen', 'record', 'assign']);
  t.like(assigned(commands)[0], { attempt: 2, tasks: [[1, 2]] });
  w.reportRest(assigned(commands)[0]?.id ?? '');
  t.like(decide(w), [{ kind: 'finish', succeeded: 2, failed: [] }]);
});

test('a leader that finds a finished batch can retry its failed tasks', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1, maxAttempts: 1 }]);
  w.settle();
  w.reportRest([...w.assignments.keys()][0] ?? '', 'failed');
  w.settle();
  w.takeOver();
  w.planner.retry([{ batch, index: 0 }], w.now);
  t.like(assigned(decide(w)), [{ attempt: 2 }]);
});

test('a change of leader moves nothing', (t) => {
  const w = world();
  w.join('a');
  w.join('b');
  w.submit('q', [{ count: 8 }]);
  decide(w);
  w.takeOver();
  t.deepEqual(decide(w), []);
  t.is(w.planner.tally().running, 8);
});

test('retention removes the oldest finished batches above the limit, none before its time', (t) => {
  const w = world('round-robin', { retainTasks: 2, retainAtLeastMs: 1_000, retainMs: 10_000 });
  w.join('a', { capacity: 4 });
  for (let batch = 0; batch < 2; batch++) {
    w.submit('q', [{ count: 2 }]);
    w.settle();
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
    w.settle();
    w.now += 10;
  }
  t.is(w.batches.size, 2);
  w.now = w.planner.nextDueAt() ?? 0;
  t.like(decide(w), [{ kind: 'remove', batch: 'B00000' }]);
  w.now = w.planner.nextDueAt() ?? 0;
  t.like(decide(w), [{ kind: 'remove', batch: 'B00001' }]);
  t.is(w.planner.nextDueAt(), null);
});

test('a batch that somebody removed by hand is forgotten, and its assignments are taken away', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 6 }]);
  decide(w);
  w.planner.batchGone(batch);
  t.like(w.planner.plan(w.now, seededRandom(1)), [{ kind: 'revoke', ends: [], reason: 'removed' }]);
  t.deepEqual(w.planner.tally(), {
    scheduled: 0,
    pending: 0,
    running: 0,
    retrying: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  });
});

const spent = (ranMs: number, heldMs = ranMs): { ranMs: number; heldMs: number } => ({ ranMs, heldMs });

test('how much goes ahead follows from the time that the worker says it needed, however long the way is', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  for (let batch = 0; batch < 4; batch++) w.submit('q', [{ count: 500 }]);
  for (let round = 0; round < 6; round++) {
    const out = assigned(decide(w));
    w.now += 100;
    for (const { id, tasks } of out) {
      const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
      w.report(id, 'all', true, spent(count * 5));
    }
  }
  const ahead = w.out('a') + sizes(decide(w)).reduce((sum, size) => sum + size, 0);
  t.true(ahead * 5 >= 100, `${ahead} tasks of 5 ms to hide a way of 100 ms`);
  t.true(ahead * 5 <= 1_000, `${ahead} tasks of 5 ms are more than any way lasts`);
});

test('a worker that cannot keep up gets less: once it has shown its pace, what it ends', (t) => {
  const w = world();
  const paces = { quick: 1, slow: 10 };
  for (const worker of Object.keys(paces)) w.join(worker, { capacity: 1 });
  for (let batch = 0; batch < 40; batch++) w.submit('q', [{ count: 100 }]);
  const ends: { at: number; id: string; ranMs: number }[] = [];
  const freeAt = { quick: 0, slow: 0 };
  const given = { quick: 0, slow: 0 };
  const [known, end] = [w.now + 1_000, w.now + 3_000];
  for (; w.now < end; w.now++) {
    for (const { id, ranMs } of ends.filter(({ at }) => at === w.now)) w.report(id, 'all', true, spent(ranMs));
    for (const { id, worker, tasks } of assigned(decide(w))) {
      const name = worker as keyof typeof paces;
      const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
      const ranMs = count * paces[name];
      if (w.now >= known) given[name] += count;
      freeAt[name] = Math.max(freeAt[name], w.now) + ranMs;
      ends.push({ at: freeAt[name], id, ranMs });
    }
  }
  t.true(given.quick >= 1_800, `quick: ${given.quick} tasks in 2,000 ms`);
  t.true(given.slow > 0 && given.slow <= 220, `slow: ${given.slow} tasks of 10 ms in 2,000 ms`);
});

test('while much is pending assignments are twice as large, and towards its end they shrink again', (t) => {
  const w = world();
  const ranMs = 1;
  w.join('a', { capacity: 1 });
  for (let batch = 0; batch < 10; batch++) w.submit('q', [{ count: 100 }]);
  const sizesInTurn: number[] = [];
  for (let commands = decide(w); assigned(commands).length > 0; commands = decide(w)) {
    sizesInTurn.push(...sizes(commands));
    w.now += 1;
    for (const { id, tasks } of assigned(commands))
      w.report(id, 'all', true, spent(ranMs * tasks.reduce((sum, [from, to]) => sum + to - from, 0)));
  }
  const { aheadMs } = DEFAULT_PLANNER_SETTINGS;
  t.is(Math.max(...sizesInTurn), (2 * aheadMs) / ranMs);
  t.true((sizesInTurn.at(-1) ?? Infinity) <= aheadMs / ranMs, String(sizesInTurn));
});

test('tasks that are through in no time are not divided among many', (t) => {
  const w = world();
  for (let n = 0; n < 100; n++) w.join(`w${n}`, { capacity: 8 });
  w.submit('q', [{ count: 8 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(0.001));
  w.submit('q', [{ count: 500 }]);
  w.submit('q', [{ count: 500 }]);
  const commands = decide(w);
  t.deepEqual(sizes(commands), [500, 500]);
  t.is(new Set(assigned(commands).map(({ worker }) => worker)).size, 2);
});

test('a type of unknown pace is tried out on few of many workers, then on twice as many', (t) => {
  const w = world();
  for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 8 });
  w.submit('q', [{ count: 20_000 }]);
  const busy = (): number => [...w.workers.keys()].filter((id) => w.out(id) > 0).length;
  decide(w);
  for (let few = PROBES; few < 1_000; few *= 2) {
    t.is(busy(), few);
    t.is(w.planner.nextDueAt(), w.now + PROBE_MS);
    w.now += PROBE_MS;
    decide(w);
  }
  t.is(busy(), 1_000, 'slow work keeps everybody busy');
});

test('once the pace is told, everybody may be given tasks, and as few assignments are made as are soonest ended', (t) => {
  for (const { ms, assignments } of [
    { ms: 0.001, assignments: 4 },
    { ms: 0.1, assignments: 14 },
    { ms: 1, assignments: 100 },
    { ms: 1_000, assignments: 1_000 },
  ]) {
    const w = world();
    for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 1 });
    w.submit('q', [{ count: 1 }]);
    for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(ms));
    w.submit('q', [{ count: 2_000 }]);
    const made = sizes(decideAll(w)).length;
    t.true(made <= 1.5 * assignments && made >= assignments / 1.5, `${made} assignments of tasks of ${ms} ms`);
  }
});

test('a plan makes so many assignments at most and the next one goes on, with the same shares', (t) => {
  const w = world('weighted');
  for (let n = 0; n < 400; n++) w.join(`w${n}`, { capacity: 6, weight: n < 200 ? 1 : 2 });
  w.submit('q', [{ count: 1 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(5_000));
  w.now += 1_000;
  for (const { id } of assigned(decideAll(w))) w.reportRest(id);
  w.submit('q', [{ count: 1_500 }]);
  const all: Command[] = [];
  for (let made = MAX_ASSIGNMENTS; made === MAX_ASSIGNMENTS;) {
    const commands = decide(w);
    made = assigned(commands).length;
    t.true(made <= MAX_ASSIGNMENTS);
    if (made === MAX_ASSIGNMENTS && w.planner.tally().pending > 0) t.is(w.planner.nextDueAt(), w.now);
    all.push(...commands);
  }
  t.is(w.planner.tally().pending, 0);
  const out = [...w.workers].map(([id, { weight }]) => w.out(id) / weight);
  t.true(Math.max(...out) <= 3 && Math.min(...out) >= 2, `${Math.min(...out)} to ${Math.max(...out)} by weight`);
});

test('what was dealt and not yet handed out is not for a worker that drains or is gone meanwhile', (t) => {
  const w = world();
  for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 1 });
  w.submit('q', [{ count: 1 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(5_000));
  w.submit('q', [{ count: 1_000 }]);
  t.is(assigned(decide(w)).length, MAX_ASSIGNMENTS);
  const idle = [...w.workers.keys()].filter((id) => w.out(id) === 0);
  const [gone = '', drains = ''] = idle;
  w.die(gone);
  w.join(drains, { capacity: 1, draining: true });
  decideAll(w);
  t.deepEqual([w.out(gone), w.out(drains)], [0, 0]);
  t.true(idle.slice(2).every((id) => w.out(id) === 1));
});

test('with a weighted strategy a weight of 3 gets three times the tasks, of whatever slices', (t) => {
  const w = world('weighted');
  w.join('heavy', { capacity: 8, weight: 3 });
  w.join('light', { capacity: 8, weight: 1 });
  for (let batch = 0; batch < 8; batch++) w.submit('q', [{ count: 500 }]);
  const given = { heavy: 0, light: 0 };
  for (let round = 0; round < 100; round++) {
    for (const { worker, tasks } of assigned(decide(w)))
      given[worker as 'heavy' | 'light'] += tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    w.now += 100;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
  t.true(Math.abs(given.heavy / given.light - 3) < 0.3, `${given.heavy}:${given.light}`);
});

test('a weight of 3 gets three times the quick tasks too, of which hundreds go out ahead, whoever is faster', (t) => {
  for (const perRound of [
    { heavy: 100, light: 100 },
    { heavy: 100, light: 300 },
  ]) {
    const w = world('weighted');
    w.join('heavy', { capacity: 8, weight: 3 });
    w.join('light', { capacity: 8, weight: 1 });
    for (let batch = 0; batch < 60; batch++) w.submit('q', [{ count: 500 }]);
    const ended = { heavy: 0, light: 0 };
    for (let round = 0; round < 200; round++) {
      decide(w);
      w.now += 2;
      const left = { ...perRound };
      for (const [id, { fact, open }] of w.assignments) {
        const worker = fact.worker as 'heavy' | 'light';
        if (left[worker] <= 0) continue;
        left[worker] -= open.size;
        ended[worker] += open.size;
        w.report(id, 'all', true);
      }
    }
    t.true(ended.heavy / ended.light > 2.5 && ended.heavy / ended.light < 3.5, JSON.stringify({ perRound, ended }));
  }
});
