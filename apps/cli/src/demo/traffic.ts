import { DroverError } from '@drover/core';
import type { Drover, TaskInput } from '@drover/client';
import { Pause, type Runtime } from '@drover/runtime';

const EVERY_MS = 1_000;
const AT_ONCE = 12;

/**
 * Gives a dashboard something to show until `signal`: orders that succeed, bills of which one in five fails, a queue that
 * somebody has paused, and tasks of a type that no worker offers.
 */
export async function makeTraffic(drover: Drover, runtime: Runtime, signal: AbortSignal): Promise<void> {
  await quietly(() => drover.pauseQueue('newsletter', { by: 'ada', reason: 'the mail provider is down' }));
  await quietly(() => submit(drover, [...many(40, () => ({ ...order(), queue: 'newsletter' })), ...many(3, unserved)]));
  const pause = new Pause();
  signal.addEventListener('abort', () => pause.end(), { once: true });
  for (let round = 0; !signal.aborted; round++) {
    await quietly(() => submit(drover, [...many(AT_ONCE, order), bill(round)]));
    await pause.sleep(runtime, EVERY_MS);
  }
}

const many = (count: number, make: () => TaskInput): TaskInput[] => Array.from({ length: count }, make);
const order = (): TaskInput => ({ type: 'sleep', payload: { ms: 200 }, queue: 'orders' });
const unserved = (): TaskInput => ({ type: 'demo.unserved', payload: {}, queue: 'reports' });
const bill = (round: number): TaskInput =>
  round % 5 === 4
    ? {
        type: 'shell',
        payload: { argv: ['sh', '-c', 'echo the bank refuses the card; exit 1'] },
        queue: 'billing',
        maxAttempts: 2,
      }
    : { type: 'echo', payload: { bill: round }, queue: 'billing' };

async function submit(drover: Drover, tasks: readonly TaskInput[]): Promise<void> {
  for await (const { id } of drover.submitMany(tasks)) if (id === '') return;
}

/** The show goes on when one step of it fails: a person may have changed anything. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
  }
}
