import { fc, testProp } from '@fast-check/ava';
import { decideKey, inOrder, type KeyTask } from './unique.js';

interface Task extends KeyTask {
  readonly id: number;
}

const anyPolicy = fc.record({
  key: fc.constant('k'),
  mode: fc.constantFrom('last' as const, 'cancel' as const, 'throttle' as const, 'debounce' as const, 'first' as const),
  forMs: fc.constant(null),
  everyMs: fc.constantFrom(null, 10, 50),
  trailing: fc.boolean(),
  quietMs: fc.constantFrom(null, 5, 20),
  maxMs: fc.constantFrom(null, 20, 40),
});
const anyTasks = fc
  .array(
    fc.record({
      policy: anyPolicy,
      delayMs: fc.constantFrom(0, 0, 15),
      hasStarted: fc.boolean(),
      isInLine: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((given) =>
    given.map((task, id): Task => ({
      ...task,
      ...{ id, order: BigInt(Math.floor(id / 2)), index: id % 2, submittedAt: id * 3 },
      // At most one runs, as long as these decisions are heeded.
      hasStarted: task.hasStarted && given.findIndex((other) => other.hasStarted) === id,
    })),
  );
const anyWindow = fc.option(fc.record({ until: fc.nat(80), opener: fc.constant(-1) }));
const isFirst = ({ policy }: Task): boolean => policy.mode === 'first';

testProp(
  'nothing goes out beside another task, before its time, or although it ends; each that ends has a winner that stays',
  [anyTasks, anyWindow, fc.nat(80)],
  (t, tasks, window, now) => {
    const { superseded, refused, release, wakeAt } = decideKey(tasks, window, now, ({ id }) => id);
    const ending = new Map([...superseded, ...refused].map(([loser, winner]) => [loser.id, winner]));
    t.is(ending.size, superseded.length + refused.length, 'each ends once');
    const staying = tasks.filter(({ id }) => !ending.has(id));
    for (const [loser, winner] of superseded) {
      const other = tasks[winner];
      if (winner === -1) t.true(loser.policy.mode === 'throttle' && !loser.policy.trailing);
      else if (other === undefined) t.fail();
      else t.true(inOrder(loser, other) < 0 || !other.hasStarted, 'a run that is younger than the submit, or to come');
      // One that runs may be ended for the newest itself: then that one does for both.
      const last = ending.get(winner) ?? winner;
      t.true(last === -1 || staying.some(({ id }) => id === last), 'the winner stays');
    }
    if (release !== null) {
      t.true(tasks.every(({ hasStarted }) => !hasStarted));
      t.false(ending.has(release.id));
      t.true(release.submittedAt + release.delayMs <= now);
      if (release.policy.mode === 'throttle') t.true((window?.until ?? 0) <= now);
      const others = staying.filter((task) => task !== release && task.isInLine && !isFirst(task));
      t.deepEqual(others, [], 'nothing else of the key is in line');
    }
    // Something always happens: a task runs, goes out, or is waited for.
    const open = staying.filter((task) => !isFirst(task));
    const isHeld = open.length > 0 && !tasks.some(({ hasStarted }) => hasStarted) && !staying.some(isFirst);
    if (isHeld) t.true(release !== null || (wakeAt !== null && wakeAt > now));
  },
);

testProp(
  'a decision that was carried out is not taken again',
  [anyTasks, anyWindow, fc.nat(80)],
  (t, tasks, window, now) => {
    const { superseded, refused, release } = decideKey(tasks, window, now, ({ id }) => id);
    const ended = new Set([...superseded, ...refused].map(([{ id }]) => id));
    const left = tasks
      .filter(({ id }) => !ended.has(id))
      .map((task) => (task === release ? { ...task, isInLine: true } : task));
    const again = decideKey(left, window, now, ({ id }) => id);
    // One that ran and was to end has left its place to another.
    const hasLeft = tasks.some((task) => task.hasStarted && ended.has(task.id));
    if (!hasLeft) t.deepEqual(again.superseded, []);
    t.deepEqual(again.refused, []);
    if (!hasLeft) t.is(again.release?.id, release?.id);
  },
);
