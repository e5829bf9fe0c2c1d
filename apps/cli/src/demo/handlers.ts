import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { defineHandlers, type TaskContext } from '@drover/core';
import { countPrimes, sumOfSquares, textFacts, type TextFacts } from './compute.js';

/** The file to which every run appends a line, so that runs can be counted without asking the scheduler. */
interface Traced {
  trace: string;
}

/** The handlers module of the demo's workers (`drover worker --handlers`), and an example of one. */
export default defineHandlers<{
  'demo.text': [payload: Traced & { path: string }, result: TextFacts];
  'demo.sum-of-squares': [payload: Traced & { n: number }, result: string];
  'demo.primes': [payload: Traced & { from: number; to: number }, result: number];
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
});

/** One write in append mode: lines of several processes do not mix. */
function leaveTrace(path: string, { id, attempt, worker }: TaskContext): void {
  appendFileSync(path, `${id} ${attempt} ${worker}\n`);
}
