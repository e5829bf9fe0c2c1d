import test from 'ava';
import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import { encodeBatch, decodeBatch } from '@drover/protocol';
import { Work } from '../run/work.js';
import { dueInMs, SpentTime } from './timing.js';

const BATCH = '01J9ZZZZZZZZZZZZZZZZZZZZZZ';
const COUNT = 8;

function workOf(arrivedMs: number, begunMs: number): Work {
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 't', count: COUNT }];
  const data = encodeBatch({ queue: 'q', count: COUNT, groups, at: 0, client: 'c' }, Array<string>(COUNT).fill('1'));
  const batch = decodeBatch('/b', Buffer.from(data));
  const record = { v: 1 as const, batch: BATCH, tasks: [[0, COUNT] as [number, number]], attempt: 1, epoch: 1, at: 0 };
  const work = new Work(`/assignments/w/${BATCH}.e1-1`, record, 1n, batch);
  work.arrivedMs = arrivedMs;
  work.begin(begunMs);
  return work;
}

const ended = { outcome: 'succeeded' as const, line: '{"result":1,"ms":0}' };

test('what ran side by side shares the time; what waited is held, not run', (t) => {
  const spent = new SpentTime();
  const [first, second] = [workOf(0, 5), workOf(1, 5)];
  first.end(0, ended, 105);
  second.end(0, ended, 107);
  t.deepEqual(spent.take(first, 110), { ranUs: 100_000, heldUs: 110_000 });
  t.deepEqual(spent.take(second, 110), { ranUs: 2_000, heldUs: 109_000 });
  const later = workOf(200, 300);
  later.end(0, ended, 310);
  t.deepEqual(spent.take(later, 310), { ranUs: 10_000, heldUs: 110_000 });
});

testProp(
  'all that is told together is never more than the time that passed',
  [fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 20 })],
  (t, works) => {
    const spent = new SpentTime();
    let told = 0;
    const byEnd = works.map(([begun, ran]) => ({ begun, end: begun + ran })).sort((a, b) => a.end - b.end);
    for (const { begun, end } of byEnd) {
      const work = workOf(begun, begun);
      work.end(0, ended, end);
      told += spent.take(work, end).ranUs;
    }
    t.true(told <= (byEnd.at(-1)?.end ?? 0) * 1_000);
  },
);

test('a whole assignment leaves at once, and nothing waits when there is a hurry', (t) => {
  const work = workOf(0, 0);
  t.is(dueInMs(work, false, 1), null);
  work.end(0, ended, 1);
  t.true((dueInMs(work, false, 1) ?? 0) > 0);
  t.is(dueInMs(work, true, 1), 0);
  for (let position = 1; position < COUNT; position++) work.end(position, ended, 1);
  t.is(dueInMs(work, false, 1), 0);
});

testProp(
  'a part waits for 100 ms at most, and for little where the worker has not had the assignment for long',
  [fc.nat({ max: 1_000 }), fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: COUNT - 1 })],
  (t, waitedMs, ranMs, tasks) => {
    const heldMs = waitedMs + ranMs;
    const work = workOf(0, waitedMs);
    for (let position = 0; position < tasks; position++) work.end(position, ended, heldMs);
    const waitMs = dueInMs(work, false, heldMs) ?? Infinity;
    t.true(waitMs <= 100 && waitMs <= Math.max(1, 2 * heldMs), `${waitMs} ms`);
  },
);
