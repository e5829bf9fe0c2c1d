import test from 'ava';
import { AssignedSteps, type StepSource } from './assigned-steps.js';
import type { StepTools } from './step-task-call.js';

const MOST = 64 * 1024 * 1024;
const steps = (payload: () => string): AssignedSteps => {
  const source: StepSource = { from: 0, to: 1, payloads: new Map([[0, payload]]) };
  return new AssignedSteps([source], {} as StepTools);
};

test('a payload of results is as long as the limit at most: beyond it the step is rejected, and told what to do', (t) => {
  const longest = steps(() => 'x'.repeat(MOST)).payload(0);
  t.is(typeof longest === 'string' ? longest.length : longest, MOST);
  const end = steps(() => 'x'.repeat(MOST + 1)).payload(0);
  t.like(end, { outcome: 'rejected', error: { name: 'PayloadTooLargeError', retryable: false } });
  t.regex(JSON.stringify(end), /67108865 characters, 67108864 are allowed: give references as results, or reduce/);
});

test('a payload that no text can hold is the end of its step alone', (t) => {
  const end = steps(() => 'x'.repeat(2 ** 29)).payload(0);
  t.like(end, { outcome: 'rejected', error: { name: 'RecordError' } });
});
