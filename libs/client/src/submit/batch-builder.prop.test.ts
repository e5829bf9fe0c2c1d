import { fc, testProp } from '@fast-check/ava';
import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { BatchBuilder, groupsOf, type Entry } from './batch-builder.js';

const limits = { tasks: 5, bytes: 1_000, keys: 3 };

const AFTER = [1, 5, 20].map((count) => Array.from({ length: count }, (_, n) => `01JD3V8R2MZ6K4Q7T9XBYC5HNA.${n}`));

const entry = fc
  .record({
    type: fc.constantFrom('a', 'b'),
    bytes: fc.integer({ min: 1, max: 1_500 }),
    key: fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4'), { freq: 2 }),
    after: fc.option(fc.constantFrom(...AFTER), { freq: 2 }),
    limits: fc.option(fc.constantFrom(['a/1'], ['a/1', 'a long name '.repeat(8)]), { freq: 2 }),
  })
  .map(({ type, bytes, key, after, limits: names }): Entry => ({
    options: { ...DEFAULT_TASK_OPTIONS, type, key, after, limits: names },
    payload: 'x'.repeat(bytes),
    bytes,
    acknowledged: () => undefined,
    failed: () => undefined,
  }));

function buildersOf(entries: readonly Entry[]): BatchBuilder[] {
  const builders = [new BatchBuilder(limits)];
  for (const each of entries) {
    if (builders.at(-1)?.hasRoomFor(each) === false) builders.push(new BatchBuilder(limits));
    builders.at(-1)?.add(each);
  }
  return builders;
}

testProp('no task is lost, none is twice, and their order stays', [fc.array(entry)], (t, entries) => {
  const builders = buildersOf(entries);
  const everyone = builders.flatMap((builder) => [...builder.entries, ...[...builder.followers.values()].flat()]);
  const ascending = (a: number, b: number): number => a - b;
  t.deepEqual(everyone.map((each) => entries.indexOf(each)).sort(ascending), [...entries.keys()]);
  const places = builders.flatMap((builder) => builder.entries.map((each) => entries.indexOf(each)));
  t.deepEqual(places, [...places].sort(ascending));
});

testProp('a builder of more than one task keeps every limit', [fc.array(entry)], (t, entries) => {
  const builders = buildersOf(entries);
  t.true(builders.length <= Math.max(1, entries.length));
  for (const builder of builders) {
    const keys = builder.entries.map(({ options }) => options.key).filter((key) => key !== null);
    t.is(new Set(keys).size, keys.length, 'a key stands once');
    if (builder.entries.length <= 1) continue;
    t.true(builder.entries.length <= limits.tasks);
    const named = groupsOf(builder.entries).reduce(
      (sum, group) => sum + JSON.stringify(group.after ?? '').length + JSON.stringify(group.limits ?? '').length,
      0,
    );
    t.true(builder.entries.reduce((sum, { bytes }) => sum + bytes, named) <= limits.bytes + 2 * limits.tasks);
    t.true(keys.length <= limits.keys);
  }
});

testProp('groups are the options of the tasks, run-length', [fc.array(entry, { minLength: 1 })], (t, entries) => {
  const groups = groupsOf(entries);
  const spread = groups.flatMap(({ count, ...options }) => Array.from({ length: count }, () => options));
  t.deepEqual(
    spread,
    entries.map(({ options }) => options),
  );
  groups.slice(1).forEach((group, i) => {
    const { count: _a, ...one } = group;
    const { count: _b, ...before } = groups[i] ?? group;
    t.notDeepEqual(one, before, 'neighbours differ');
  });
});
