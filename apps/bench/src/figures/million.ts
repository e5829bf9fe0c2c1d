import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Drover } from '@drover/client';
import type { Child } from '../child.js';
import { commandOptions } from '../ensemble-connection.js';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { serviceFolder } from '../services/folder.js';
import { payload } from '../system.js';
import { DroverProcesses, systemOf, measureOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { leaderless } from './leaderless.js';
import { Observer } from './observer.js';

const BACKLOG = 'backlog';
const TIMEOUT_MS = 6_000;
/** The most characters of a command's stderr that an error shows. */
const MOST_SAID = 2_000;

/** The cost of a million pending tasks: at the submit, in the leader's memory, at a takeover, and for other tasks. */
export async function million(place: Place): Promise<Figure[]> {
  const tasks = sizeFor(place.effort, { quick: 100_000, full: 1_000_000 });
  const processes = new DroverProcesses(place.chroot('million'), place.connection);
  // Finished tasks are removed soon: otherwise the leader's memory for them would be measured with the pending ones.
  const flags = { sessionTimeout: `${TIMEOUT_MS}ms`, retainTasks: '0' };
  const first = await processes.scheduler('first', flags);
  await processes.worker('bench');
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  try {
    await drover.pauseQueue(BACKLOG);
    const alone = await rate(drover, place);
    await observer.noBatches();
    const before = await measureOf(first, 'memory');
    place.say(`submitting ${tasks} tasks from a file, by the command line`);
    const submitS = await submitByFile(place, processes.zk, tasks);
    const after = await measureOf(first, 'memory');
    const behind = await rate(drover, place);
    place.say('takeovers');
    const takeovers = await takeOver(processes, observer, drover, first);
    const scale = tasks / 1_000_000;
    return [
      { name: `submit ${tasks} tasks from a file`, value: submitS, unit: 's', target: { atMost: 15 * scale } },
      {
        name: "leader's memory for a pending task, none of it payload",
        value: (after - before) / tasks,
        unit: 'bytes',
        target: { atMost: 300 },
      },
      {
        name: 'throughput with them pending, of that without',
        value: behind / alone,
        unit: '',
        target: { atLeast: 0.8 },
      },
      ...takeovers,
    ];
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

async function rate(drover: Drover, place: Place): Promise<number> {
  const tasks = sizeFor(place.effort, { quick: 50_000, full: 300_000 });
  const system = systemOf(drover);
  await system.bulk(tasks / 5);
  return tasks / (await secondsOf(() => system.bulk(tasks)));
}

async function submitByFile({ program, connection }: Place, zk: string, tasks: number): Promise<number> {
  const folder = await serviceFolder('tasks');
  try {
    const file = path.join(folder.path, 'tasks.ndjson');
    await pipeline(Readable.from(lines(tasks)), createWriteStream(file));
    const submit = ['submit', ...commandOptions({ ...connection, zk }), '--from', file, '--json'];
    return await secondsOf(async () => {
      const child = spawn(process.execPath, [program, ...submit], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MOST_SAID)));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`drover submit ended with ${String(code)}: ${said.trim()}`);
    });
  } finally {
    await folder.remove();
  }
}

function* lines(tasks: number): Generator<string> {
  for (let from = 0; from < tasks; from += 1_000) {
    let text = '';
    for (let i = from; i < Math.min(tasks, from + 1_000); i++)
      text += `${JSON.stringify({ type: 'echo', queue: BACKLOG, payload: payload(i) })}\n`;
    yield text;
  }
}

/** The time from the moment that ZooKeeper has no leader any more to the first assignment of the next one. */
async function takeOver(
  processes: DroverProcesses,
  observer: Observer,
  drover: Drover,
  first: Child,
): Promise<Figure[]> {
  const flags = { sessionTimeout: `${TIMEOUT_MS}ms` };
  const second = await processes.scheduler('second', flags);
  await measureOf(second, 'block');
  const orderly = await leaderless(observer, drover, () => first.stop('SIGTERM'));
  const blockedMs = await measureOf(second, 'block');
  await processes.scheduler('third', flags);
  const killedAt = performance.now();
  const killed = await leaderless(observer, drover, () => second.stop('SIGKILL'));
  const name = 'takeover, last leader gone to first assignment';
  return [
    {
      name: `${name}: orderly`,
      value: (orderly.assignedAt - orderly.goneAt) / 1_000,
      unit: 's',
      target: { atMost: 1 },
    },
    { name: `${name}: SIGKILL`, value: (killed.assignedAt - killed.goneAt) / 1_000, unit: 's', target: { atMost: 1 } },
    {
      name: 'SIGKILL to first assignment',
      value: (killed.assignedAt - killedAt) / 1_000,
      unit: 's',
      target: { atMost: TIMEOUT_MS / 1_000 + 1.5 },
    },
    {
      name: "leader's longest block of its event loop while taking over",
      value: blockedMs,
      unit: 'ms',
      target: { atMost: 50 },
    },
  ];
}
