import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@drover/client';
import { tasks, DroverProcesses, usageOf } from '../systems/drover.js';
import { Child } from '../child.js';
import type { Figure, Place } from './figure.js';
import { Observer } from './observer.js';

/** 100,000 tasks that are not due and 100 workers without work: what the leader and ZooKeeper spend on them. */
export async function idle(place: Place): Promise<Figure[]> {
  const [count, workers, seconds] = place.quick ? [10_000, 20, 10] : [100_000, 100, 30];
  const processes = new DroverProcesses(place.chroot('idle'));
  const leader = await processes.scheduler('bench');
  const crowd = await Child.start('systems/crowd.child.js', { zk: processes.zk, workers });
  const drover = await connect({ zk: processes.zk });
  const observer = await Observer.open(processes.zk);
  try {
    for await (const _task of drover.submitMany(tasks(count), { delay: '1h' }));
    await delay(3_000);
    await usageOf(leader);
    const before = await observer.transactions();
    await delay(seconds * 1_000);
    const writes = (await observer.transactions()) - before;
    const { cpuMs } = await usageOf(leader);
    const of = `with ${count} delayed tasks and ${workers} idle workers`;
    return [
      { name: `leader ${of}`, value: (cpuMs / (seconds * 1_000)) * 100, unit: '% of a core', target: { atMost: 2 } },
      // The observer's own two are not the scheduler's.
      { name: `writes to ZooKeeper ${of}`, value: (writes - 2) / seconds, unit: '/s', target: { atMost: 1 } },
    ];
  } finally {
    await observer.close();
    await drover.close();
    await crowd.stop();
    await processes.stop();
  }
}
