import { DEFAULT_TASK_OPTIONS, NO_TENANT } from '@drover/core';
import { DEFAULT_PLANNER_SETTINGS, Planner, type AssignmentFact, type Command } from '@drover/planner';
import { strategyNamed } from '@drover/strategies';
import { sizeFor, type Effort } from '../effort.js';
import type { Figure } from './figure.js';

/** A backlog, and the workers that it goes to; every task is submitted alone. */
interface Backlog {
  name: string;
  queues: number;
  types: number;
  workers: number;
  tasks: number;
  /** Tasks of a batch. Default: 1. */
  batch?: number;
  /** Tenants that they are of. Default: none. */
  tenants?: number;
  /** Placements a second that it should reach. */
  atLeast?: number;
}

/** A backlog that takes longer is cut off: the placements so far count. */
const LONGEST_MS = 10_000;
/** Rounds of the planner's time: a report comes with the next one. */
const ROUND_MS = 2;
const CAPACITY = 8;
const TASK_MS = 0.05;

const BACKLOGS: readonly Backlog[] = [
  { name: 'plain tasks in full batches, 1 queue, 8 workers', queues: 1, types: 1, workers: 8, tasks: 1e6, batch: 500 },
  { name: 'plain tasks alone, 1 queue, 8 workers', queues: 1, types: 1, workers: 8, tasks: 1e5, atLeast: 1e5 },
  ...[10, 1_000, 10_000].flatMap((queues) =>
    [2, 1_000, 10_000].map((workers) => ({
      name: `${show(queues)} queues, ${show(workers)} workers`,
      ...{ queues, types: 1, workers, tasks: 2e4 },
    })),
  ),
  ...[500, 5_000, 10_000, 50_000].flatMap((queues) =>
    [1, 8].map((workers) => ({
      name: `${show(queues)} queues with one task, ${workers === 1 ? 'a worker' : `${workers} workers`}`,
      ...{ queues, types: 1, workers, tasks: queues },
    })),
  ),
  // 20 us a hand-out.
  { name: '10,000 tenants, 8 workers', queues: 1, types: 1, tenants: 1e4, workers: 8, tasks: 1e5, atLeast: 5e4 },
  { name: '10,000 types in one queue, 8 workers', queues: 1, types: 1e4, workers: 8, tasks: 2e4 },
  { name: '10,000 queues, a type each, 8 workers', queues: 1e4, types: 1e4, workers: 8, tasks: 1e4 },
];

/** The planner alone, without ZooKeeper: workers answer at once. */
export function planner(effort: Effort): Promise<Figure[]> {
  const part = sizeFor(effort, { quick: 0.1, full: 1 });
  const figures = BACKLOGS.flatMap((backlog) => drained(scaled(backlog, part)));
  return Promise.resolve([...figures, ...takenOver(Math.round(1e5 * part))]);
}

function scaled(backlog: Backlog, part: number): Backlog {
  const small = (count: number): number => (count <= 10 ? count : Math.max(10, Math.round(count * part)));
  const { queues, types, workers, tasks, tenants = 0 } = backlog;
  const most = { queues: small(queues), types: small(types), workers: small(workers), tasks: small(tasks) };
  return { ...backlog, ...most, tenants: small(tenants) };
}

function drained(backlog: Backlog): Figure[] {
  const cluster = new Cluster();
  const begunAt = performance.now();
  for (const batch of batchesOf(backlog)) cluster.planner.batch(batch);
  for (const worker of workersOf(backlog)) cluster.planner.worker(worker);
  const learnedAt = performance.now();
  let commands = cluster.plan();
  const firstMs = performance.now() - learnedAt;
  while (cluster.unfinished > 0 && performance.now() - learnedAt < LONGEST_MS) {
    cluster.answer(commands);
    commands = cluster.plan();
  }
  const drainMs = performance.now() - learnedAt;
  const { name, atLeast } = backlog;
  const left = cluster.unfinished;
  const all = left === 0 ? 'all tasks' : `until cut off, ${show(left)} tasks left`;
  return [
    figure(`${name}: placements`, cluster.placements / (drainMs / 1_000), '/s', atLeast),
    figure(`${name}: first plan`, firstMs, 'ms'),
    figure(`${name}: longest plan`, cluster.longestMs, 'ms'),
    figure(`${name}: ${all}`, drainMs + learnedAt - begunAt, 'ms'),
  ];
}

