import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { DroverProcesses, tasks } from '../systems/drover.js';
import { apiAddress, WITH_API } from './api-address.js';
import type { Figure, Place } from './figure.js';
import { HttpViewer } from './http-viewer.js';
import { Observer } from './observer.js';

const HANDLERS = fileURLToPath(new URL('../systems/failing.handlers.js', import.meta.url));
const QUEUE = 'failing';
const POLL_MS = 50;

/** A bulk action on failed tasks, from its preview until each is pending again, at no limit of its rate. */
export async function bulkRetry(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { quick: 10_000, full: 100_000 });
  const processes = new DroverProcesses(place.chroot('bulk'), place.connection);
  const flags = { ...WITH_API, retainTasks: '1000000', retainDeadTasks: '1000000', retainAtLeast: '1h' };
  await processes.scheduler('bench', flags);
  await processes.worker('bench', { handlers: HANDLERS });
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  const viewer = new HttpViewer(await apiAddress(observer));
  try {
    for await (const _task of drover.submitMany(tasks(count, 'failing'), { queue: QUEUE, maxAttempts: 1 }));
    await untilFailed(viewer, count);
    await drover.pauseQueue(QUEUE);
    const value = await secondsOf(() => retryAll(viewer, count));
    await untilFailed(viewer, 0);
    const target = { atMost: (30 * count) / 100_000 };
    return [{ name: `bulk retry of ${count.toLocaleString('en-US')} failed tasks`, value, unit: 's', target }];
  } finally {
    viewer.close();
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

async function untilFailed(viewer: HttpViewer, wanted: number): Promise<void> {
  for (;;) {
    const { count } = JSON.parse(await viewer.read('/v1/tasks/count?q=state:failed')) as { count: number };
    if (count === wanted) return;
    await delay(POLL_MS);
  }
}

async function retryAll(viewer: HttpViewer, count: number): Promise<void> {
  const filter = `queue:${QUEUE} state:failed`;
  const preview = (await viewer.send('/v1/bulk/preview', { action: 'retry', filter })) as { token: string };
  const asked = { token: preview.token, reason: 'benchmark', rate: 'unlimited' };
  const { id } = (await viewer.send('/v1/bulk', asked)) as { id: string };
  for (;;) {
    const said = await viewer.read(`/v1/operations/${encodeURIComponent(id)}`);
    const { state, done } = JSON.parse(said) as { state: string; done: number };
    if (state !== 'running') {
      if (state === 'done' && done === count) return;
      throw new Error(`the bulk action ended so: ${said}`);
    }
    await delay(POLL_MS);
  }
}
