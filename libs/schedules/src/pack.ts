import { LIMITS, sameOptions, taskId, type BatchId, type TaskOptions } from '@drover/core';
import type { FireRecord } from '@drover/protocol';
import { overlapIn } from './schedule.js';
import { bytesOf, taskOf, type ScheduleSpec } from './spec.js';

/** A batch of fires that is to be created. */
export interface NewBatch {
  readonly id: BatchId;
  readonly queue: string;
  readonly groups: (TaskOptions & { count: number })[];
  readonly fires: FireRecord[];
  readonly payloads: string[];
  bytes: number;
}

/** The task that a fire makes: the same for all fires of a schedule that are due together. */
export interface Work {
  readonly queue: string;
  readonly options: TaskOptions;
  readonly payload: string;
  /** Its task shares no batch, for it may be taken away from its worker, and what is out with it as well. */
  readonly apart: boolean;
}

export function workOf(spec: ScheduleSpec): Work {
  const overlap = overlapIn(spec);
  const apart = overlap === 'cancel-other' || overlap === 'terminate-other';
  return { ...taskOf(spec.run), payload: JSON.stringify(spec.run.payload ?? null), apart };
}

/** Bytes of a fire in the header of its batch, about. */
const FIRE_BYTES = 100;
const TASKS_APART = 1;

/** About what a fire costs in a transaction. */
export const bytesOfFire = ({ payload }: Pick<Work, 'payload'>): number => bytesOf(payload) + FIRE_BYTES;

/** Puts fires into batches: those of one queue together, as many as a batch takes. */
export class Packer {
  readonly #newId: () => BatchId;
  readonly batches: NewBatch[] = [];
  readonly #open = new Map<string, NewBatch>();

  constructor(newId: () => BatchId) {
    this.#newId = newId;
  }

  /** The id of its task. */
  add(fire: FireRecord, work: Work): string {
    const batch = this.#batchFor(work);
    const last = batch.groups.at(-1);
    if (last !== undefined && sameOptions(last, work.options)) last.count++;
    else batch.groups.push({ ...work.options, count: 1 });
    batch.fires.push(fire);
    batch.payloads.push(work.payload);
    batch.bytes += bytesOfFire(work);
    return taskId(batch.id, batch.fires.length - 1);
  }

  #batchFor(work: Work): NewBatch {
    const { queue, apart } = work;
    const open = apart ? undefined : this.#open.get(queue);
    const most = apart ? TASKS_APART : LIMITS.batchTasks;
    if (open !== undefined && open.fires.length < most && open.bytes + bytesOfFire(work) <= LIMITS.batchBytes)
      return open;
    const batch: NewBatch = { id: this.#newId(), queue, groups: [], fires: [], payloads: [], bytes: 0 };
    this.batches.push(batch);
    if (!apart) this.#open.set(queue, batch);
    return batch;
  }
}
