import { DEFAULT_QUEUE_SETTINGS, DEFAULT_TASK_OPTIONS, NO_TENANT } from '@drover/core';
import { sizeFor } from '../effort.js';
import { DroverProcesses, tasks } from '../systems/drover.js';
import { besidePlain, costOf } from './beside-plain.js';
import type { Figure, Place } from './figure.js';
import { Cluster, workersOf } from './planner.js';

const QUEUE = 'shared';
const WORKERS = 8;
const BATCH = 500;
/** Of very short tasks a worker is given many at a time, all of one tenant: shares are coarser then. */
const TASK_MS = 20;
/** Tenants that get fewer are too few to judge by their share. */
const JUDGED_FROM = 100;
const TENANTS = 100;
const PRIORITIES = 10;
/**
 * Tasks that are submitted one behind the other for the same tenant: a full batch, and less, which makes more batches and
 * assignments of the same work.
 */
const RUNS = [BATCH, 100];

/** Service in order: how exact the shares of tenants are, and what they and priorities cost. */
export async function order(place: Place): Promise<Figure[]> {
  return [...shares(place), ...handOuts(place), ...(await withTenants(place))];
}

/** Tenants whose weights are Zipf's (the n-th has 1/n), all with more than they get: who got how much of the first tasks? */
function shares({ effort }: Place): Figure[] {
  const tenants = sizeFor(effort, { check: 20, quick: 100, full: 1_000 });
  const handedOut = sizeFor(effort, { check: 2_000, quick: 20_000, full: 200_000 });
  const weights = Array.from({ length: tenants }, (_, n) => Math.max(0.1, Math.round(10_000 / (n + 1)) / 100));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const due = weights.map((weight) => (handedOut * weight) / all);
  const cluster = new Cluster(TASK_MS);
  cluster.planner.queue(QUEUE, {
    ...DEFAULT_QUEUE_SETTINGS,
    tenants: Object.fromEntries(weights.map((weight, n) => [nameOf(n), weight])),
  });
  const owners = new Map<string, number>();
  for (const [n, tasksDue] of due.entries())
    for (let left = 2 * tasksDue + BATCH; left > 0; left -= BATCH) {
      const id = `B${owners.size}`;
      owners.set(id, n);
      cluster.planner.batch(batchOf(id, nameOf(n), BATCH));
    }
  for (const worker of workersOf({ types: 1, workers: WORKERS })) cluster.planner.worker(worker);
  const got = new Array<number>(tenants).fill(0);
  for (let given = 0; given < handedOut;) {
    const commands = cluster.plan();
    for (const command of commands) {
      if (command.kind !== 'assign') continue;
      const { batch, tasks: stretches } = command.assignment;
      const count = stretches.reduce((sum, [from, to]) => sum + to - from, 0);
      const owner = owners.get(batch) ?? 0;
      got[owner] = (got[owner] ?? 0) + count;
      given += count;
    }
    if (commands.length === 0) throw new Error(`no task was handed out after ${given} of ${handedOut}`);
    cluster.answer(commands);
  }
  return errorsOf(got, due);
}

function errorsOf(got: readonly number[], due: readonly number[]): Figure[] {
  const all = got.reduce((sum, count) => sum + count, 0);
  const planned = due.reduce((sum, count) => sum + count, 0);
  const off = got.map((count, n) => Math.abs(count / all - (due[n] ?? 0) / planned));
  const judged = off.filter((_, n) => (due[n] ?? 0) >= JUDGED_FROM);
  const worst = Math.max(...judged.map((error, n) => (error * planned) / (due[n] ?? 1)));
  const of = `${got.length.toLocaleString('en-US')} tenants with Zipf's weights, ${Math.round(planned).toLocaleString('en-US')} tasks`;
  const percent = (name: string, share: number, atMost: number): Figure => ({
    name: `${of}: ${name}`,
    value: share * 100,
    unit: '%',
    target: { atMost },
  });
  return [
    percent(
      'tasks that went to another tenant than they were due to',
      off.reduce((sum, error) => sum + error, 0) / 2,
      1,
    ),
    percent(`largest error of a share, of tenants with ${JUDGED_FROM} tasks or more`, worst, 5),
  ];
}

/** The planner's time for a hand-out of one task, from many tenants and from none. */
function handOuts({ effort }: Place): Figure[] {
  const tenants = sizeFor(effort, { quick: 1_000, full: 10_000 });
  const count = 10 * tenants;
  const named = (n: number): string => nameOf(n % tenants);
  return [
    handOut(`a hand-out, ${tenants.toLocaleString('en-US')} tenants`, count, named, { atMost: 20 }),
    handOut('a hand-out, no tenants', count, () => NO_TENANT, null),
  ];
}

function handOut(name: string, count: number, tenant: (n: number) => string, target: Figure['target']): Figure {
  const cluster = new Cluster();
  for (let n = 0; n < count; n++) cluster.planner.batch(batchOf(`B${n}`, tenant(n), 1));
  for (const worker of workersOf({ types: 1, workers: WORKERS })) cluster.planner.worker(worker);
  const begunAt = performance.now();
  while (cluster.unfinished > 0) cluster.answer(cluster.plan());
  return { name, value: ((performance.now() - begunAt) * 1_000) / count, unit: 'µs', target };
}

function batchOf(id: string, tenant: string, count: number) {
  const group = { ...DEFAULT_TASK_OPTIONS, type: 'type0', tenant, count };
  return { id, queue: QUEUE, groups: [group], submittedAt: 0, bytes: 0 };
}

const nameOf = (n: number): string => `tenant${n}`;

/** The same work with tenants and priorities and without. */
async function withTenants(place: Place): Promise<Figure[]> {
  const { effort } = place;
  const count = sizeFor(effort, { quick: 20_000, full: 200_000 });
  const processes = new DroverProcesses(place.chroot('order'), place.connection);
  const leader = await processes.scheduler('bench');
  await processes.worker('bench');
  const drover = await processes.client();
  try {
    await costOf(drover, leader, tasks(count), count);
    const figures: Figure[] = [];
    for (const run of RUNS) {
      const name = `${TENANTS} tenants and ${PRIORITIES} priorities in runs of ${run} tasks`;
      const what = { name, work: () => inOrder(count, run), atLeast: run === BATCH ? 0.9 : null };
      figures.push(...(await besidePlain({ effort, drover, leader }, count, what)));
    }
    return figures;
  } finally {
    await drover.close();
    await processes.stop();
  }
}

function* inOrder(count: number, length: number) {
  for (const task of tasks(count)) {
    const run = Math.floor(task.payload.i / length);
    yield { ...task, queue: QUEUE, tenant: nameOf(run % TENANTS), priority: run % PRIORITIES };
  }
}
