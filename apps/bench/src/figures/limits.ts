import { fileURLToPath } from 'node:url';
import type { Drover } from '@drover/client';
import { sizeFor } from '../effort.js';
import { DroverProcesses, tasks } from '../systems/drover.js';
import type { Held } from '../systems/held.handlers.js';
import { besidePlain, costOf } from './beside-plain.js';
import type { Figure, Place } from './figure.js';

const HANDLERS = fileURLToPath(new URL('../systems/held.handlers.js', import.meta.url));
const WORKERS = { check: 1, quick: 2, full: 2 };
const KEYS = 10;
/** Tasks of a key at a time; all workers together have places for more than all keys. */
const CONCURRENCY = 4;
const TASK_MS = 200;
const RATE = { limit: 50, period: '1s', burst: 5 } as const;
/**
 * A start may come so much later at its handler than the leader handed it out, and the next one not, on a machine that is
 * busy: by this much starts may come earlier than the rate says. More starts than the rate allows add up, and go beyond it.
 */
const WAY_MS = 1_000;
/** A limit that never bites. */
const HIGH = 100_000;

/** How much of what limits allow is used, whether they are ever exceeded, and the cost of one that never bites. */
export async function limits(place: Place): Promise<Figure[]> {
  const processes = new DroverProcesses(place.chroot('limits'), place.connection);
  const leader = await processes.scheduler('bench');
  for (let n = 0; n < sizeFor(place.effort, WORKERS); n++) await processes.worker(`bench-${n}`, { handlers: HANDLERS });
  const drover = await processes.client();
  const { effort } = place;
  const count = sizeFor(effort, { quick: 20_000, full: 200_000 });
  try {
    await drover.limits.set('slots', { concurrency: CONCURRENCY, per: 'key' });
    await drover.limits.set('starts', { rate: RATE, per: 'key' });
    await drover.limits.set('high', { concurrency: HIGH });
    // The first tasks of a type find workers and leader unprepared.
    await held(drover, 'slots', KEYS * CONCURRENCY, 0);
    await costOf(drover, leader, tasks(count), count);
    const figures = [
      ...concurrencyFigures(await held(drover, 'slots', sizeFor(effort, SLOT_TASKS), TASK_MS)),
      ...rateFigures(await held(drover, 'starts', sizeFor(effort, STARTS), 0)),
    ];
    const what = { name: 'a limit that never bites', work: () => under('high', count), atLeast: 0.9 };
    return [...figures, ...(await besidePlain({ effort, drover, leader }, count, what))];
  } finally {
    await drover.close();
    await processes.stop();
  }
}

/** 4 s and 20 s of it. */
const SLOT_TASKS = { check: 2 * KEYS * CONCURRENCY, quick: 20 * KEYS * CONCURRENCY, full: 100 * KEYS * CONCURRENCY };
/** 4 s and 20 s of it. */
const STARTS = { check: KEYS * (RATE.burst + 10), quick: KEYS * 200, full: KEYS * 1_000 };

/** The tasks of each key, in the order in which they began. */
async function held(drover: Drover, limit: string, count: number, ms: number): Promise<Held[][]> {
  const byKey = Array.from({ length: KEYS }, (): Held[] => []);
  const work = Array.from({ length: count }, (_, n) => {
    const key = n % KEYS;
    return { type: 'held', payload: { key, ms }, limits: [`${limit}/${key}`] };
  });
  let ended = 0;
  for await (const task of drover.run(work)) {
    if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
    const result = task.result as Held;
    byKey[result.key]?.push(result);
    ended++;
  }
  if (ended !== count) throw new Error(`${ended} of ${count} tasks ended`);
  return byKey.map((of) => of.sort((a, b) => a.from - b.from));
}

function concurrencyFigures(byKey: readonly (readonly Held[])[]): Figure[] {
  const uses = byKey.map((of) => {
    const allowedMs = CONCURRENCY * (Math.max(...of.map(({ to }) => to)) - (of[0]?.from ?? 0));
    return of.reduce((sum, { from, to }) => sum + to - from, 0) / allowedMs;
  });
  const beyond = byKey.map((of) => of.filter(({ from }) => runningAt(of, from) > CONCURRENCY).length);
  return figuresOf(`concurrency of ${CONCURRENCY} for each of ${KEYS} keys, tasks of ${TASK_MS} ms`, uses, beyond, 95);
}

const runningAt = (of: readonly Held[], at: number): number =>
  of.filter(({ from, to }) => from <= at && at < to).length;

function rateFigures(byKey: readonly (readonly Held[])[]): Figure[] {
  const uses = byKey.map((of) => {
    const seconds = ((of.at(-1)?.from ?? 0) - (of[0]?.from ?? 0)) / 1_000;
    return (of.length - RATE.burst) / (RATE.limit * seconds);
  });
  const name = `rate of ${RATE.limit}/${RATE.period} for each of ${KEYS} keys`;
  return figuresOf(name, uses, byKey.map(startsBeyond), 97);
}

/** Starts of a key that the rate does not allow: each takes a token, of which the bucket has `burst` at most. */
function startsBeyond(of: readonly Pick<Held, 'from'>[]): number {
  const intervalMs = 1_000 / RATE.limit;
  let emptyAt = -Infinity;
  let beyond = 0;
  for (const { from } of of) {
    emptyAt = Math.max(emptyAt, from) + intervalMs;
    if (emptyAt - from > RATE.burst * intervalMs + WAY_MS) beyond++;
  }
  return beyond;
}

/** `uses`: of each key, as a part of what it is allowed. */
function figuresOf(name: string, uses: readonly number[], beyond: readonly number[], atLeast: number): Figure[] {
  const mean = uses.reduce((sum, use) => sum + use, 0) / uses.length;
  return [
    { name: `${name}: use`, value: mean * 100, unit: '% of what is allowed', target: { atLeast } },
    {
      name: `${name}: starts beyond it`,
      value: beyond.reduce((sum, count) => sum + count, 0),
      unit: '',
      target: { atMost: 0 },
    },
  ];
}

function* under(limit: string, count: number) {
  for (const task of tasks(count)) yield { ...task, limits: [limit] };
}
