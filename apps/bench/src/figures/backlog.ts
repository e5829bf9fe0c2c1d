import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { payload, Tally, type Payload } from '../system.js';
import { DroverProcesses } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { leaderless } from './leaderless.js';
import { Observer } from './observer.js';

const BACKLOG = 'backlog';
/** Nothing that is measured here is removed meanwhile. */
const KEEP = { retainTasks: '1000000', retainAtLeast: '1h' };

/** Tasks that share nothing: each in a queue of its own, or each submitted alone. */
export async function backlog(place: Place): Promise<Figure[]> {
  return [await manyQueues(place), await takeover(place)];
}

/** One task in each of many queues, then one worker. */
async function manyQueues(place: Place): Promise<Figure> {
  const queues = sizeFor(place.effort, { check: 100, quick: 10_000, full: 10_000 });
  const processes = new DroverProcesses(place.chroot('queues'), place.connection);
  await processes.scheduler('bench', KEEP);
  const drover = await processes.client();
  try {
    const tasks = [];
    for (let i = 0; i < queues; i++) tasks.push(drover.submit('echo', payload(i), { queue: `queue-${i}` }));
    const submitted = await Promise.all(tasks);
    const tally = new Tally(queues);
    await processes.worker('bench', { concurrency: '16' });
    const seconds = await secondsOf(() =>
      Promise.all(submitted.map(async (task) => tally.result(((await task.result()) as Payload).i))),
    );
    await tally.done;
    return {
      name: `one task in each of ${queues.toLocaleString('en-US')} queues, worker ready to last result`,
      value: seconds,
      unit: 's',
      target: { atMost: 5 },
    };
  } finally {
    await drover.close();
    await processes.stop();
  }
}

/** How much later the next leader assigns for what is kept and what is pending, every batch of one task. */
async function takeover(place: Place): Promise<Figure> {
  const tasks = sizeFor(place.effort, { check: 100, quick: 20_000, full: 100_000 });
  const without = await takeoverMs(place, 0);
  const behind = await takeoverMs(place, tasks);
  const count = tasks.toLocaleString('en-US');
  return {
    name: `takeover with ${count} kept and ${count} pending tasks, each submitted alone: later than without`,
    value: (behind - without) / 1_000,
    unit: 's',
    target: { atMost: 0.3 },
  };
}

async function takeoverMs(place: Place, tasks: number): Promise<number> {
  const processes = new DroverProcesses(place.chroot('takeover'), place.connection);
  const first = await processes.scheduler('first', KEEP);
  await processes.worker('bench');
  const drover = await processes.client({ batchTasks: 1 });
  const observer = await Observer.open(processes);
  try {
    await drover.pauseQueue(BACKLOG);
    for await (const task of drover.run(echoes(tasks)))
      if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
    for await (const _task of drover.submitMany(echoes(tasks), { queue: BACKLOG }));
    await processes.scheduler('second', KEEP);
    const { goneAt, assignedAt } = await leaderless(observer, drover, () => first.stop('SIGTERM'));
    return assignedAt - goneAt;
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

function* echoes(count: number): Generator<{ type: string; payload: Payload }> {
  for (let i = 0; i < count; i++) yield { type: 'echo', payload: payload(i) };
}
