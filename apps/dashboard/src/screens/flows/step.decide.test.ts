import type { StepView } from '@drover/flow';
import test from 'ava';
import { byUrgency, progressOf, progressText, stepLine, stepLook, waitsText } from './step.decide.js';

const step = (given: Partial<StepView>): StepView => ({
  ...{ kind: 'task', state: 'succeeded', done: 1, of: 1, failed: 0, generation: 0, tasks: [] },
  ...given,
});
const map = (given: Partial<StepView>): StepView =>
  step({ kind: 'map', state: 'running', done: 0, of: null, ...given });
const signal = step({
  ...{ kind: 'signal', state: 'waiting', done: 0 },
  waitsFor: { kind: 'signal', answers: ['yes', 'no'], until: null },
});

test('progress is told of maps and reduces alone', (t) => {
  t.is(progressText(map({ done: 8_120, of: 10_000 })), '8,120 of 10,000');
  t.is(progressText(map({ done: 8_120, of: 10_000, failed: 3 })), '8,120 of 10,000, 3 failed');
  t.is(progressText(map({ done: 40 })), '40 so far');
  t.is(progressText(map({ state: 'waiting' })), '', 'nobody knows anything yet');
  t.is(progressText(step({})), '');
  t.deepEqual(
    [progressOf(map({ done: 1, of: 4 })), progressOf(map({ of: 0 })), progressOf(map({})), progressOf(step({}))],
    [0.25, 1, null, null],
  );
});

test('a step says what it waits for', (t) => {
  const steps = (...names: string[]) => ({
    kind: 'steps' as const,
    steps: names.map((name) => ({ step: name, done: 0, of: 1 })),
  });
  t.is(waitsText(steps('list')), 'waits for list');
  t.is(waitsText(steps('list', 'check')), 'waits for list and check');
  t.is(waitsText(steps('a', 'b', 'c', 'd', 'e')), 'waits for a, b, c and 2 more');
  t.is(
    waitsText({ kind: 'steps', steps: [{ step: 'parse', done: 8_120, of: 10_000 }] }),
    'waits for parse (8,120 of 10,000)',
  );
  t.is(waitsText(steps()), 'starts in a moment');
  t.is(waitsText({ kind: 'signal', answers: ['yes', 'no'], until: null }), 'waits for yes or no');
  t.is(waitsText({ kind: 'signal', answers: [], until: null }), 'waits for a signal');
  t.regex(waitsText({ kind: 'time', until: 0 }), /^waits until 19(69|70)-/);
  t.is(waitsText({ kind: 'turn', ahead: 1 }), 'waits for its turn: 1 run is before it');
  t.is(waitsText({ kind: 'turn', ahead: 0 }), 'waits for its turn: it is the next');
});

test('what a step waited for is no longer said when it is over', (t) => {
  t.is(
    stepLine({ ...signal, state: 'succeeded', label: 'yes', reason: 'the totals are right' }),
    'answer yes · the totals are right',
  );
  t.is(stepLook({ ...signal, state: 'cancelled' }).word, 'cancelled');
  t.deepEqual(stepLook(signal), { tone: 'warn', icon: 'user', word: 'waits for an answer' });
});

test('what waits for a person stands at the top, then what failed, what runs, what waits', (t) => {
  const steps = {
    done: step({}),
    later: step({ state: 'waiting', done: 0 }),
    runs: step({ state: 'running', done: 0 }),
    leaks: map({ failed: 1 }),
    broken: step({ state: 'failed', failed: 1 }),
    ask: signal,
    also: step({}),
  };
  t.deepEqual(
    byUrgency({ steps }).map(([name]) => name),
    ['ask', 'broken', 'leaks', 'runs', 'later', 'done', 'also'],
  );
});
