import test from 'ava';
import { changeProblem } from './requests.decide.js';

test('a change that names nothing says what it could name', (t) => {
  t.is(changeProblem({}, 0), 'the change names no delay, time, priority or queue');
  t.is(changeProblem({ dead: true }, 0), 'the change names no delay, time, priority or queue');
  t.is(changeProblem({ delayMs: 0 }, 0), null);
});

test('a task cannot be set to wait for more than a year', (t) => {
  const year = 365 * 86_400_000;
  t.is(changeProblem({ delayMs: year }, 0), null);
  t.is(changeProblem({ delayMs: year + 1 }, 0), 'a task can wait for a year at most');
  t.is(changeProblem({ dueAt: 5 + year }, 5), null);
  t.is(changeProblem({ dueAt: 6 + year }, 5), 'a task can wait for a year at most');
});
