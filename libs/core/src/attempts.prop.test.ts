import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  afterAttempt,
  foldEnd,
  isNews,
  MAX_LOSSES,
  NO_PROGRESS,
  OUTCOMES,
  type AttemptEnd,
  type Outcome,
} from './attempts.js';
import { LIMITS } from './limits.js';
import { TASK_TRANSITIONS } from './states.js';
import { DEFAULT_TASK_OPTIONS, type TaskOptions } from './task-options.js';

const ENDS = OUTCOMES.filter((outcome) => outcome !== 'requeued');
/** Outcomes that the fold does not bound; the leader bounds how often a task is preempted. */
const UNCOUNTED: readonly Outcome[] = ['returned', 'later', 'preempted'];
const plain: TaskOptions = { ...DEFAULT_TASK_OPTIONS, type: 't' };
const anyOptions = fc.integer({ min: 1, max: 100 }).map((maxAttempts) => ({ ...plain, maxAttempts }));
const anyProgress = fc.record({
  attempt: fc.nat(200),
  failures: fc.nat(100),
  losses: fc.nat(MAX_LOSSES),
  later: fc.nat(1_100),
  preemptions: fc.nat(10),
});
const anyEnd: fc.Arbitrary<AttemptEnd> = fc.record(
  { outcome: fc.constantFrom(...OUTCOMES), attempt: fc.nat(200), retryAfterMs: fc.nat() },
  { requiredKeys: ['outcome', 'attempt'] },
);

testProp(
  'a task ends within as many attempts as it may fail and be lost',
  [anyOptions, fc.infiniteStream(fc.constantFrom(...ENDS))],
  (t, options, stream) => {
    let progress = NO_PROGRESS;
    let begun = 0;
    for (const outcome of stream) {
      if (!UNCOUNTED.includes(outcome)) begun++;
      t.true(begun <= options.maxAttempts + MAX_LOSSES - 1, `attempt ${begun} of ${options.maxAttempts}`);
      const verdict = afterAttempt(progress, { outcome, attempt: progress.attempt + 1 }, options, 'id');
      if (!('delayMs' in verdict)) return;
      progress = verdict.progress;
    }
  },
);

testProp(
  "an attempt number never sinks, and is the end's unless the task was handed back",
  [anyProgress, anyEnd, anyOptions],
  (t, before, end, options) => {
    const { progress } = afterAttempt(before, end, options, 'id');
    t.is(progress.attempt, end.outcome === 'returned' ? before.attempt : Math.max(before.attempt, end.attempt));
  },
);

testProp(
  'a task that was handed back has used up nothing',
  [anyProgress, fc.nat(200), anyOptions],
  (t, before, attempt, options) => {
    const verdict = afterAttempt(before, { outcome: 'returned', attempt }, options, 'id');
    t.deepEqual(verdict, { state: 'pending', delayMs: 0, progress: before });
  },
);

testProp(
  'a verdict is a move that the table of states has',
  [anyProgress, anyEnd, anyOptions],
  (t, before, end, options) => {
    const { state } = afterAttempt(before, end, options, 'id');
    const from = end.outcome === 'requeued' ? TASK_TRANSITIONS.failed : TASK_TRANSITIONS.running;
    t.true((from as readonly string[]).includes(state));
  },
);

testProp(
  "the worker's word on the delay goes before the policy",
  [fc.nat(), anyOptions],
  (t, retryAfterMs, options) => {
    const verdict = afterAttempt(NO_PROGRESS, { outcome: 'failed', attempt: 1, retryAfterMs }, options, 'id');
    t.is('delayMs' in verdict ? verdict.delayMs : retryAfterMs, retryAfterMs);
  },
);

testProp('nothing but a requeue is news to a task that has ended for good', [anyProgress, anyEnd], (t, before, end) => {
  t.is(isNews(before, true, end), end.outcome === 'requeued');
});

testProp(
  'an end that was told is no news when it is told again',
  [anyProgress, anyEnd, anyOptions],
  (t, before, end, options) => {
    const { state, progress } = afterAttempt(before, end, options, 'id');
    const final = state === 'succeeded' || state === 'failed' || state === 'cancelled';
    if (end.outcome === 'returned') t.deepEqual(progress, before, 'telling it again changes nothing');
    else t.false(isNews(progress, final, end));
  },
);

const after = (outcome: Outcome, before = NO_PROGRESS): string =>
  afterAttempt(before, { outcome, attempt: before.attempt + 1 }, plain, 'id').state;

