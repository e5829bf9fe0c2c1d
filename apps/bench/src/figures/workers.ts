import { askFourLetterWord } from '@drover/embedded';
import { secretsOf } from '../ensemble-connection.js';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { DroverProcesses, systemOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { Observer } from './observer.js';

/** A thousand workers, each with its own session, beside two: throughput, and what each costs ZooKeeper. */
export async function workers(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { check: 10, quick: 100, full: 1_000 });
  const few = await withCrowd(place, 2);
  const many = await withCrowd(place, count);
  return [
    {
      name: `throughput with ${count.toLocaleString('en-US')} workers, of that with 2`,
      value: many.rate / few.rate,
      unit: '',
      target: { atLeast: 0.7 },
    },
    { name: 'watches a worker', value: (many.watches - few.watches) / (count - 2), unit: '', target: { atMost: 5 } },
    { name: 'znodes a worker', value: (many.znodes - few.znodes) / (count - 2), unit: '', target: { atMost: 3 } },
  ];
}

async function withCrowd(place: Place, count: number): Promise<{ rate: number; watches: number; znodes: number }> {
  place.say(`${count} workers`);
  const processes = new DroverProcesses(place.chroot(`crowd-${count}`), place.connection);
  await processes.scheduler('bench');
  await processes.crowd(count);
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  try {
    const watches = await watchesOf(place);
    const znodes = await observer.count();
    const tasks = sizeFor(place.effort, { quick: 50_000, full: 300_000 });
    const system = systemOf(drover);
    await system.bulk(tasks / 5);
    return { rate: tasks / (await secondsOf(() => system.bulk(tasks))), watches, znodes };
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

/** All watches of all servers; NaN where they do not say: over TLS there are no four-letter words. */
async function watchesOf({ servers, connection }: Place): Promise<number> {
  if (secretsOf(connection).tls !== undefined) return NaN;
  const counts = servers.split(',').map(async (server) => {
    const [host = '', port = ''] = server.split(':');
    const answer = await askFourLetterWord('wchs', { host, port: Number(port) });
    return Number(/Total watches:(\d+)/.exec(answer)?.[1] ?? NaN);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
