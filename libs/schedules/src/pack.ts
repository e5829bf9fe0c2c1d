import type { Plan } from '@drover/flow';
import { InvalidArgumentError, LIMITS, sameOptions, taskId, type BatchId, type TaskOptions } from '@drover/core';
import { firedId, startedText, type FireRecord } from '@drover/protocol';
import { bytesOf } from './parse-fields.js';
import { isBroadcastRun, isFlowRun, taskOf, type BroadcastRunSpec, type FlowRunSpec } from './run-spec.js';
import { overlapIn } from './schedule.js';
import type { ScheduleSpec } from './spec.js';

/** A batch of fires that is to be created. */
export interface NewBatch {
  readonly id: BatchId;
  readonly queue: string;
  readonly groups: (TaskOptions & { count: number })[];
  readonly fires: FireRecord[];
  readonly payloads: string[];
  bytes: number;
}

/** A run of a flow, or a broadcast, that is to be created: its id follows from the fire. */
export type NewRun = { readonly id: BatchId; readonly fire: FireRecord } & (
  | { readonly starts: 'flow'; readonly run: FlowRunSpec }
  | { readonly starts: 'broadcast'; readonly run: BroadcastRunSpec }
);

/** The thing that a fire starts: the same for all fires of a schedule that are due together. */
export type Work =
  TaskWork | Readonly<{ starts: 'flow'; run: FlowRunSpec }> | Readonly<{ starts: 'broadcast'; run: BroadcastRunSpec }>;

interface TaskWork {
  readonly starts: 'task';
  readonly queue: string;
  readonly options: TaskOptions;
  readonly payload: string;
  /** Its task shares no batch, for it may be taken away from its worker, and what is out with it as well. */
  readonly apart: boolean;
}

export function workOf({ run, ...spec }: Pick<ScheduleSpec, 'run' | 'overlap'>): Work {
  if (isFlowRun(run)) return { starts: 'flow', run };
  if (isBroadcastRun(run)) return { starts: 'broadcast', run };
  const overlap = overlapIn(spec);
  const apart = overlap === 'cancel-other' || overlap === 'terminate-other';
  return { starts: 'task', ...taskOf(run), payload: JSON.stringify(run.payload ?? null), apart };
}

/** Somebody has removed the plan by hand: the schedule stands still. Throws `InvalidArgumentError`. */
export function mustHavePlan(work: Work, { planOf }: { planOf: (plan: string) => Plan | null }): void {
  if (work.starts === 'flow' && planOf(work.run.plan) === null)
    throw new InvalidArgumentError(
      'run.plan',
      `plan ${work.run.plan} is not there: set the schedule again, with its flow`,
    );
}

/** Bytes of a fire in the header of its batch, about; and of a run or a broadcast besides what the schedule says. */
const FIRE_BYTES = 100;
const RUN_BYTES = 400;
const TASKS_APART = 1;

/** About what a fire costs in a transaction. */
export const bytesOfFire = (work: Work): number =>
  work.starts === 'task' ? bytesOf(work.payload) + FIRE_BYTES : 2 * bytesOf(JSON.stringify(work.run)) + RUN_BYTES;

/** A list in the input of a flow, as items of a map, is a batch for so many bytes at least. */
const ITEMS_BYTES = 1_000;

/** Operations of a fire in a transaction besides those of its page, at most. Tasks share theirs. */
export function operationsOfFire(work: Work): number {
  if (work.starts === 'task') return work.apart ? 1 : 0;
  if (work.starts === 'broadcast') return 1;
  return 3 + Math.ceil(bytesOf(JSON.stringify(work.run.input ?? null)) / ITEMS_BYTES);
}

/** Fires for which so many bytes and operations have room. */
export function mostFires(work: Work, bytes: number, operations: number): number {
  const each = operationsOfFire(work);
  return Math.floor(Math.min(bytes / bytesOfFire(work), each === 0 ? Infinity : operations / each));
}

/** Puts fires into batches: those of one queue together, as many as a batch takes. Runs and broadcasts are by themselves. */
export class Packer {
  readonly #newId: () => BatchId;
  readonly batches: NewBatch[] = [];
  readonly runs: NewRun[] = [];
  operations = 0;
  readonly #open = new Map<string, NewBatch>();

  constructor(newId: () => BatchId) {
    this.#newId = newId;
  }

  /** The thing that it starts, as the state of a schedule says it. */
  add(fire: FireRecord, work: Work): string {
    if (work.starts === 'task') return this.#addTask(fire, work);
    const id = firedId(fire);
    this.runs.push({ id, fire, ...work });
    this.operations += operationsOfFire(work);
    return work.starts === 'flow'
      ? startedText({ starts: 'flow', id: taskId(id, 0) })
      : startedText({ starts: 'broadcast', id });
  }

  #addTask(fire: FireRecord, work: TaskWork): string {
    const batch = this.#batchFor(work);
    const last = batch.groups.at(-1);
    if (last !== undefined && sameOptions(last, work.options)) last.count++;
    else batch.groups.push({ ...work.options, count: 1 });
    batch.fires.push(fire);
    batch.payloads.push(work.payload);
    batch.bytes += bytesOfFire(work);
    return taskId(batch.id, batch.fires.length - 1);
  }

  #batchFor(work: TaskWork): NewBatch {
    const { queue, apart } = work;
    const open = apart ? undefined : this.#open.get(queue);
    const most = apart ? TASKS_APART : LIMITS.batchTasks;
    if (open !== undefined && open.fires.length < most && open.bytes + bytesOfFire(work) <= LIMITS.batchBytes)
      return open;
    const batch: NewBatch = { id: this.#newId(), queue, groups: [], fires: [], payloads: [], bytes: 0 };
    this.batches.push(batch);
    this.operations++;
    if (!apart) this.#open.set(queue, batch);
    return batch;
  }
}
