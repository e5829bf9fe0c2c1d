import { setTimeout as delay } from 'node:timers/promises';
import { sizeFor } from '../effort.js';
import { tasks, DroverProcesses, measureOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { Observer } from './observer.js';

/** 100,000 tasks that are not due and 100 workers without work: what the leader and ZooKeeper spend on them. */
export async function idle(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { quick: 10_000, full: 100_000 });
  const workers = sizeFor(place.effort, { check: 5, quick: 20, full: 100 });
  const seconds = sizeFor(place.effort, { check: 1, quick: 10, full: 30 });
  const settleMs = sizeFor(place.effort, { check: 100, quick: 3_000, full: 3_000 });
  const processes = new DroverProcesses(place.chroot('idle'), place.connection);
  const leader = await processes.scheduler('bench');
  await processes.crowd(workers);
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  try {
    for await (const _task of drover.submitMany(tasks(count), { delay: '1h' }));
    await delay(settleMs);
    await measureOf(leader, 'cpu');
    const before = await observer.transactions();
    await delay(seconds * 1_000);
    const writes = (await observer.transactions()) - before;
    const cpuMs = await measureOf(leader, 'cpu');
    const of = `with ${count.toLocaleString('en-US')} delayed tasks and ${workers} idle workers`;
    return [
      { name: `leader ${of}`, value: (cpuMs / (seconds * 1_000)) * 100, unit: '% of a core', target: { atMost: 2 } },
      // The observer's own two are not the scheduler's.
      { name: `writes to ZooKeeper ${of}`, value: (writes - 2) / seconds, unit: '/s', target: { atMost: 1 } },
    ];
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}
