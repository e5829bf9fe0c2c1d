import { fc, testProp } from '@fast-check/ava';
import { Grouping } from './grouping.js';
import type { TaskEntry, TaskHistory } from './task-history.js';

const name = fc.constantFrom('a', 'b', 'client-1/17', 'ä\n', ...Array.from({ length: 20 }, (_, n) => `t${n}`));
const at = fc.nat(5);
const worker = 'w';
const entry: fc.Arbitrary<TaskEntry> = fc.oneof(
  fc
    .record({ at, task: name })
    .map((of) => ({ from: 'operations', entry: { ...of, type: 'ok', op: 'submit' } }) as const),
  fc
    .record({ at, task: name, attempt: fc.integer({ min: 1, max: 9 }) })
    .map((of) => ({ from: 'effects', entry: { ...of, token: 1, type: 'start', worker } }) as const),
  fc
    .record({ at, task: name })
    .map((of) => ({ from: 'resource', entry: { ...of, token: 1, accepted: true } }) as const),
);

async function grouped(chunks: TaskEntry[][], maxHeld: number): Promise<Map<string, TaskHistory>> {
  const grouping = new Grouping(maxHeld);
  const found = new Map<string, TaskHistory>();
  try {
    for (const chunk of chunks) await grouping.add(chunk);
    for await (const tasks of grouping.tasks())
      for (const task of tasks) {
        if (found.has(task.task)) throw new Error(`${task.task} came twice`);
        found.set(task.task, task);
      }
  } finally {
    await grouping.close();
  }
  return found;
}

const byName = (tasks: Map<string, TaskHistory>): TaskHistory[] =>
  [...tasks.values()].sort((a, b) => (a.task < b.task ? -1 : 1));

testProp(
  'what went through files is the same as what stayed in memory: every entry, in its order',
  [fc.array(fc.array(entry)), fc.nat(10)],
  async (t, chunks, maxHeld) => {
    const inMemory = await grouped(chunks, Infinity);
    t.deepEqual(byName(await grouped(chunks, maxHeld)), byName(inMemory));
    for (const { operations, effects, writes } of inMemory.values())
      for (const entries of [operations, effects, writes])
        t.true(entries.every((one, index) => one.at >= (entries[index - 1]?.at ?? 0)));
    const count = [...inMemory.values()].flatMap((one) => [one.operations, one.effects, one.writes].flat()).length;
    t.is(count, chunks.flat().length);
  },
  { numRuns: 30 },
);
