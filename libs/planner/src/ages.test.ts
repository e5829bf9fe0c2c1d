import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import test from 'ava';
import { ClassTable } from './classes.js';
import { Contest } from './contest.js';
import { QueueState } from './queue-state.js';
import { Route } from './routes.js';
import type { SubQueue } from './sub-queue.js';
import { BatchState, PLACE, type Run } from './tasks.js';

const AGING_MS = 10;

/** A queue with tasks of priority 0 and, of three types, -1; the last of these has a route of its own. */
function arena() {
  const contest = new Contest(AGING_MS);
  const table = new ClassTable();
  const route = new Route();
  contest.setOpen(route, true);
  const other = new Route();
  contest.setOpen(other, true);
  const classOf = (type: string) =>
    table.intern({ type, needs: [], limits: [], isSequenced: false, pin: null, placement: null }, () =>
      type === 'c' ? other : route,
    );
  const queue = new QueueState('q', contest);
  const sub = (type: string, priority: number): SubQueue => queue.sub(classOf(type), '', priority);
  const all = { urgent: sub('a', 0), a: sub('a', -1), b: sub('b', -1), elsewhere: sub('c', -1) };
  return { contest, route, queue, ...all };
}
type Arena = Pick<ReturnType<typeof arena>, 'contest' | 'queue'>;

function pend({ contest, queue }: Arena, sub: SubQueue, since: number): BatchState {
  const group = { ...DEFAULT_TASK_OPTIONS, type: 't', count: 1 };
  const batch = new BatchState({ id: `B${since}`, queue: 'q', groups: [group], submittedAt: since, bytes: 0 });
  const run: Run = { batch, sub, from: 0, to: 1, next: 0, waiting: 1, due: true };
  sub.pushRun(run);
  if ([...queue.subs()].every(({ pending }) => pending === 0)) contest.join(queue);
  if (sub.pending++ === 0) contest.enter(sub);
  return batch;
}

test('a task that comes back is as old as it was: its sub-queue goes first when it is overdue', (t) => {
  const world = arena();
  const { contest, urgent, a, b } = world;
  pend(world, urgent, 0);
  pend(world, a, 5);
  const first = pend(world, b, 1);
  pend(world, b, 8);
  // It goes out, and comes back after the next one has been looked at.
  first.touch().setPlace(0, PLACE.out);
  b.pending--;
  contest.begin(9);
  t.is(contest.first(), urgent);
  first.touch().setPlace(0, PLACE.again);
  b.pushAgain({ batch: first, from: 0, to: 1 });
  b.pending++;
  contest.aged(b);
  contest.begin(1 + AGING_MS);
  t.is(contest.first(), b, 'the other one is overdue after 15 only');
});

test('when the oldest task of a level is gone, the one that is overdue next comes from behind its gate', (t) => {
  const world = arena();
  const { contest, route, urgent, a, b, elsewhere } = world;
  pend(world, urgent, 0);
  const first = pend(world, a, 1);
  pend(world, a, 9);
  pend(world, b, 5);
  pend(world, elsewhere, 100);
  // All but one are set aside; when their gate opens the one whose turn it is comes back, and the oldest of each level.
  contest.setOpen(route, false);
  contest.begin(2);
  t.is(contest.first(), elsewhere);
  contest.serve(elsewhere, 1);
  t.is(contest.first(), elsewhere);
  contest.setOpen(route, true);
  first.touch().setPlace(0, PLACE.cancelled);
  a.pending--;
  contest.begin(5 + AGING_MS);
  t.is(contest.first(), b, 'the one that stood for its level is young now');
});

/** Of the queue nobody has room; of another one, which comes after it, somebody has: so all of its own is set aside. */
function gated() {
  const contest = new Contest(AGING_MS);
  const table = new ClassTable();
  const [route, open] = [new Route(), new Route()];
  contest.setOpen(open, true);
  const classOf = (type: string) =>
    table.intern({ type, needs: [], limits: [], isSequenced: false, pin: null, placement: null }, () =>
      type === 'c' ? open : route,
    );
  const [queue, later] = [new QueueState('q', contest), new QueueState('later', contest)];
  const sub = (type: string, priority: number): SubQueue => queue.sub(classOf(type), '', priority);
  const other = later.sub(classOf('c'), '', 0);
  const setAside = (): SubQueue | null => {
    pend({ contest, queue: later }, other, 0);
    return contest.first();
  };
  return { contest, queue, route, sub, other, setAside };
}

test('the first task of a higher priority makes tasks overdue that wait at a gate where another one stands for them', (t) => {
  const world = gated();
  const { contest, route, sub, other, setAside } = world;
  const [a, b] = [sub('a', -1), sub('b', -1)];
  b.level.serve(b, 1, 1);
  pend(world, a, 5);
  pend(world, b, 1);
  t.is(setAside(), other);
  contest.setOpen(route, true);
  t.is(contest.first(), a, 'it stands for both');
  contest.begin(5 + AGING_MS);
  pend(world, sub('a', 0), 11);
  t.is(contest.first(), b, 'of both the one that is overdue the longest');
});

test('when nobody takes the oldest task of a level, the one that is overdue next comes from behind its gate', (t) => {
  const world = gated();
  const { contest, route, sub, other, setAside } = world;
  const [urgent, a, b] = [sub('u', 0), sub('a', -1), sub('b', -1)];
  pend(world, urgent, 3);
  pend(world, a, 1);
  pend(world, b, 2);
  t.is(setAside(), other);
  contest.setOpen(route, true);
  contest.begin(2 + AGING_MS);
  t.is(contest.first(), a);
  contest.closeUntilNextPlan(a.workClass);
  t.is(contest.first(), b, 'not the urgent one that stood for both');
});
