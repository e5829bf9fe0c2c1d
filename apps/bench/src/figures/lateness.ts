import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sizeFor } from '../effort.js';
import { serviceFolder } from '../services/folder.js';
import { quantileOf } from '../statistics.js';
import { DroverProcesses } from '../systems/drover.js';
import { firesIn } from '../systems/late-log.js';
import type { Figure, Place } from './figure.js';

const HANDLERS = fileURLToPath(new URL('../systems/lateness.handlers.js', import.meta.url));
const POLL_MS = 100;
const WORKERS = 2;

/** How late handlers begin: schedules that fire at each moment of a second, and all in one second. */
export async function lateness(place: Place, zk: string): Promise<Figure[]> {
  const perSecond = sizeFor(place.effort, { check: 20, quick: 200, full: 1_000 });
  const seconds = sizeFor(place.effort, { check: 2, quick: 10, full: 30 });
  const inOne = sizeFor(place.effort, { check: 100, quick: 10_000, full: 100_000 });
  // Fires in the first seconds are not counted: workers warm up, and schedules are being written.
  const warmUpMs = sizeFor(place.effort, { check: 500, quick: 3_000, full: 3_000 });
  // The client's commands are to be carried out before the time that they name.
  const aheadMs = sizeFor(place.effort, { check: 1_000, quick: 6_000, full: 15_000 });
  const processes = new DroverProcesses(zk, place.connection);
  const folder = await serviceFolder('lateness');
  await processes.scheduler('bench');
  for (let n = 0; n < WORKERS; n++) await processes.worker(`bench-${n}`, { handlers: HANDLERS, concurrency: '256' });
  const drover = await processes.client();
  try {
    const steady = path.join(folder.path, 'steady');
    const burst = path.join(folder.path, 'burst');
    await Promise.all([steady, burst].map((file) => writeFile(file, '')));
    const names = Array.from({ length: perSecond }, (_, n) => `steady-${n}`);
    await drover.schedules.apply(
      names.map((name, n) => ({
        name,
        when: { every: '1s', phase: Math.floor((n * 1_000) / perSecond) },
        run: { type: 'late', payload: steady },
        overlap: 'allow',
        catchUp: 'all',
      })),
    );
    await delay(warmUpMs);
    const from = (await firesIn(steady)).length;
    await delay(seconds * 1_000);
    const counted = (await firesIn(steady)).slice(from);
    await drover.schedules.apply([], { prune: {} });
    const at = new Date(Date.now() + aheadMs).toISOString();
    await drover.schedules.apply(
      Array.from({ length: inOne }, (_, n) => ({
        name: `burst-${n}`,
        when: { at },
        run: { type: 'late', payload: burst },
        catchUp: 'all',
      })),
    );
    while ((await firesIn(burst)).length < inOne) await delay(POLL_MS);
    return [
      ...percentiles(`${perSecond.toLocaleString('en-US')} fires/s`, counted, place.serverCount === 1 ? 1 : 2),
      {
        name: `${inOne.toLocaleString('en-US')} fires of one instant: lateness of the last`,
        value: quantileOf(await firesIn(burst), 1) / 1_000,
        unit: 's',
        target: { atMost: 3 },
      },
    ];
  } finally {
    await drover.close();
    await processes.stop();
    await folder.remove();
  }
}

/** `scale`: an ensemble writes to several disks. */
function percentiles(of: string, lateMs: readonly number[], scale: number): Figure[] {
  return [
    { name: `lateness p50, ${of}`, value: quantileOf(lateMs, 0.5), unit: 'ms', target: { atMost: 4 * scale } },
    { name: `lateness p99, ${of}`, value: quantileOf(lateMs, 0.99), unit: 'ms', target: { atMost: 20 * scale } },
  ];
}
