import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Child } from '../child.js';
import { sizeFor } from '../effort.js';
import { attempt, type Run } from '../part.js';
import { serviceFolder } from '../services/folder.js';
import { startPostgres } from '../services/postgres.js';
import { startRedis } from '../services/redis.js';
import { quantileOf } from '../statistics.js';
import { firesIn } from '../systems/late-log.js';
import { rowsOf, type Figure } from './figure.js';

const QUEUE = 'late';
const POLL_MS = 100;
/** Items that fire every minute, and the minutes that are waited for. */
const ITEMS = 20;
const MINUTES = 2;
/** Time for a minute's jobs beyond it; what does not come in this time is lost. */
const LATEST_MS = 60_000;
const MINUTE_MS = 60_000;

/** As `lateness`, of the peers that this machine can run: those that fire by the minute in the full form only. */
export async function peersLateness(run: Run): Promise<void> {
  const rows: Figure[] = [];
  const group: Run['results']['figures'][number] = { part: 'lateness', rows: [] };
  run.results.figures.push(group);
  const measure = (name: string, work: (file: string) => Promise<Figure[] | null>): Promise<void> =>
    attempt(run, `lateness, ${name}`, async () => {
      const folder = await serviceFolder('lateness');
      const file = path.join(folder.path, 'fires');
      try {
        await writeFile(file, '');
        const figures = await work(file);
        if (figures === null) leaveOut(run, name);
        else rows.push(...figures);
        group.rows = rowsOf([rows]);
      } finally {
        await folder.remove();
      }
    });
  await measure('BullMQ', (file) => bullmq(run, file));
  if (run.effort.form !== 'full') return;
  await measure('graphile-worker', (file) => byTheMinute(run, file, 'graphile-worker', 'systems/graphile.lateness.js'));
  await measure('pg-boss', (file) => byTheMinute(run, file, 'pg-boss', 'systems/pg-boss.lateness.js'));
}

function leaveOut({ results }: Run, name: string): void {
  results.peers ??= { rows: [], leftOut: [] };
  results.peers.leftOut.push(`lateness of ${name}: this machine has no server for it`);
}

/** Job schedulers with `every: 1000`; each counts from when it was made, so they fire throughout a second. */
async function bullmq({ effort, install }: Run, file: string): Promise<Figure[] | null> {
  const server = await startRedis('always', install);
  if (server === null) return null;
  const { port } = server;
  const perSecond = sizeFor(effort, { check: 1, quick: 200, full: 1_000 });
  const queue = new Queue(QUEUE, {
    connection: { host: '127.0.0.1', port },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  try {
    await queue.waitUntilReady();
    const worker = await Child.start('systems/bullmq.lateness.js', { port, queue: QUEUE, file });
    for (let n = 0; n < perSecond; n++) await queue.upsertJobScheduler(`steady-${n}`, { every: 1_000 });
    await delay(sizeFor(effort, { check: 100, quick: 3_000, full: 3_000 }));
    const from = (await firesIn(file)).length;
    const last = from + perSecond * sizeFor(effort, { check: 1, quick: 10, full: 30 });
    const lateMs = (await firesAt(file, last, Infinity)).slice(from);
    await worker.stop();
    return percentiles(`BullMQ (fsync per write), ${perSecond.toLocaleString('en-US')} fires/s`, lateMs, 'ms');
  } finally {
    await Child.stopAll();
    await queue.close();
    await server.stop();
  }
}

/** Of schedulers that look once a minute, or less often: their schedules fire for whole minutes only. */
async function byTheMinute({ install }: Run, file: string, name: string, script: string): Promise<Figure[] | null> {
  const server = await startPostgres(install);
  if (server === null) return null;
  try {
    const child = await Child.start(script, { url: server.url, items: ITEMS, file });
    // The minute in which it started may have fired late.
    await delay(MINUTE_MS - (Date.now() % MINUTE_MS));
    const from = (await firesIn(file)).length;
    const until = Date.now() + (MINUTES - 1) * MINUTE_MS + LATEST_MS;
    const lateMs = (await firesAt(file, from + MINUTES * ITEMS, until)).slice(from);
    await child.stop();
    return percentiles(`${name}, by the minute, ${ITEMS} items over ${MINUTES} minutes`, lateMs, 's');
  } finally {
    await Child.stopAll();
    await server.stop();
  }
}

/** All fires, once there are so many or it is that time. */
async function firesAt(file: string, least: number, untilMs: number): Promise<number[]> {
  let fires = await firesIn(file);
  for (; fires.length < least && Date.now() < untilMs; fires = await firesIn(file)) await delay(POLL_MS);
  return fires;
}

function percentiles(of: string, lateMs: readonly number[], unit: 'ms' | 's'): Figure[] {
  if (lateMs.length === 0) throw new Error(`${of}: nothing fired`);
  const scale = unit === 's' ? 1_000 : 1;
  const figure = (p: number): Figure => ({
    name: `lateness p${p * 100}, ${of}`,
    value: quantileOf(lateMs, p) / scale,
    unit,
    target: null,
  });
  return [figure(0.5), figure(0.99)];
}
