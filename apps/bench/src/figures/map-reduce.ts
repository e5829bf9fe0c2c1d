import { setTimeout as delay } from 'node:timers/promises';
import type { Drover } from '@drover/client';
import type { Child } from '../child.js';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { measureOf } from '../systems/drover.js';
import { expectResult, sumBelow } from '../systems/flow-system.js';
import type { Figure, Place } from './figure.js';

const QUEUE = 'mapped';
const POLL_MS = 100;
const MILLION = 1_000_000;

/**
 * A map over an async iterable, and its reduce. The queue is paused until all items are there: then the leader's memory for them
 * is measured, outside of the time.
 */
export async function mapReduce({ effort, serverCount }: Place, drover: Drover, leader: Child): Promise<Figure[]> {
  const items = sizeFor(effort, { quick: MILLION / 10, full: MILLION });
  await drover.pauseQueue(QUEUE);
  const before = await measureOf(leader, 'memory');
  await measureOf(leader, 'block');
  const begunAt = performance.now();
  const run = await drover.map('flow.number', numbersOneByOne(items)).reduce<number>('flow.add').run({ queue: QUEUE });
  const writeS = (performance.now() - begunAt) / 1_000;
  await untilPending(drover, items);
  const blockedAtFirst = await measureOf(leader, 'block');
  const after = await measureOf(leader, 'memory');
  // The collections of this measurement are not the leader's own.
  await measureOf(leader, 'block');
  const runS = await secondsOf(async () => {
    await drover.resumeQueue(QUEUE);
    expectResult(`map ${run.id}`, await run.result(), sumBelow(items));
  });
  const blockedMs = Math.max(blockedAtFirst, await measureOf(leader, 'block'));
  const of = `map of ${items.toLocaleString('en-US')} items from an async iterable, and reduce`;
  return [
    {
      name: `flows: ${of}`,
      value: writeS + runS,
      unit: 's',
      target: serverCount === 1 ? { atMost: (30 * items) / MILLION } : null,
    },
    { name: `flows: ${of}: writing the items`, value: writeS, unit: 's', target: null },
    {
      name: `flows: ${of}: leader's memory for it`,
      value: (after - before) / 1e6,
      unit: 'MB',
      target: { atMost: 50 },
    },
    { name: `flows: ${of}: leader's longest block`, value: blockedMs, unit: 'ms', target: { atMost: 50 } },
  ];
}

async function* numbersOneByOne(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) yield n;
}

async function untilPending(drover: Drover, items: number): Promise<void> {
  for (;;) {
    const queue = (await drover.queues()).find(({ name }) => name === QUEUE);
    if (queue !== undefined && queue.pending >= items) return;
    await delay(POLL_MS);
  }
}
