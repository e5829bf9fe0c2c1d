import type { StatusView, WorkerView } from '@drover/client';
import { sees, type Caller } from '../access/caller.js';

/**
 * Without what tells of queues that the caller may not see. Counts of all queues together are such a thing, and so is the time at
 * which they changed: only what is named here is told.
 */
export function statusFor(status: StatusView, caller: Caller): StatusView {
  if (caller.queues === null) return status;
  const { leader, schedulers, workers, queues, intake, firesHeld, complete } = status;
  return {
    ...{ leader, schedulers, intake, firesHeld, complete },
    workers: workers.map((worker) => workerFor(worker, caller)),
    queues: queues.filter(({ name }) => sees(caller, name)),
    ...{ tasks: null, at: null, queuesLeftOut: 0, unservedTypes: [], unservedTypesLeftOut: 0 },
  };
}

/** Running tasks are not named to a caller who may not see all queues: a record does not tell their queue. */
export const workerFor = (worker: WorkerView, { queues }: Caller): WorkerView =>
  queues === null ? worker : { ...worker, tasks: [] };