/** A leader that learns of so many tasks that are out and as many that wait, each in a batch of its own. */
function takenOver(tasks: number): Figure[] {
  const backlog = { name: '', queues: 1_000, types: 1, workers: 100, tasks };
  const out = [...batchesOf(backlog)].map((fact) => ({ ...fact, id: `O${fact.id}` }));
  const begunAt = performance.now();
  const cluster = new Cluster();
  for (const batch of batchesOf(backlog)) cluster.planner.batch(batch);
  for (const batch of out) cluster.planner.batch(batch);
  for (const worker of workersOf(backlog)) cluster.planner.worker(worker);
  out.forEach(({ id }, n) => {
    const worker = `w${n % backlog.workers}`;
    cluster.planner.assignment({ id: `${id}.e1-${n}`, worker, batch: id, tasks: [[0, 1]], attempt: 1, at: 0 });
  });
  cluster.plan();
  const name = `a new leader learns of ${show(tasks)} pending tasks and as many that are out`;
  return [figure(name, performance.now() - begunAt, 'ms')];
}

/** A planner, with a leader and workers that carry out its commands in memory. */
export class Cluster {
  readonly planner = new Planner({
    strategy: strategyNamed('least-loaded'),
    settings: { ...DEFAULT_PLANNER_SETTINGS, retainTasks: 0, retainAtLeastMs: 0 },
    assignmentId: (batch, n) => `${batch}.e2-${n}`,
  });
  placements = 0;
  longestMs = 0;
  readonly #taskMs: number;
  #now = 1;

  /** `taskMs`: the time that a worker takes for each task. */
  constructor(taskMs = TASK_MS) {
    this.#taskMs = taskMs;
  }

  get unfinished(): number {
    return this.planner.load().tasks;
  }

  plan(): Command[] {
    const begunAt = performance.now();
    const commands = this.planner.plan(this.#now, () => 0.5);
    this.longestMs = Math.max(this.longestMs, performance.now() - begunAt);
    for (const { kind } of commands) if (kind === 'assign') this.placements++;
    return commands;
  }

  answer(commands: readonly Command[]): void {
    this.#now += ROUND_MS;
    for (const command of commands) if (command.kind === 'assign') this.#succeed(command.assignment);
  }

  #succeed({ id, batch, tasks, attempt }: AssignmentFact): void {
    const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    const ranMs = count * this.#taskMs;
    const spent = { ranMs, heldMs: ranMs };
    this.planner.result({ batch, assignment: id, ends: 'all', attempt, at: this.#now, last: true, spent });
  }
}

function* batchesOf({ queues, types, tasks, batch = 1, tenants = 0 }: Backlog) {
  for (let n = 0; n < tasks; n += batch) {
    const tenant = tenants === 0 ? NO_TENANT : `tenant${n % tenants}`;
    const group = { ...DEFAULT_TASK_OPTIONS, type: `type${n % types}`, tenant, count: Math.min(batch, tasks - n) };
    yield { id: `B${n}`, queue: `queue${n % queues}`, groups: [group], submittedAt: 0, bytes: 0 };
  }
}

export function* workersOf({ types, workers }: Pick<Backlog, 'types' | 'workers'>) {
  const offered = Array.from({ length: types }, (_, n) => `type${n}`);
  for (let n = 0; n < workers; n++)
    yield { id: `w${n}`, capacity: CAPACITY, weight: 1, types: offered, draining: false };
}

function figure(name: string, value: number, unit: string, atLeast?: number): Figure {
  return { name, value, unit, target: atLeast === undefined ? null : { atLeast } };
}

function show(value: number): string {
  return value.toLocaleString('en-US');
}
