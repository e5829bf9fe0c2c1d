import test from 'ava';
import { timelineOf } from './timeline.decide.js';

const submittedAt = 1_000;
const ended = (attempt: number, outcome: string, at: number, ms?: number) => ({
  attempt,
  outcome,
  worker: outcome === 'requeued' ? null : `w${attempt}`,
  at,
  ...(ms === undefined ? {} : { ms }),
});

test('each attempt waited from the end of the one before, and ran as long as its worker says', (t) => {
  const history = [ended(1, 'failed', 3_000, 500), ended(2, 'lost', 9_000), ended(3, 'succeeded', 12_000, 1_000)];
  const { from, to, bars } = timelineOf({ state: 'succeeded', attempt: 3, submittedAt, history, worker: 'w3' }, 99_000);
  t.deepEqual([from, to], [1_000, 12_000]);
  t.deepEqual(
    bars.map((bar) => [bar.outcome, bar.waitsFrom, bar.from, bar.to, bar.isGuess]),
    [
      ['failed', 1_000, 2_500, 3_000, false],
      ['lost', 3_000, 3_000, 9_000, true],
      ['succeeded', 9_000, 11_000, 12_000, false],
    ],
  );
});

test('an attempt that is under way lasts until now', (t) => {
  const history = [ended(1, 'failed', 3_000, 500)];
  const { bars } = timelineOf(
    { state: 'running', attempt: 2, submittedAt, startedAt: 4_000, history, worker: 'w7' },
    6_000,
  );
  const last = bars.at(-1);
  t.deepEqual([last?.attempt, last?.outcome, last?.from, last?.to, last?.worker], [2, null, 4_000, 6_000, 'w7']);
});

test('one that waits has not begun, and the axis reaches to when it is due', (t) => {
  const { to, bars, dueAt } = timelineOf(
    {
      state: 'retrying',
      attempt: 1,
      submittedAt,
      dueAt: 20_000,
      history: [ended(1, 'failed', 3_000, 500)],
      worker: null,
    },
    6_000,
  );
  t.deepEqual([bars.at(-1)?.attempt, bars.at(-1)?.from, dueAt, to], [2, null, 20_000, 20_000]);
});

test('a retry by hand is no attempt, but what follows waits from then on', (t) => {
  const history = [ended(1, 'failed', 3_000, 500), ended(1, 'requeued', 8_000), ended(1, 'succeeded', 9_000, 100)];
  const { bars } = timelineOf({ state: 'succeeded', attempt: 1, submittedAt, history, worker: 'w1' }, 10_000);
  t.deepEqual(
    bars.map(({ outcome, waitsFrom }) => [outcome, waitsFrom]),
    [
      ['failed', 1_000],
      ['succeeded', 8_000],
    ],
  );
});
