import test from 'ava';
import { decideIntake } from './intake.decide.js';

const limits = { maxTasks: 100, maxBytes: 1_000 };

test('the system is open up to its limits, and closed beyond either', (t) => {
  t.true(decideIntake(true, { tasks: 100, bytes: 1_000 }, limits));
  t.false(decideIntake(true, { tasks: 101, bytes: 0 }, limits));
  t.false(decideIntake(true, { tasks: 0, bytes: 1_001 }, limits));
});

test('closed, it opens again only well below both limits', (t) => {
  t.false(decideIntake(false, { tasks: 91, bytes: 0 }, limits));
  t.false(decideIntake(false, { tasks: 0, bytes: 901 }, limits));
  t.true(decideIntake(false, { tasks: 90, bytes: 900 }, limits));
});
