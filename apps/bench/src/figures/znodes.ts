import { setTimeout as delay } from 'node:timers/promises';
import type { Drover } from '@drover/client';
import { openHandle } from '../ensemble-connection.js';
import { sizeFor } from '../effort.js';
import { payload, Tally, type Payload } from '../system.js';
import { DroverProcesses, tasks } from '../systems/drover.js';
import type { Place } from './figure.js';

/** Long beyond retention and a session's end. */
const PATIENCE_MS = 60_000;
const POLL_MS = 200;

/**
 * The znodes of a cluster with one scheduler, no worker and no client, that keeps no finished task. With `expected`
 * waits until there are no more than that, or not any longer.
 */
export async function settledZnodes(
  zk: string,
  { connection }: Pick<Place, 'connection'>,
  expected = Infinity,
): Promise<number> {
  const processes = new DroverProcesses(zk, connection);
  await processes.scheduler('count', { retainTasks: '0', retainDeadTasks: '0', retainAtLeast: '0s' });
  const observer = openHandle(zk, connection);
  try {
    // The last two that a first leader creates, in no order.
    for (const path of ['/status', '/intake']) while ((await observer.exists(path)) === null) await delay(POLL_MS);
    let count = await observer.countDescendants('/');
    for (let waited = 0; count > expected && waited < PATIENCE_MS; waited += POLL_MS) {
      await delay(POLL_MS);
      count = await observer.countDescendants('/');
    }
    return count;
  } finally {
    await observer.close();
    await processes.stop();
  }
}

/** Tasks that succeed, fail, are cancelled and outlive their worker and their leader; each has one end. */
export async function everyFate(place: Place, zk: string): Promise<void> {
  const processes = new DroverProcesses(zk, place.connection);
  const soon = { sessionTimeout: '2s' };
  const leader = await processes.scheduler('doomed', soon);
  await processes.scheduler('heir', soon);
  const doomed = await processes.worker('doomed', soon);
  await processes.worker('steady');
  const drover = await processes.client();
  try {
    const count = sizeFor(place.effort, { check: 5_000, quick: 50_000, full: 500_000 });
    const deaths = new Map([
      [count / 5, doomed],
      [(count * 3) / 5, leader],
    ]);
    const tally = new Tally(count);
    let seen = 0;
    for await (const task of drover.run(tasks(count))) {
      if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
      tally.result((task.result as Payload).i);
      await deaths.get(++seen)?.stop('SIGKILL');
    }
    await tally.done;
    await otherEnds(drover);
  } finally {
    await drover.close();
    await processes.stop();
  }
}

async function otherEnds(drover: Drover): Promise<void> {
  const failing = await drover.submit('sleep', payload(0), { maxAttempts: 1 });
  const late = await drover.submit('echo', payload(0), { delay: '1h', key: 'late' });
  const nobodys = await drover.submit('nobody-runs-this', payload(0));
  await drover.cancel([late.id, nobodys.id]);
  const ends = await Promise.allSettled([failing, late, nobodys].map((task) => task.result()));
  if (ends.some(({ status }) => status === 'fulfilled'))
    throw new Error('a task that fails or was cancelled has a result');
}
