import type { Drover } from '@drover/client';
import { secondsOf } from '../compare.js';
import { Tally, type Payload } from '../system.js';
import { DroverProcesses } from '../systems/drover.js';
import type { Place } from './figure.js';

/** How throughput changes with one thing, all else equal. */
export interface Curve {
  name: string;
  xName: string;
  points: { x: number; tasksPerSecond: number }[];
}

interface Setting {
  batchTasks?: number;
  payloadBytes?: number;
  workers?: number;
  pending?: number;
}

/** Batch size, payload size, workers, pending tasks: one varied at a time. */
export async function growth(place: Place): Promise<Curve[]> {
  const quick = place.quick;
  const vary = async (
    name: string,
    xName: string,
    xs: readonly number[],
    of: (x: number) => Setting,
  ): Promise<Curve> => {
    const points: Curve['points'] = [];
    for (const x of xs) {
      place.say(`${name}: ${x}`);
      points.push({ x, tasksPerSecond: await throughput(place, of(x)) });
    }
    return { name, xName, points };
  };
  return [
    await vary('Batch size', 'tasks a batch', quick ? [1, 50, 500] : [1, 5, 20, 50, 100, 200, 500], (x) => ({
      batchTasks: x,
    })),
    await vary('Payload', 'bytes a task', quick ? [16, 4_096] : [16, 256, 1_024, 4_096, 16_384, 65_536], (x) => ({
      payloadBytes: x,
    })),
    await vary('Workers', 'workers', quick ? [1, 20] : [1, 2, 10, 100, 300, 1_000], (x) => ({ workers: x })),
    await vary(
      'Pending tasks',
      'tasks pending',
      quick ? [0, 50_000] : [0, 10_000, 100_000, 300_000, 1_000_000],
      (x) => ({ pending: x }),
    ),
  ];
}

async function throughput(place: Place, setting: Setting): Promise<number> {
  const { batchTasks = 500, payloadBytes = 50, workers = 1, pending = 0 } = setting;
  const processes = new DroverProcesses(place.chroot('growth'), place.connection);
  await processes.scheduler('bench');
  await processes.crowd(workers);
  const drover = await processes.client({ batchTasks });
  try {
    await drover.pauseQueue('backlog');
    for await (const _task of drover.submitMany(inputs(pending, 50), { queue: 'backlog' }));
    // A run moves about as many bytes whatever the size of a task is, and takes seconds at the rate of its batch size.
    const most = (place.quick ? 20_000 : 200_000) * Math.min(1, batchTasks / 50, 1_024 / payloadBytes);
    const count = Math.max(1_000, Math.round(most));
    await run(drover, count / 5, payloadBytes);
    return count / (await secondsOf(() => run(drover, count, payloadBytes)));
  } finally {
    await drover.close();
    await processes.stop();
  }
}

async function run(drover: Drover, count: number, payloadBytes: number): Promise<void> {
  const tally = new Tally(Math.floor(count));
  for await (const task of drover.run(inputs(Math.floor(count), payloadBytes))) {
    if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
    tally.result((task.result as Payload).i);
  }
  await tally.done;
}

function* inputs(count: number, payloadBytes: number): Generator<{ type: string; payload: Payload }> {
  const text = 'x'.repeat(payloadBytes);
  for (let i = 0; i < count; i++) yield { type: 'echo', payload: { i, text } };
}
