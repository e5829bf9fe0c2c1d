import test from 'ava';
import { decide, decideAll, kinds, one, world } from '../test/decide.js';

const STEP = { isStep: true, isKept: true };

test('ends of steps are told apart from those of other tasks, with their times', (t) => {
  const w = world();
  w.join('a');
  const step = w.submit('q', [{ count: 2, maxAttempts: 1 }], undefined, STEP);
  const plain = w.submit('q', [{ count: 1 }]);
  const [first, second] = decide(w).map((command) => (command.kind === 'assign' ? command.assignment : null));
  w.now += 50;
  for (const assignment of [first, second])
    w.report(assignment?.id ?? '', assignment?.batch === step ? [one(0, 'succeeded'), one(1, 'failed')] : 'all', true);
  decide(w);
  t.deepEqual(w.planner.takeEndedSteps(), [
    { batch: step, index: 0, state: 'succeeded', at: w.now },
    { batch: step, index: 1, state: 'failed', at: w.now },
  ]);
  t.deepEqual(w.planner.takeEndedSteps(), []);
  t.deepEqual(w.planner.takeEnded(), []);
  t.is(w.planner.stateOf({ batch: plain, index: 0 }), 'succeeded');
});

test('nobody retries, purges or moves a step by hand: the answer says how its flow does', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1, maxAttempts: 1 }], undefined, STEP);
  decide(w);
  w.reportRest([...w.assignments.keys()][0] ?? '', 'failed');
  decideAll(w);
  const task = { batch, index: 0 };
  const { planner, now } = w;
  const change = { queue: 'other', dead: true };
  const answers = [
    ...planner.retry([task], now),
    ...planner.purge([task]),
    ...planner.change([task], change, now, () => 'NEW'),
  ];
  for (const { ok, state, message = '' } of answers) {
    t.false(ok);
    t.is(state, 'failed');
    t.regex(message, /drover flow retry/);
  }
  t.is(answers.length, 3);
  t.deepEqual(kinds(decide(w)), []);
});

test('a draft costs no entry of the heap, waits without an end, and its times count from when its map begins', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 3, expiresMs: 100, delayMs: 20 }], undefined, { ...STEP, isDraft: true });
  t.deepEqual(kinds(decide(w)), []);
  t.is(w.planner.tally().scheduled, 3);
  t.is(w.planner.nextDueAt(), null);
  w.now += 10_000;
  t.deepEqual(kinds(decide(w)), []);
  w.activate(batch);
  t.is(w.planner.nextDueAt(), w.now + 20);
  w.now += 20;
  t.deepEqual(kinds(decide(w)), ['assign']);
});

test('items of a draft may be cancelled before the map begins, and then the draft is finished', (t) => {
  const w = world();
  const batch = w.submit('q', [{ count: 2 }], undefined, { ...STEP, isDraft: true });
  w.deliver();
  w.planner.cancel(
    [0, 1].map((index) => ({ batch, index })),
    w.now,
  );
  t.deepEqual(kinds(decideAll(w)), ['record', 'finish']);
  t.deepEqual(
    w.planner.takeEndedSteps().map(({ state }) => state),
    ['cancelled', 'cancelled'],
  );
});

test('a draft that is discarded is removed, one that has something out is not', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const [lost, used] = [0, 1].map(() => w.submit('q', [{ count: 2 }], undefined, { ...STEP, isDraft: true }));
  w.deliver();
  w.activate(used ?? '');
  decide(w);
  t.true(w.discard(lost ?? ''));
  t.false(w.discard(used ?? ''));
  t.false(w.discard('none'));
  t.deepEqual(decide(w), [{ kind: 'remove', batch: lost, tasks: 2, failed: 0 }]);
});
