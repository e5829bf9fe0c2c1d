import test from 'ava';
import { assigned, decide, kinds, one, world } from '../test/decide.js';
import { seededRandom } from '../test/world.js';

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
  t.like(w.planner.retry([{ batch, index: 0 }], w.now), [
    { ok: false, state: 'succeeded', message: 'only failed tasks can be retried; it is succeeded' },
  ]);
  t.like(w.planner.cancel([{ batch, index: 0 }], w.now), [
    { ok: false, state: 'succeeded', message: 'already finished (succeeded)' },
  ]);
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
  t.is(w.planner.tally().out, 8);
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
    out: 0,
    retrying: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  });
});

test('a failed task that had a key runs again only with it', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1, key: 'k', maxAttempts: 1 }]);
  w.settle();
  w.reportRest([...w.assignments.keys()][0] ?? '', 'failed');
  w.settle();
  const task = { batch, index: 0 };
  t.like(w.planner.retry([task], w.now), [{ ok: false, state: 'failed' }]);
  const other = w.submit('q', [{ count: 1, key: 'k' }]);
  w.retry([task]);
  w.settle();
  t.is(w.planner.stateOf(task), 'failed', 'the other one has it');
  w.reportRest([...w.assignments.keys()][0] ?? '');
  w.settle();
  t.is(w.planner.stateOf({ batch: other, index: 0 }), 'succeeded');
  w.retry([task]);
  t.is(w.planner.stateOf(task), 'failed', 'until the transaction is answered');
  w.settle();
  t.is(w.planner.stateOf(task), 'assigned');
  t.deepEqual([...w.keys.values()], [`${batch}.0`]);
  w.reportRest([...w.assignments.keys()][0] ?? '');
  w.settle();
  t.deepEqual([w.planner.stateOf(task), w.keys.size], ['succeeded', 0]);
});

test('a batch whose failed task takes its key again is neither finished nor removed meanwhile', (t) => {
  const w = world('round-robin', { retainTasks: 0, retainDeadTasks: 0, retainAtLeastMs: 1_000 });
  w.join('a');
  const batch = w.submit('q', [{ count: 1, key: 'k', maxAttempts: 1 }]);
  w.settle();
  w.reportRest([...w.assignments.keys()][0] ?? '', 'failed');
  w.settle();
  for (const isTaken of [false, true]) {
    const claim = w.planner.claimKey({ batch, index: 0 }, w.now);
    if (claim === null) return t.fail();
    w.now += 10_000;
    t.deepEqual(kinds(w.planner.plan(w.now, seededRandom(1))), []);
    t.true(w.planner.keyClaimed(claim, isTaken));
    if (isTaken) t.is(w.planner.stateOf({ batch, index: 0 }), 'pending');
    else w.now -= 10_000;
  }
});

test('the time of a retried task with a key begins when the retry was asked for, as its record tells the next leader', (t) => {
  const w = world();
  const batch = w.submit('q', [{ count: 1, key: 'k', expiresMs: 1_000 }]);
  w.settle();
  w.now += 1_000;
  w.settle();
  const task = { batch, index: 0 };
  t.is(w.planner.stateOf(task), 'failed');
  w.retry([task]);
  w.now += 900;
  w.settle();
  t.is(w.planner.stateOf(task), 'pending', 'the answer of the transaction was late, the time runs');
  const states = [99, 1].map((ms) => {
    w.now += ms;
    const next = w.rebuilt();
    next.plan(w.now, seededRandom(1));
    w.settle();
    return [w.planner.stateOf(task), next.stateOf(task)];
  });
  t.deepEqual(states, [
    ['pending', 'pending'],
    ['failed', 'failed'],
  ]);
});

test('a retried task whose claim is answered after its neighbour has expired expires, too', (t) => {
  const w = world();
  const limited = { count: 1, expiresMs: 1_000 };
  const batch = w.submit('q', [limited, { ...limited, key: 'k' }]);
  w.settle();
  w.now += 1_000;
  w.settle();
  w.retry([
    { batch, index: 0 },
    { batch, index: 1 },
  ]);
  w.plan();
  w.now += 1_000;
  w.plan();
  t.is(w.planner.stateOf({ batch, index: 0 }), 'failed');
  w.deliver();
  t.is(w.planner.stateOf({ batch, index: 1 }), 'pending');
  w.plan();
  t.is(w.planner.stateOf({ batch, index: 1 }), 'failed');
});

test('the keys of a batch that somebody removed by hand are free', (t) => {
  const w = world();
  const batch = w.submit('q', [{ count: 1, key: 'a' }, { count: 1 }]);
  w.settle();
  w.planner.batchGone(batch);
  t.like(w.planner.plan(w.now, seededRandom(1)), [{ kind: 'release-key', key: 'a', batch, index: 0 }]);
});
