import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { defineHandlers, type TaskContext } from '@drover/core';
import { countPrimes, sumOfSquares, textFacts, type TextFacts } from './compute.js';

/** The file to which every run appends a line, so that runs can be counted without asking the scheduler. */
interface Traced {
  trace: string;
}

/** Numbers from `from` to before `to`. */
type Range = Traced & { from: number; to: number };

/** The handlers module of the demo's workers (`drover worker --handlers`), and an example of one. */
export default defineHandlers<{
  'demo.text': [payload: Traced & { path: string }, result: TextFacts];
  'demo.sum-of-squares': [payload: Traced & { n: number }, result: string];
  'demo.primes': [payload: Range, result: number];
  'demo.ranges': [payload: Traced & { ranges: number; width: number }, result: Range[]];
  'demo.add': [payload: { results: number[] }, result: number];
}>({
  'demo.text': async ({ path, trace }, context) => {
    leaveTrace(trace, context);
    return textFacts(await readFile(path));
  },
  'demo.sum-of-squares': {
    kind: 'compute',
    run: ({ n, trace }, context) => {
      leaveTrace(trace, context);
      return sumOfSquares(n);
    },
  },
  'demo.primes': {
    kind: 'compute',
    run: ({ from, to, trace }, context) => {
      leaveTrace(trace, context);
      return countPrimes(from, to);
    },
  },
  // Each range that it gives becomes a task of the flow's map.
  'demo.ranges': ({ ranges, width, trace }, context) => {
    leaveTrace(trace, context);
    return Array.from({ length: ranges }, (_, n) => ({ trace, from: n * width, to: (n + 1) * width }));
  },
  // A reduce is given some results of the map, or of its own tasks, in order.
  'demo.add': ({ results }) => results.reduce((sum, count) => sum + count, 0),
});

/** One write in append mode: lines of several processes do not mix. */
function leaveTrace(path: string, { id, attempt, worker }: TaskContext): void {
  appendFileSync(path, `${id} ${attempt} ${worker}\n`);
}
