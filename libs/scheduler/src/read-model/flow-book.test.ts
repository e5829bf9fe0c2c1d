import test from 'ava';
import { Failures, type FailureEntry } from './failures.js';
import { FlowBook } from './flow-book.js';

const BATCH = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B';

test('what happened before the term does not count; what was handed out counts by its wait', (t) => {
  const flow = new FlowBook(1_000);
  flow.submitted('q', 5, 999);
  flow.ended('q', 'succeeded', 5, { tookMs: 10, at: 999 });
  flow.submitted('q', 4, 1_000);
  flow.handedOut('q', 4, 250, 'default');
  flow.attemptsEnded('q', 'failed', 1);
  flow.ended('q', 'succeeded', 2, { tookMs: 400, at: 1_400 });
  flow.ended('q', 'failed', 1, { tookMs: 700, at: 1_700 });
  t.deepEqual(flow.totals, { submitted: 4, finished: 3, failed: 1, failedAttempts: 1 });
  const queue = flow.queues.get('q');
  t.like(queue, { submitted: 4, assigned: 4, succeeded: 2, failed: 1, finished: 3 });
  t.like(queue?.times.wait, { count: 4, sum: 1 });
  t.like(queue?.times.latency.succeeded, { count: 2, sum: 0.8 });
});

test('ten queues have histograms of their own, the others share; a quiet queue is forgotten and makes room', (t) => {
  const flow = new FlowBook(0);
  for (let n = 0; n < 15; n++) flow.handedOut(`q${n}`, 1, 100, 'default');
  const counts = (): [string, number][] => flow.times().map(({ name, wait }) => [name, wait.count]);
  t.is(counts().length, 11);
  t.deepEqual(counts().at(-1), ['_other', 5]);
  // Plans alone forget it: nobody has to look.
  flow.planned(599_000, () => false);
  flow.handedOut('q3', 1, 100, 'default');
  t.is(flow.queues.size, 15);
  flow.planned(700_000, (name) => name === 'q5');
  t.deepEqual([...flow.queues.keys()], ['q3', 'q5']);
  t.deepEqual([...flow.changed], ['q3', 'q5']);
  flow.handedOut('new', 1, 100, 'default');
  t.deepEqual(
    counts().filter(([name]) => name === 'new'),
    [['new', 1]],
  );
});

test('beyond two hundred failures a second are only counted; the errors of the last ten thousand are known', (t) => {
  const failures = new Failures();
  const entry = (n: number): FailureEntry => ({
    ...{ task: `${BATCH}.${n}`, attempt: 1, type: 't', queue: 'q', worker: 'w', at: 0, final: true },
    error: { name: 'Error', message: `${n} ${'x'.repeat(500)}` },
  });
  const noted = (from: number, to: number, nowMs: number): void => {
    for (let n = from; n < to; n++) if (failures.admits(nowMs)) failures.note(entry(n));
  };
  noted(0, 300, 5);
  const first = failures.take();
  t.is(first.failures.length, 200);
  t.is(first.leftOut, 100);
  t.is(first.failures[0]?.error.message.length, 200);
  t.is(failures.errorOf(BATCH, 250), null);
  for (let second = 1; second <= 50; second++) noted(second * 200, second * 200 + 200, second * 1_000);
  t.is(failures.errorOf(BATCH, 0), null);
  t.regex(failures.errorOf(BATCH, 10_100)?.message ?? '', /^10100 x/);
  t.is(failures.take().failures.length, 200);
});

test('waits are kept for the first accounts, and for all others together', (t) => {
  const flow = new FlowBook(0);
  for (let n = 0; n < 12; n++) flow.handedOut('q', 2, 1_000, `a${n}`);
  flow.handedOut('q', 1, 500, 'a0');
  const counts = [...flow.waits].map(([account, { count }]) => [account, count]);
  t.deepEqual([counts.length, counts[0], counts.at(-1)], [11, ['a0', 3], ['_other', 4]]);
});
