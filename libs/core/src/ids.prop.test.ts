import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { batchIds, isBatchId, parseTaskId, taskId, timeOfBatch } from './ids.js';
import { countOf, indexesOf, toRanges } from './ranges.js';

/** Good enough for ids: a linear congruential generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** ulid takes 0 for "now"; no clock says 1970. */
const anyTime = fc.integer({ min: 1, max: 2 ** 46 });

testProp(
  'batch ids are ids, differ, and grow with time and within a millisecond',
  [fc.array(anyTime, { minLength: 1, maxLength: 50 }), fc.nat()],
  (t, times, seed) => {
    const sorted = times.sort((a, b) => a - b);
    let now = 0;
    const next = batchIds(() => now, seeded(seed));
    const ids = sorted.map((time) => {
      now = time;
      return next();
    });
    t.true(ids.every(isBatchId));
    t.is(new Set(ids).size, ids.length);
    t.deepEqual(ids, [...ids].sort());
  },
);

testProp('a task id says its batch and index', [anyTime, fc.nat(999_999), fc.nat()], (t, time, index, seed) => {
  const batch = batchIds(() => time, seeded(seed))();
  t.deepEqual(parseTaskId(taskId(batch, index)), { batch, index });
  t.is(timeOfBatch(batch), time);
});

testProp('whatever else is no task id', [fc.string()], (t, text) => {
  t.is(parseTaskId(text), null);
});

test('a task id has one way to be written', (t) => {
  const batch = '01J0000000000000000000000A';
  for (const text of [
    `${batch}.01`,
    `${batch}.`,
    `${batch}.-1`,
    `${batch}.1.2`,
    `${batch.toLowerCase()}.1`,
    `${batch}.1000000`,
  ])
    t.is(parseTaskId(text), null, text);
});

testProp('ranges name the indexes that they were made of', [fc.uniqueArray(fc.nat(200))], (t, indexes) => {
  const sorted = indexes.sort((a, b) => a - b);
  const ranges = toRanges(sorted);
  t.deepEqual([...indexesOf(ranges)], sorted);
  t.is(countOf(ranges), sorted.length);
  const apart = ranges.every(([from, to], at) => from < to && (at === 0 || from > (ranges[at - 1]?.[1] ?? 0)));
  t.true(apart, 'ascending and not adjacent');
});
