import type { Plan, StepView } from '@drover/flow';
import test from 'ava';
import { followersOf, standingOf, whyNot } from './run.decide.js';

const step = (given: Partial<StepView>): StepView => ({
  ...{ kind: 'task', state: 'succeeded', done: 1, of: 1, failed: 0, generation: 0, tasks: [] },
  ...given,
});
const asks = step({ kind: 'signal', state: 'waiting', waitsFor: { kind: 'signal', answers: ['yes'], until: null } });
const runs = step({ kind: 'map', state: 'running', done: 5, of: 20 });
const broken = step({ state: 'failed', failed: 1 });

test('a run says first that somebody has to answer, then what failed, then what runs', (t) => {
  const text = (steps: Record<string, StepView>): string => standingOf({ state: 'running', steps }).text;
  t.is(text({ runs, broken, asks }), 'asks waits for an answer.');
  t.is(text({ runs, broken }), 'broken failed; the rest goes on.');
  t.is(text({ list: step({}), runs }), 'runs (5 of 20) runs. 1 of 2 steps have ended.');
  t.is(
    text({ pause: step({ kind: 'sleep', state: 'waiting', waitsFor: { kind: 'turn', ahead: 3 } }) }),
    'pause waits for its turn: 3 runs are before it.',
  );
  t.is(text({}), 'Nothing of it runs at the moment.');
});

test('a run that has ended says how, and why', (t) => {
  t.is(standingOf({ state: 'cancelled', steps: {}, reason: 'a mistake' }).text, 'It was cancelled: a mistake.');
  t.regex(standingOf({ state: 'failed', steps: { broken } }).text, /^broken failed\. A retry/);
  const failed = standingOf({ state: 'failed', steps: { broken }, reason: 'step broken failed' });
  t.regex(failed.text, /^broken failed\. A retry/, 'it is not said twice');
  t.is(standingOf({ state: 'failed', steps: {}, reason: 'InvalidPlan' }).text, 'It failed: InvalidPlan.');
  t.is(standingOf({ state: 'succeeded', steps: { a: step({}) } }).tone, 'ok');
});

test('only what has not ended is cancelled, and only what has ended is retried', (t) => {
  t.is(whyNot('cancel', { state: 'running' }), null);
  t.regex(whyNot('cancel', { state: 'failed' }) ?? '', /has ended/);
  t.is(whyNot('retry', { state: 'failed' }), null);
  t.regex(whyNot('retry', { state: 'waiting' }) ?? '', /only a run that has ended/);
});

test('an answer lets those begin that wait for it, or for any end', (t) => {
  const task = { kind: 'task', type: 'x', input: null } as const;
  const plan: Pick<Plan, 'steps'> = {
    steps: {
      ask: { kind: 'signal', answers: ['yes', 'no'] },
      publish: { ...task, after: { all: [{ step: 'ask', is: 'yes' }] } },
      discard: {
        ...task,
        after: {
          any: [
            { step: 'ask', is: 'no' },
            { step: 'ask', on: 'failed' },
          ],
        },
      },
      tell: { ...task, after: { all: [{ step: 'ask', on: 'ended' }] } },
    },
  };
  t.deepEqual(followersOf(plan, 'ask', 'yes'), ['publish', 'tell']);
  t.deepEqual(followersOf(plan, 'ask', 'no'), ['discard', 'tell']);
});
