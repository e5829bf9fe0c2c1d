import type { Drover } from '@drover/client';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { spreadOf, type Spread } from '../statistics.js';
import { Tally } from '../system.js';
import { DroverProcesses } from '../systems/drover.js';
import type { Place } from './figure.js';

/** How throughput changes with one thing, all else equal. */
export interface Curve {
  name: string;
  xName: string;
  points: { x: number; tasksPerSecond: Spread }[];
}

interface Setting {
  batchTasks?: number;
  payloadBytes?: number;
  /** Small ones; absent: one as in the other figures. */
  workers?: number;
  pending?: number;
}

interface CurveSettings {
  name: string;
  xName: string;
  xs: Readonly<Record<'check' | 'quick' | 'some' | 'all', readonly number[]>>;
  setting: (x: number) => Setting;
  /** Only if the size of the ensemble varies. */
  serversOf?: (x: number) => number;
}

const BATCHES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const PAYLOADS = [0, 64, 256, 1_024, 4_096, 16_384, 65_536];
const CROWDS = [1, 2, 5, 10, 30, 100, 300, 1_000];
const BACKLOGS = [0, 1_000, 10_000, 100_000, 300_000, 1_000_000];

/** One thing varied at a time. */
export const CURVES: readonly CurveSettings[] = [
  {
    name: 'Batch size',
    xName: 'tasks a batch',
    xs: { check: [1, 500], quick: [1, 500], some: [1, 20, 100, 500], all: BATCHES },
    setting: (x) => ({ batchTasks: x }),
  },
  {
    name: 'Payload',
    xName: 'bytes of payload a task',
    xs: { check: [0, 4_096], quick: [0, 4_096], some: [0, 1_024, 65_536], all: PAYLOADS },
    setting: (x) => ({ payloadBytes: x }),
  },
  {
    name: 'Workers',
    xName: 'workers',
    xs: { check: [1, 5], quick: [1, 20], some: [1, 30, 1_000], all: CROWDS },
    setting: (x) => ({ workers: x }),
  },
  {
    name: 'Pending tasks',
    xName: 'tasks pending in another queue',
    xs: { check: [0, 1_000], quick: [0, 50_000], some: [0, 100_000, 1_000_000], all: BACKLOGS },
    setting: (x) => ({ pending: x }),
  },
  {
    name: 'Servers',
    xName: 'ZooKeeper servers, all on this machine',
    xs: { check: [1, 3], quick: [1, 3], some: [1, 3, 5], all: [1, 3, 5] },
    setting: () => ({}),
    serversOf: (x) => x,
  },
];

export function pointsOf({ xs }: Pick<CurveSettings, 'xs'>, { form, quick, allPoints }: Effort): readonly number[] {
  if (form === 'check') return xs.check;
  return allPoints ? xs.all : quick ? xs.quick : xs.some;
}

/** Tasks a second over the runs of one point. */
export async function measurePoint(place: Place, setting: Setting): Promise<Spread> {
  const { batchTasks = 500, payloadBytes = 50, workers, pending = 0 } = setting;
  const processes = new DroverProcesses(place.chroot('growth'), place.connection);
  await processes.scheduler('bench');
  await (workers === undefined ? processes.worker('bench') : processes.crowd(workers));
  const drover = await processes.client({ batchTasks });
  try {
    await fillBacklog(processes, pending);
    // A run moves about as many bytes whatever the size of a task is, and takes seconds at the rate of its batch size.
    const most = sizeFor(place.effort, { quick: 20_000, full: 200_000 });
    const share = Math.min(1, batchTasks / 50, 1_024 / Math.max(1, payloadBytes));
    const count = Math.max(Math.min(most, 2_000), Math.round(most * share));
    await run(drover, Math.ceil(count / 5), payloadBytes);
    const rates: number[] = [];
    for (let n = 0; n < place.effort.repeats; n++)
      rates.push(count / (await secondsOf(() => run(drover, count, payloadBytes))));
    return spreadOf(rates);
  } finally {
    await drover.close();
    await processes.stop();
  }
}

/** Submits the backlog in full batches, also when another batch size is measured. */
async function fillBacklog(processes: DroverProcesses, pending: number): Promise<void> {
  if (pending === 0) return;
  const drover = await processes.client();
  try {
    await drover.pauseQueue('backlog');
    for await (const _task of drover.submitMany(inputs(pending, 50), { queue: 'backlog' }));
  } finally {
    await drover.close();
  }
}

async function run(drover: Drover, count: number, payloadBytes: number): Promise<void> {
  const tally = new Tally(count);
  for await (const task of drover.run(inputs(count, payloadBytes))) {
    if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
    const bytes = typeof task.result === 'string' ? task.result.length : 0;
    if (bytes !== payloadBytes) throw new Error(`task ${task.id} gave ${bytes} bytes back of ${payloadBytes}`);
    tally.result(task.index);
  }
  await tally.done;
}

/** A text of that many bytes; none at all for 0. */
function* inputs(count: number, payloadBytes: number): Generator<{ type: string; payload?: string }> {
  const input = payloadBytes === 0 ? { type: 'echo' } : { type: 'echo', payload: 'x'.repeat(payloadBytes) };
  for (let i = 0; i < count; i++) yield input;
}
