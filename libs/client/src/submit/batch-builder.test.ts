import { DEFAULT_TASK_OPTIONS, LIMITS, type TaskOptions } from '@drover/core';
import test from 'ava';
import { BatchBuilder, groupsOf, type Entry } from './batch-builder.js';

const LARGE = { tasks: 500, bytes: 64 * 1024, keys: 200 };

function entry(options: Partial<TaskOptions>): Entry {
  const rest = { payload: 'null', bytes: 4, acknowledged: () => undefined, failed: () => undefined };
  return { options: { ...DEFAULT_TASK_OPTIONS, type: 't', ...options }, ...rest };
}

function fill(entries: Iterable<Entry>): BatchBuilder {
  const builder = new BatchBuilder(LARGE);
  for (const each of entries) if (builder.hasRoomFor(each)) builder.add(each);
  return builder;
}

test('a batch is cut before resources and conditions make its header long', (t) => {
  const entries = Array.from({ length: 500 }, (_, at) =>
    entry({
      resources: { cpu: at + 1, memory: 2 ** 30 },
      where: [{ label: 'zone', op: 'in', values: [`zone-${at}`, 'x'.repeat(50)] }],
    }),
  );
  const builder = fill(entries);
  const said = groupsOf(builder.entries).map(({ resources, where }) => JSON.stringify([resources, where]));
  const bytes = said.reduce((sum, text) => sum + text.length, 0);
  t.true(builder.entries.length > 50 && builder.entries.length < 200, String(builder.entries.length));
  t.true(bytes > LIMITS.placementBytes / 2 && bytes <= LIMITS.placementBytes, String(bytes));
});

test('tasks that follow each other with the same resources say it once', (t) => {
  const same = entry({ resources: { gpu: 1_000 }, near: ['host:h1'.padEnd(1_000, 'x')] });
  const copies = Array.from({ length: 500 }, () => ({ ...same, options: { ...same.options } }));
  t.is(fill(copies).entries.length, 500);
});
