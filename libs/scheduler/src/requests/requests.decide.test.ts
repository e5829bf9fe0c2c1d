import test from 'ava';
import { changeProblem } from './requests.decide.js';

test('a change that names nothing says what it could name', (t) => {
  t.is(changeProblem({}), 'the change names no delay, time, priority or queue');
  t.is(changeProblem({ dead: true }), 'the change names no delay, time, priority or queue');
  t.is(changeProblem({ delayMs: 0 }), null);
});
