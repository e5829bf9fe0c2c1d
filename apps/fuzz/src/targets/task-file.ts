import { parseTasks } from 'drover/internal/tasks';
import { LIMITS, TASK_OPTION_NAMES, TASK_OPTIONS, TYPE_PATTERN } from '@drover/core';
import fc from 'fast-check';
import { garbageFor, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

/** Every option that there is. */
const examples = Object.fromEntries(TASK_OPTION_NAMES.map((name) => [name, TASK_OPTIONS[name].example]));
const GOOD = [
  JSON.stringify({ type: 'resize', payload: { n: 1 }, ...examples }),
  '{"type":"echo","max-attempts":2,"retry":{"kind":"constant","delayMs":1000}}',
  '{"payload":[1,2,3]}',
];
const anyFile = fc.array(fc.oneof(garbageFor(fc.constantFrom(...GOOD)), fc.constantFrom(...GOOD.map(utf8))), {
  maxLength: 4,
});

/** `drover submit --from`, however the file is cut into chunks: each line is a task or a problem that is told. */
export function taskFileTargets(): Target[] {
  const property = fc.asyncProperty(
    anyFile,
    fc.integer({ min: 1, max: 5_000 }),
    fc.option(fc.constant('echo')),
    async (lines, chunkBytes, defaultType) => {
      const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
      const options = {
        defaultType: defaultType ?? undefined,
        onProblem: ({ line, problem }: { line: number; problem: string }): void => {
          if (line < 1 || problem === '') throw new Error('a problem that says nothing');
        },
      };
      for await (const task of parseTasks(chunksOf(bytes, chunkBytes), options)) {
        if (!TYPE_PATTERN.test(task.type)) throw new Error(`type ${task.type} passed`);
        if (Buffer.byteLength(JSON.stringify(task.payload ?? null)) > LIMITS.payloadBytes)
          throw new Error('a payload that is too large passed');
      }
    },
  );
  return [{ name: 'task file', share: 0.1, property }];
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}
