import test from 'ava';
import { decideIntake, type IntakeLimits } from './intake.decide.js';

const limits: IntakeLimits = { maxTasks: 100, maxBytes: 1_000, maxNames: 10 };
const decide = (wasOpen: boolean, load: { tasks?: number; bytes?: number; names?: number }, full = false) =>
  decideIntake(wasOpen, full, { tasks: 0, bytes: 0, names: 0, ...load }, limits);

test('it closes beyond any limit, and says which', (t) => {
  t.true(decide(true, { tasks: 100, bytes: 1_000, names: 10 }).open);
  t.like(decide(true, { tasks: 101 }), {
    open: false,
    code: 'tasks',
    reason: '101 tasks are unfinished, the limit is 100',
  });
  t.like(decide(true, { bytes: 1_001 }), { open: false, code: 'bytes' });
  t.like(decide(true, { names: 11 }), { open: false, code: 'names' });
  t.like(decide(true, {}, true), { open: false, code: 'quota' });
});

test('it opens again well below the limits only', (t) => {
  for (const load of [{ tasks: 91 }, { bytes: 901 }, { names: 10 }]) t.false(decide(false, load).open);
  t.true(decide(false, { tasks: 90, bytes: 900, names: 9 }).open);
});

test('an operator who names no limit of names has the one of the system', (t) => {
  const own = { maxTasks: 1e9, maxBytes: 1e9 };
  t.true(decideIntake(true, false, { tasks: 1, bytes: 1, names: 100_000 }, own).open);
  t.false(decideIntake(true, false, { tasks: 1, bytes: 1, names: 100_001 }, own).open);
});
