import { setTimeout as delay } from 'node:timers/promises';
import { defineHandlers } from '@drover/core';

/** When a task began and ended, in ms of a clock that all processes of the machine share. */
export interface Held {
  key: number;
  from: number;
  to: number;
}

/** The time of the machine since its start, which no adjustment of the clock moves. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export default defineHandlers({
  held: async ({ key, ms }: { key: number; ms: number }): Promise<Held> => {
    const from = now();
    if (ms > 0) await delay(ms);
    return { key, from, to: now() };
  },
});
