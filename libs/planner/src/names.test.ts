import test from 'ava';
import { assigned, decide, decideAll, kinds, one, world } from '../test/decide.js';

const QUEUES = ['q1', 'q2', 'q3'];

test('names count while a task of theirs is unfinished, and are forgotten with the last one', (t) => {
  const w = world();
  w.configure('declared', { weight: 2 });
  t.is(w.planner.load().names, 0);
  for (const queue of QUEUES) w.submit(queue, [{ count: 1 }, { count: 1, type: 'other' }]);
  w.submit('q1', [{ count: 1 }]);
  w.deliver();
  t.is(w.planner.load().names, 3, 'three queues, two types');
  t.deepEqual(Object.keys(w.planner.queues().shown).sort(), ['declared', ...QUEUES]);
  w.join('a', { capacity: 10, types: ['t', 'other'] });
  for (let given = assigned(decideAll(w)); given.length > 0; given = assigned(decideAll(w)))
    for (const { id } of given) w.reportRest(id);
  t.is(w.planner.tally().succeeded, 7);
  t.is(w.planner.load().names, 0);
  t.deepEqual(Object.keys(w.planner.queues().shown), ['declared']);
  for (const queue of [...QUEUES, 'declared']) t.true(w.planner.knowsQueue(queue), queue);
  t.false(w.planner.knowsQueue('never'));
});

test('types count too, where they are more than the queues', (t) => {
  const w = world();
  w.submit(
    'q',
    Array.from({ length: 20 }, (_, i) => ({ count: 1, type: `type${i}` })),
  );
  w.deliver();
  t.is(w.planner.load().names, 20);
});

test('a failed task of a queue that was forgotten runs again there, by the settings that the queue has now', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2, maxAttempts: 1 }]);
  const [assignment] = assigned(decide(w));
  w.report(assignment?.id ?? '', [one(0, 'succeeded'), one(1, 'failed')], true);
  decide(w);
  t.deepEqual(w.planner.queues().shown, {});
  w.configure('q', { paused: true });
  t.like(w.planner.retry([{ batch, index: 1 }], w.now), [{ ok: true, state: 'pending' }]);
  t.deepEqual(kinds(decide(w)), ['reopen', 'record']);
  t.like(w.planner.queues().shown, { q: { pending: 1, out: 0 } });
  w.configure('q', { paused: false });
  const [again] = assigned(decide(w));
  t.like(again, { attempt: 2, tasks: [[1, 2]] });
  w.reportRest(again?.id ?? '');
  t.like(decide(w), [{ kind: 'finish', succeeded: 2, failed: [] }]);
});

test('of very many queues and types the first are shown, and the others counted', (t) => {
  const w = world();
  for (let i = 0; i < 30; i++) w.submit(`q${i}`, [{ count: 1 + i, type: `type${String(i).padStart(2, '0')}` }]);
  w.deliver();
  const queues = w.planner.queues(3);
  t.deepEqual([Object.keys(queues.shown), queues.leftOut], [['q29', 'q28', 'q27'], 27]);
  t.deepEqual(w.planner.unservedTypes(3), { shown: ['type00', 'type01', 'type02'], leftOut: 27 });
  t.is(Object.keys(w.planner.queues().shown).length, 30);
});

test('while nothing may be handed out everything else goes on', (t) => {
  const w = world();
  w.join('a');
  const batch = w.submit('q', [{ count: 2 }]);
  w.deliver();
  t.deepEqual(
    w.planner.plan(w.now, () => 0, { assign: false }),
    [],
  );
  w.planner.cancel([{ batch, index: 0 }], w.now);
  t.deepEqual(kinds(w.planner.plan(w.now, () => 0, { assign: false })), ['record']);
  t.is(w.planner.tally().pending, 1);
});