test('what each end leads to', (t) => {
  const ends = ENDS.map((outcome) => [outcome, after(outcome)]);
  t.deepEqual(Object.fromEntries(ends), {
    succeeded: 'succeeded',
    failed: 'retrying',
    rejected: 'failed',
    'timed-out': 'retrying',
    cancelled: 'cancelled',
    lost: 'pending',
    returned: 'pending',
    expired: 'failed',
    exceeded: 'failed',
    later: 'retrying',
    preempted: 'pending',
    superseded: 'cancelled',
    refused: 'failed',
  });
});

test('the last of the attempts fails the task, and so does the last of the losses', (t) => {
  t.is(after('failed', { attempt: 2, failures: 2, losses: 0, later: 0, preemptions: 0 }), 'failed');
  t.is(after('timed-out', { attempt: 2, failures: 2, losses: 0, later: 0, preemptions: 0 }), 'failed');
  t.is(after('lost', { attempt: 2, failures: 0, losses: MAX_LOSSES - 1, later: 0, preemptions: 0 }), 'failed');
});

test('losses do not count as failures', (t) => {
  t.is(after('failed', { attempt: 2, failures: 0, losses: 2, later: 0, preemptions: 0 }), 'retrying');
});

testProp(
  'a task that made room has used up the number of its attempt and nothing else, and runs again at once',
  [anyProgress, fc.nat(200), anyOptions],
  (t, before, attempt, options) => {
    const verdict = afterAttempt(before, { outcome: 'preempted', attempt }, options, 'id');
    const { failures, losses, preemptions } = before;
    t.deepEqual(verdict, {
      state: 'pending',
      delayMs: 0,
      progress: {
        attempt: Math.max(before.attempt, attempt),
        failures,
        losses,
        later: 0,
        preemptions: preemptions + 1,
      },
    });
  },
);

test('a task may ask a thousand times in a row to be run later, and any other end begins the row anew', (t) => {
  const many = { attempt: 1_200, failures: 1, losses: 1, later: LIMITS.retriesLater - 1, preemptions: 0 };
  t.is(after('later', many), 'failed');
  const verdict = afterAttempt(
    { ...many, later: 5 },
    { outcome: 'later', attempt: 1_201, retryAfterMs: 30 },
    plain,
    'id',
  );
  t.deepEqual(verdict, { state: 'retrying', delayMs: 30, progress: { ...many, attempt: 1_201, later: 6 } });
  for (const outcome of ['failed', 'timed-out', 'lost', 'preempted', 'requeued'] as const)
    t.is(afterAttempt(many, { outcome, attempt: 1_201 }, plain, 'id').progress.later, 0, outcome);
  t.is(afterAttempt(many, { outcome: 'returned', attempt: 1_201 }, plain, 'id').progress.later, many.later);
});

test('whatever asks for it, the next attempt is due at once at the earliest, within a year at the latest', (t) => {
  const strange = [Infinity, Number.MAX_VALUE, 1e20, NaN, -1, -Infinity];
  for (const ms of strange) {
    const delays = [
      afterAttempt(NO_PROGRESS, { outcome: 'failed', attempt: 1, retryAfterMs: ms }, plain, 'id'),
      ...(['constant', 'linear', 'exponential'] as const).map((kind) => {
        const retry = { kind, delayMs: ms, maxDelayMs: ms, jitter: ms };
        return afterAttempt(NO_PROGRESS, { outcome: 'failed', attempt: 1 }, { ...plain, retry }, 'id');
      }),
    ].map((verdict) => ('delayMs' in verdict ? verdict.delayMs : -1));
    for (const delay of delays) t.true(delay >= 0 && delay <= LIMITS.retryDelayMs, `${ms}: ${delay}`);
  }
});

testProp(
  'a fold is the verdict of what is news, and nothing else changes a task',
  [anyProgress, fc.boolean(), anyEnd, anyOptions],
  (t, progress, isOver, end, options) => {
    const verdict = foldEnd({ progress, isOver }, end, () => options, 'id');
    t.deepEqual(verdict, isNews(progress, isOver, end) ? afterAttempt(progress, end, options, 'id') : null);
  },
);

testProp(
  'the end of an attempt that is told again changes nothing, whatever it says then',
  [anyProgress, fc.constantFrom(...OUTCOMES), anyOptions],
  (t, before, outcome, options) => {
    const attempt = before.attempt + 1;
    const first = foldEnd({ progress: before, isOver: false }, { outcome: 'lost', attempt }, () => options, 'id');
    if (first === null) return t.fail();
    const known = { progress: first.progress, isOver: first.state === 'failed' };
    const again = foldEnd(known, { outcome, attempt }, () => options, 'id');
    const isOfTask = ['cancelled', 'returned', 'expired', 'exceeded', 'superseded', 'refused'].includes(outcome);
    const isAsked = isOfTask ? !known.isOver : outcome === 'requeued' && known.isOver;
    t.is(again === null, !isAsked);
  },
);
