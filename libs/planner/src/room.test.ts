import test from 'ava';
import type { World } from '../test/world.js';
import { assigned, decide, one, world } from '../test/decide.js';
import { askToMakeRoom } from './assignments.js';
import type { Command } from './model.js';
import { DEFAULT_PLANNER_SETTINGS } from './settings.js';

const { graceMs, preemptGraceMs } = DEFAULT_PLANNER_SETTINGS;

/** One assignment of two tasks at worker `a`, which is asked to let them make room. */
function asked(): { w: World; id: string; notices: Command[] } {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 2 }]);
  const [fact] = assigned(decide(w));
  const assignment = w.state.assignments.byId(fact?.id ?? '');
  if (assignment === undefined) throw new Error('nothing was handed out');
  askToMakeRoom(w.state, assignment, 'priority', w.now);
  return { w, id: assignment.fact.id, notices: decide(w) };
}

test('the worker is asked once, in the assignment, and told how long it has', (t) => {
  const { w, notices } = asked();
  t.like(notices, [{ kind: 'notify', preempt: [[0, 2]], preemptGraceMs, cancel: [], recall: false }]);
  t.deepEqual(decide(w), []);
});

test('a task that made room is pending at once, with the next number, and nothing else is used up', (t) => {
  const { w, id } = asked();
  w.report(id, [one(0, 'preempted'), one(1, 'returned')], true);
  const again = assigned(decide(w)).map(({ attempt, tasks }) => ({ attempt, tasks }));
  t.deepEqual(again, [{ attempt: 2, tasks: [[0, 1]] }, { attempt: 1, tasks: [[1, 2]] }]); // prettier-ignore
  t.is(w.planner.preemptedTotals().priority, 1);
});

test('who does not obey is revoked as preempted', (t) => {
  const { w } = asked();
  w.now += preemptGraceMs + graceMs - 1;
  t.deepEqual(decide(w), []);
  w.now += 1;
  t.like(decide(w), [{ kind: 'revoke', reason: 'preempted', ends: [{ from: 0, to: 2, outcome: 'preempted' }] }]);
  t.like(assigned(decide(w)), [{ attempt: 2 }]);
  t.is(w.planner.preemptedTotals().priority, 2);
});

test('a worker that dies while its tasks make room has lost them, and a cancel goes before', (t) => {
  const { w } = asked();
  w.die('a');
  t.like(decide(w), [{ kind: 'revoke', reason: 'worker-lost', ends: [{ from: 0, to: 2, outcome: 'lost' }] }]);
  const other = asked();
  const { batch } = other.w.state.assignments.byId(other.id)?.fact ?? { batch: '' };
  other.w.planner.cancel([{ batch, index: 0 }], other.w.now);
  t.like(decide(other.w), [{ kind: 'notify', preempt: [[0, 2]], cancel: [[0, 1]] }]);
  other.w.now += graceMs;
  const ends = [one(0, 'cancelled'), one(1, 'preempted')];
  t.like(decide(other.w), [{ kind: 'revoke', reason: 'cancelled', ends }]);
});

test('the next leader goes on with it', (t) => {
  const { w, id } = asked();
  const known = w.assignments.get(id);
  t.truthy(known);
  w.takeOver();
  decide(w);
  t.is(w.state.assignments.byId(id)?.makesRoom, 'priority');
  w.now += preemptGraceMs + graceMs;
  t.like(decide(w), [{ kind: 'revoke', reason: 'preempted' }]);
});
