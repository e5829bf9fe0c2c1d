import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { UnknownCellError } from './errors.js';
import { batchIds, isBatchId, localBatch, localTask, parseTaskId, taskId, timeOfBatch } from './ids.js';
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

const anyCell = fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z0-9]{1,12}$/));

testProp(
  'a task id says its cell, its batch and its index',
  [anyTime, fc.nat(999_999), fc.nat(), anyCell],
  (t, time, index, seed, cell) => {
    const batch = batchIds(() => time, seeded(seed))();
    const id = taskId(batch, index, cell);
    t.deepEqual(parseTaskId(id), { cell, batch, index });
    t.is(id.includes('~'), cell !== '', 'the one cell has no prefix');
    t.is(timeOfBatch(batch), time);
  },
);

testProp(
  'an id of another cell is no id of a task here, and the error names the cell',
  [fc.nat(), anyCell],
  (t, seed, cell) => {
    const batch = batchIds(() => 1, seeded(seed))();
    const id = taskId(batch, 3, cell);
    if (cell === '') {
      t.like(localTask(id), { batch, index: 3 });
      t.is(localBatch(batch), batch);
      return;
    }
    for (const read of [() => localTask(id), () => localBatch(`${cell}~${batch}`)])
      t.like(t.throws(read, { instanceOf: UnknownCellError }), { cell, category: 'usage' });
  },
);

testProp(
  'a text is a task id only as it is written: parsed and written again it is the same',
  [fc.stringMatching(/^[a-z0-9~]{0,14}~?01J0000000000000000000000[0-9A-Z]\.?[0-9]{0,7}$/)],
  (t, text) => {
    const address = parseTaskId(text);
    if (address === null) t.pass();
    else t.is(taskId(address.batch, address.index, address.cell), text);
  },
);

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
    `~${batch}.1`,
    `EU~${batch}.1`,
    `eu-1~${batch}.1`,
    `abcdefghijklm~${batch}.1`,
    `eu~us~${batch}.1`,
    `eu~${batch}`,
    `eu ~${batch}.1`,
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
