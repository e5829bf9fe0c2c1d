import { defineHandlers } from '@drover/core';

/** Milliseconds from the end of each step of a chain to the start of the next; chains run one after the other. */
const hops: number[] = [];
let endedAt = 0;

export default defineHandlers<{
  /** A step of a chain: the number of steps before it. */
  'flow.next': [payload: number, result: number];
  /** The hops since it was asked last, as milliseconds. */
  'flow.hops': [payload: null, result: number[]];
  'flow.number': [payload: number, result: number];
  'flow.add': [payload: { results: number[] }, result: number];
}>({
  'flow.next': (n) => {
    if (n > 0) hops.push(performance.now() - endedAt);
    endedAt = performance.now();
    return n + 1;
  },
  'flow.hops': () => hops.splice(0),
  'flow.number': (n) => n,
  'flow.add': ({ results }) => results.reduce((sum, n) => sum + n, 0),
});
