import { batchIds } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { afterwards, splitByStretches, UnfinishedIds } from './unfinished-ids.js';

const SECOND = 1_024;
/** One id for each of these seconds. */
function idsOf(seconds: readonly number[]): string[] {
  let now = 0;
  const next = batchIds(
    () => now,
    () => 0.5,
  );
  return [...seconds]
    .sort((a, b) => a - b)
    .map((second) => {
      now = second * SECOND;
      return next();
    });
}

testProp(
  'every unfinished batch is in a stretch, in at most as many as asked for',
  [
    fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 40 }),
    fc.array(fc.boolean()),
    fc.integer({ min: 1, max: 8 }),
  ],
  (t, seconds, over, most) => {
    const ids = idsOf(seconds);
    const unfinished = new UnfinishedIds();
    for (const id of ids) unfinished.count(id, 1);
    const left = ids.filter((id, i) => {
      if (over[i] === true) unfinished.count(id, -1);
      return over[i] !== true;
    });
    const stretches = unfinished.stretches(most);
    t.true(stretches.length <= most);
    const { inside, outside } = splitByStretches(ids, stretches);
    t.deepEqual([...inside, ...outside].sort(), ids);
    for (const id of left) t.true(inside.includes(id));
  },
);

test('the widest gaps are left out', (t) => {
  const ids = idsOf([10, 11, 500, 503, 90_000]);
  const unfinished = new UnfinishedIds();
  for (const id of ids) unfinished.count(id, 1);
  const kept = idsOf([200, 502, 600, 90_001]);
  const { inside, outside } = splitByStretches(kept, unfinished.stretches(3));
  t.deepEqual([inside, outside], [[kept[1]], [kept[0], kept[2], kept[3]]]);
});

test('what was submitted after the newest stretch is read with the unfinished ones; without advice, everything', (t) => {
  const ids = idsOf([10, 500, 501]);
  const unfinished = new UnfinishedIds();
  unfinished.count(ids[1] ?? '', 1);
  const stretches = unfinished.stretches(4);
  t.deepEqual(splitByStretches(ids, [...stretches, afterwards(stretches)]).outside, [ids[0]]);
  t.deepEqual(splitByStretches(ids, [afterwards([])]).inside, ids);
});

test('wrong advice loses no batch', (t) => {
  const ids = idsOf([10, 20, 30]);
  const garbage = [
    ['Z', 'A'],
    ['', ''],
    ['~', 'x'],
    [ids[1] ?? '', ids[0] ?? ''],
  ] as const;
  const { inside, outside } = splitByStretches(ids, garbage);
  t.deepEqual([...inside, ...outside].sort(), ids);
});
