import test from 'ava';
import { assigned, decide, decideAll, kinds, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import type { TaskChange } from './change.js';

let ids = 0;
const change = (w: World, batch: string, index: number, wanted: TaskChange) =>
  w.planner.change([{ batch, index }], wanted, w.now, () => `M${ids++}`)[0];
const stateOf = (w: World, batch: string, index = 0) => w.planner.stateOf({ batch, index });

test('a task that waits is due when somebody says, whatever was said before, also for the next leader', (t) => {
  const w = world();
  const batch = w.submit('q', [{ count: 3, delayMs: 60_000 }, { count: 1 }]);
  w.deliver();
  t.like(change(w, batch, 0, { dueAt: w.now }), { ok: true, state: 'pending' });
  t.like(change(w, batch, 1, { dueAt: w.now + 10_000 }), { ok: true, state: 'scheduled' });
  t.like(change(w, batch, 1, { dueAt: w.now + 90_000 }), { ok: true, state: 'scheduled' });
  t.like(change(w, batch, 3, { dueAt: w.now + 5_000 }), { ok: true, state: 'scheduled' });
  decide(w);
  t.is(stateOf(w, batch, 2), 'scheduled');
  w.takeOver();
  w.join('a', { capacity: 8 });
  t.deepEqual(
    assigned(decide(w)).map(({ tasks }) => tasks),
    [[[0, 1]]],
  );
  w.now += 5_000;
  t.deepEqual(
    assigned(decide(w)).map(({ tasks }) => tasks),
    [[[3, 4]]],
  );
  w.now += 6_000;
  t.deepEqual(decide(w), [], 'the first time that was said of task 1 does not count any more');
  w.now += 49_000;
  t.deepEqual(
    assigned(decide(w)).map(({ tasks }) => tasks),
    [[[2, 3]]],
    'its own delay',
  );
  w.now += 30_000;
  t.deepEqual(
    assigned(decide(w)).map(({ tasks }) => tasks),
    [[[1, 2]]],
  );
});

test('a retry need not wait for its pause, and a later failure has a pause of its own again', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 1, maxAttempts: 3 }]);
  const [first] = assigned(decide(w));
  w.report(first?.id ?? '', [one(0, 'failed')], true);
  decide(w);
  t.is(stateOf(w, batch), 'retrying');
  t.like(change(w, batch, 0, { dueAt: w.now }), { ok: true, state: 'pending' });
  const [again] = assigned(decide(w));
  t.is(again?.attempt, 2, 'it uses no attempt up');
  t.like(change(w, batch, 0, { dueAt: w.now }), {
    ok: false,
    state: 'assigned',
    message: 'a worker has it; only tasks that wait can be changed',
  });
  w.report(again?.id ?? '', [one(0, 'failed')], true);
  decide(w);
  t.is(stateOf(w, batch), 'retrying');
  w.now += 3_600_000;
  t.is(assigned(decide(w))[0]?.attempt, 3);
});

test('with another queue or priority it goes on in another batch, with what is left of its delay', (t) => {
  const w = world();
  const batch = w.submit('q', [
    { count: 2, delayMs: 10_000 },
    { count: 1, key: 'k' },
  ]);
  w.deliver();
  w.now += 4_000;
  const reply = change(w, batch, 0, { queue: 'r', priority: 5 });
  t.like(reply, { ok: true, state: 'cancelled' });
  const id = reply?.moved?.split('.')[0] ?? '';
  t.like(change(w, batch, 2, { queue: 'r' }), {
    ok: false,
    message: 'its key belongs to it; cancel it and submit it anew',
  });
  t.deepEqual(kinds(decide(w)), ['move']);
  decide(w);
  t.like(w.batches.get(id)?.fact, { queue: 'r', groups: [{ count: 1, priority: 5, delayMs: 6_000 }] });
  for (const each of ['this', 'the next']) {
    t.deepEqual([stateOf(w, batch), stateOf(w, id)], ['cancelled', 'scheduled'], `${each} leader`);
    w.takeOver();
    decide(w);
  }
});

test('a dead letter runs again in another queue; the old one has ended once, for this leader and the next', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2, maxAttempts: 1 }]);
  const [out] = assigned(decide(w));
  w.report(out?.id ?? '', [one(0, 'failed'), one(1, 'succeeded')], true);
  decide(w);
  const reply = change(w, batch, 0, { queue: 'r', dead: true });
  const id = reply?.moved?.split('.')[0] ?? '';
  t.like(change(w, batch, 1, { queue: 'r', dead: true }), { ok: false, state: 'succeeded' });
  t.like(change(w, batch, 0, { queue: 'r', dead: true }), { ok: false, state: 'cancelled' }, 'not twice');
  const commands = decideAll(w);
  t.deepEqual(kinds(commands).slice(0, 2), ['move', 'finish']);
  t.like(commands[1], { succeeded: 1, failed: [], cancelled: 1 });
  t.is(stateOf(w, id), 'assigned');
  w.takeOver();
  decide(w);
  t.deepEqual([stateOf(w, batch), stateOf(w, id)], ['cancelled', 'assigned']);
});

test('a task that moves is due where it goes when it was due where it was: by its pause, and by no earlier wish', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [
    { count: 1, maxAttempts: 3, retry: { kind: 'constant', delayMs: 30_000, maxDelayMs: 30_000, jitter: 0 } },
  ]);
  const [{ id } = { id: '' }] = assigned(decideAll(w));
  w.reportRest(id, 'failed');
  decide(w);
  t.is(stateOf(w, batch), 'retrying');
  const delayOf = () =>
    decide(w).flatMap((command) =>
      command.kind === 'move' ? command.into.tasks.map(({ group }) => group.delayMs) : [],
    );
  change(w, batch, 0, { priority: 3 });
  t.deepEqual(delayOf(), [30_000]);
  const other = w.submit('q', [{ count: 1, delayMs: 1_000 }]);
  w.configure('q', { paused: true });
  w.deliver();
  change(w, other, 0, { dueAt: w.now + 3_600_000 });
  change(w, other, 0, { dueAt: w.now });
  decide(w);
  change(w, other, 0, { priority: 3 });
  t.deepEqual(delayOf(), [0]);
});
