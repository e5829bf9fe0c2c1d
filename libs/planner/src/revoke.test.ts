import { MAX_LOSSES } from '@drover/core';
import test from 'ava';
import { assigned, decide, one, sizes, world } from '../test/decide.js';
import { seededRandom } from '../test/world.js';
import type { Command } from './model.js';

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
  t.like(w.planner.tally(), { succeeded: 1, pending: 0, out: 0 });
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
      [true, 'assigned'],
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

test('a task whose reports nobody can make sense of is lost each time, with a number of its own, and failed in the end', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2 }]);
  const attempts: number[] = [];
  for (let report = 0; report < MAX_LOSSES; report++) {
    const [assignment] = assigned(decide(w));
    attempts.push(assignment?.attempt ?? 0);
    w.report(assignment?.id ?? '', report === 0 ? [one(0, 'succeeded')] : [], true);
  }
  const commands = decide(w);
  t.deepEqual(attempts, [1, 2, 3]);
  t.like(commands[0], { kind: 'record', attempt: 3, worker: 'a', ends: [one(1, 'lost')] });
  t.like(commands.at(-1), { kind: 'finish', succeeded: 1, failed: [1], attempts: [3] });
  t.is(w.planner.stateOf({ batch, index: 1 }), 'failed');
});

test('an assignment that somebody removed by hand counts as lost, except for what it had handed back', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 4 }]);
  const [assignment] = assigned(decide(w));
  w.report(assignment?.id ?? '', [one(3, 'returned')], false);
  w.report(assignment?.id ?? '', [], true);
  w.deliver();
  const commands = w.plan();
  t.like(commands[0], { kind: 'record', ends: [{ from: 0, to: 3, outcome: 'lost' }] });
  t.deepEqual(
    assigned(commands).map(({ attempt, tasks }) => [attempt, tasks]),
    [
      [1, [[3, 4]]],
      [2, [[0, 3]]],
    ],
  );
});

test('a cancel counts also when nobody can tell how the attempt ended', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1 }]);
  const [assignment] = assigned(decide(w));
  w.planner.cancel([{ batch, index: 0 }], w.now);
  w.report(assignment?.id ?? '', [], true);
  w.settle();
  t.is(w.planner.stateOf({ batch, index: 0 }), 'cancelled');
});
