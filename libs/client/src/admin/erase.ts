import { TaskNotFoundError, type TaskId } from '@drover/core';
import { CommandRefusedError } from '../errors.js';
import { commandTasks } from './commands.js';
import type { CommandContext } from './command.js';

/** The reply says which parts are gone for good, and which are not. */
export interface EraseReply {
  id: TaskId;
  erased: string[];
  /** In words: where something of the task may still be. */
  remains: string[];
}

const ERASED = ['payload', 'result', 'messages and stacks of errors'];
const REMAINS = [
  'its id, type, queue, key, tenant, times, attempts, workers and the names of its errors, until retention removes the batch',
  "ZooKeeper's transaction logs and snapshots on the disks of its servers, until they are purged there (autopurge)",
  'what workers, schedulers and handlers wrote to their logs, and what handlers wrote elsewhere',
  'recent failures in the memory of schedulers, until newer ones have pushed them out',
  'copies: tasks that were started with the same data, such as those of a queue that onDead names',
];

/** Throws `TaskNotFoundError`, and `CommandRefusedError` with the reason: the task has not ended, or a record cannot be read. */
export async function eraseTask(id: TaskId, context: CommandContext): Promise<EraseReply> {
  const [reply] = await commandTasks('erase', [id], context);
  if (reply?.ok === true) return { id, erased: [...ERASED], remains: [...REMAINS] };
  if (reply?.state === 'unknown') throw new TaskNotFoundError(id);
  throw new CommandRefusedError(`task ${id} was not erased: ${reply?.message ?? 'the leader gave no reason'}`);
}
