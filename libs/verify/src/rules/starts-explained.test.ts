import test from 'ava';
import { check, end, fault, start, submit, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('second starts are explained', lines, { sessionTimeoutMs: 1_000, tickMs: 100 });
const twice = [start(5_000), start(9_000, 2, { worker: 'w2' })];

const HELD: [why: string, lines: Lines][] = [
  ['one start', { effects: [start(1)], faults: [] }],
  ['the handler failed', { effects: [...twice, end(6_000, 1, { outcome: 'failed' })], faults: [] }],
  ['it timed out', { effects: [...twice, end(6_000, 1, { type: 'aborted', cause: 'timed-out' })], faults: [] }],
  ['it took longer than it may', { operations: submit(0, { timeoutMs: 4_000 }), effects: twice, faults: [] }],
  ['its worker was killed', { effects: twice, faults: fault(1, 5_500, 20_000, { workers: ['w1'] }) }],
  ['its worker was killed and never came back', { effects: twice, faults: fault(1, 4_900, null, { workers: ['w1'] }) }],
  ['the ensemble was gone', { effects: twice, faults: fault(1, 6_000, 7_000, { workers: 'all' }) }],
  ['a fault that says nothing of workers', { effects: twice, faults: fault(1, 6_000, 7_000) }],
  ['a fault whose sessions expire afterwards', { effects: twice, faults: fault(1, 3_000, 4_000) }],
];
for (const [why, lines] of HELD) {
  test(`held: ${why}`, async (t) => {
    t.is((await judge(lines)).verdict, 'held');
  });
}

const BROKEN: [why: string, lines: Lines][] = [
  ['nothing happened', { effects: twice, faults: [] }],
  ['it may take longer than it took', { operations: submit(0, { timeoutMs: 4_001 }), effects: twice, faults: [] }],
  ['it failed only afterwards', { effects: [...twice, end(9_001, 1, { outcome: 'failed' })], faults: [] }],
  ['the first attempt succeeded', { effects: [...twice, end(6_000)], faults: [] }],
  ['another worker was killed', { effects: twice, faults: fault(1, 5_500, 6_000, { workers: ['w2'] }) }],
  ['a scheduler was killed', { effects: twice, faults: fault(1, 5_500, 6_000, { workers: [] }) }],
  ['the fault was over long before', { effects: twice, faults: fault(1, 3_000, 3_800) }],
  ['the fault came after', { effects: twice, faults: fault(1, 9_001, 9_500) }],
  ['the worker was stopped in order', { effects: twice, faults: fault(1, 5_500, 6_000, { orderly: true }) }],
  ['it is another attempt that failed', { effects: [...twice, end(9_500, 2, { outcome: 'failed' })], faults: [] }],
];
for (const [why, lines] of BROKEN) {
  test(`broken: ${why}`, async (t) => {
    const { verdict, first } = await judge(lines);
    t.is(verdict, 'broken');
    t.is(first?.at, 9_000);
  });
}

test('without the faults it is not judged', async (t) => {
  const { verdict, reason } = await judge({ effects: twice });
  t.deepEqual({ verdict, reason }, { verdict: 'not checked', reason: 'needs --faults' });
});

test('the faults that were underway are shown with the task', async (t) => {
  const { first } = await judge({ effects: twice, faults: fault(1, 5_500, 6_000, { workers: ['w2'] }) });
  t.deepEqual(
    first?.history.map(({ from, at }) => [from, at]),
    [
      ['effects', 5_000],
      ['faults', 5_500],
      ['faults', 6_000],
      ['effects', 9_000],
    ],
  );
});
