import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Drover } from '@drover/client';
import type { Child } from '../child.js';
import { sizeFor } from '../effort.js';
import { spreadOf } from '../statistics.js';
import { DroverProcesses, measureOf, systemOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';

interface Kept {
  processes: DroverProcesses;
  children: readonly Child[];
  drover: Drover;
  /** Of each run, the processor time of scheduler and worker for a task, in microseconds. */
  costs: number[];
}

/**
 * The processor time of scheduler and worker for a task with metrics or traces, of that without either. All systems are
 * there at the same time and are given the same work in turns: the machine's moods meet all of them. The goal is the
 * spread of the runs without: more than that could be seen.
 */
export async function watched(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { quick: 50_000, full: 200_000 });
  const rounds = sizeFor(place.effort, { check: 1, quick: 5, full: 9 });
  const receiver = await startReceiver();
  const systems: Kept[] = [];
  const open = async (flags: Record<string, string>): Promise<Kept> => {
    const system = await start(place, flags);
    systems.push(system);
    return system;
  };
  try {
    const plain = await open({});
    const metrics = await open({ opsListen: '127.0.0.1:0' });
    const traces = await open({ otlpEndpoint: addressOf(receiver) });
    for (const { drover } of systems) await systemOf(drover).bulk(Math.ceil(count / 2));
    for (let round = 0; round < rounds; round++) for (const system of systems) await addRun(system, count);
    const { median, max } = spreadOf(plain.costs);
    const beside = ({ costs }: Kept, name: string): Figure => ({
      name: `processor time for a task ${name}, of that without`,
      value: spreadOf(costs).median / median,
      unit: '',
      target: { atMost: max / median },
    });
    return [
      { name: 'processor time of scheduler and worker for a task', value: median, unit: 'µs', target: null },
      beside(metrics, 'with metrics served'),
      beside(traces, 'with a receiver of traces, no task traced'),
    ];
  } finally {
    for (const { drover, processes } of systems) {
      await drover.close();
      await processes.stop();
    }
    receiver.close();
    receiver.closeAllConnections();
  }
}

async function start(place: Place, flags: Record<string, string>): Promise<Kept> {
  const processes = new DroverProcesses(place.chroot('watched'), place.connection);
  const children = [await processes.scheduler('bench', flags), await processes.worker('bench', flags)];
  return { processes, children, drover: await processes.client(), costs: [] };
}

async function addRun({ children, drover, costs }: Kept, count: number): Promise<void> {
  for (const child of children) await measureOf(child, 'cpu');
  await systemOf(drover).bulk(count);
  let ms = 0;
  for (const child of children) ms += await measureOf(child, 'cpu');
  costs.push((ms * 1_000) / count);
}

/** Takes whatever traces it is sent. */
async function startReceiver(): Promise<Server> {
  const receiver = createServer((asked, answer) => {
    asked.resume().on('end', () => answer.end('{}'));
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  return receiver;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
