import type { RunView, StepView } from '@drover/flow';
import test from 'ava';
import { whyRun } from './why-run.decide.js';

const NOW = 1_000_000;
const STEP: StepView = { kind: 'task', state: 'waiting', done: 0, of: 1, failed: 0, generation: 0, tasks: [] };
const RUN: RunView = {
  ...{ run: 'F.0', flow: 'daily', queue: 'default', plan: 'p', state: 'running', steps: {} },
  ...{ startedAt: 0, endedAt: null, output: [] },
};
const texts = (run: Partial<RunView>): string[] => whyRun({ ...RUN, ...run }, NOW).reasons.map(({ text }) => text);

test('a run tells what each of its steps waits for, and of one that runs which tasks', (t) => {
  const parse: StepView = { ...STEP, kind: 'map', state: 'running', done: 8_120, of: 10_000, tasks: ['B.7'] };
  const steps = {
    parse,
    merge: { ...STEP, waitsFor: { kind: 'steps', steps: [{ step: 'parse', done: 8_120, of: 10_000 }] } },
    publish: { ...STEP, waitsFor: { kind: 'signal', answers: ['yes', 'no'], until: NOW + 90_000 } },
    rest: { ...STEP, waitsFor: { kind: 'time', until: NOW + 1_500 } },
    done: { ...STEP, state: 'succeeded', done: 1 },
  } as const;
  t.deepEqual(texts({ steps }), [
    'step parse runs (8120 of 10000)',
    'step merge waits for parse (8120 of 10000)',
    'step publish waits for its signal (yes, no), for 90 s more',
    'step rest waits for its time, in 1.5 s',
  ]);
  const { reasons } = whyRun({ ...RUN, steps }, NOW);
  t.deepEqual(
    reasons.map(({ code }) => code),
    ['step-running', 'waiting-step', 'approval', 'not-due'],
  );
  t.like(reasons[0], { step: 'parse', tasks: ['B.7'] });
});

test('a run that waits for its turn says how many are before it', (t) => {
  const first: StepView = { ...STEP, waitsFor: { kind: 'turn', ahead: 3 } };
  const why = whyRun({ ...RUN, state: 'waiting', steps: { first } }, NOW);
  t.like(why.reasons[0], { code: 'flow-turn', ahead: 3, blocking: true });
});

test('a run that has ended says so, and why', (t) => {
  t.deepEqual(texts({ state: 'failed', reason: 'step parse failed' }), [
    'the run has ended: failed (step parse failed)',
  ]);
});
