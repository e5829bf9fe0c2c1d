import { setTimeout as delay } from 'node:timers/promises';
import { CommandRefusedError, flow, RunNotFoundError, type Drover } from '@drover/client';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { numbers } from '../systems/drover.flows.js';
import { DroverProcesses, measureOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { Observer } from './observer.js';

const MILLION = 1_000_000;
const POLL_MS = 100;
const WAITING = flow<number, null>('bench-waiting', (f) => {
  f.signal('go');
  return null;
});

/** Runs that wait for a signal: what the leader and ZooKeeper spend on them. */
export async function flowsWaiting(place: Place): Promise<Figure[]> {
  const runs = sizeFor(place.effort, { quick: MILLION / 10, full: MILLION });
  const seconds = sizeFor(place.effort, { check: 1, quick: 5, full: 20 });
  const settleMs = sizeFor(place.effort, { check: 100, quick: 3_000, full: 3_000 });
  const processes = new DroverProcesses(place.chroot('waiting'), place.connection);
  const leader = await processes.scheduler('bench');
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  try {
    const before = await measureOf(leader, 'memory');
    let last = '';
    const startS = await secondsOf(async () => {
      for await (const { id } of drover.startMany(WAITING, numbers(runs))) last = id;
    });
    await untilKnown(drover, last);
    await delay(settleMs);
    const after = await measureOf(leader, 'memory');
    await measureOf(leader, 'cpu');
    const written = await observer.transactions();
    await delay(seconds * 1_000);
    const writes = (await observer.transactions()) - written;
    const cpuMs = await measureOf(leader, 'cpu');
    const of = `flows: ${runs.toLocaleString('en-US')} runs that wait for a signal`;
    return [
      { name: `${of}: start`, value: startS, unit: 's', target: null },
      {
        name: `${of}: leader's memory`,
        value: (after - before) / 1e6,
        unit: 'MB',
        target: { atMost: (200 * runs) / MILLION },
      },
      // The observer's own two are not the scheduler's.
      { name: `${of}: writes to ZooKeeper`, value: (writes - 2) / seconds, unit: '/s', target: { atMost: 0 } },
      { name: `${of}: leader`, value: cpuMs / (seconds * 10), unit: '% of a core', target: { atMost: 2 } },
    ];
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

/** The leader hears of runs in their order: it knows them all when it knows the last one. */
async function untilKnown(drover: Drover, last: string): Promise<void> {
  for (;;) {
    try {
      await drover.flowRun(last).state();
      return;
    } catch (error) {
      if (!(error instanceof CommandRefusedError || error instanceof RunNotFoundError)) throw error;
      await delay(POLL_MS);
    }
  }
}
