import type { TaskView } from '@drover/client';
import { isBatchId } from '@drover/core';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { collect } from './task-of.js';

/**
 * The tasks of a batch, the newest first, and the first of them. Throws `ApiError` `batch-not-found`, in the same words for one of a
 * queue that the caller may not see, and `invalid-argument` for what is no id.
 */
export async function batchOf(
  { drover, stored }: ApiContext,
  id: string,
  caller: Caller,
): Promise<{ first: TaskView; tasks: readonly TaskView[] }> {
  if (!isBatchId(id))
    throw new ApiError(
      'invalid-argument',
      `id: expected the id of a batch, 26 characters such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA, got ${JSON.stringify(id)}`,
      { field: 'id', expected: 'the id of a batch' },
    );
  const tasks = await stored(collect(drover.list({ filter: `batch:${id}`, limit: Infinity })));
  const [first] = tasks;
  if (first === undefined || !sees(caller, first.queue))
    throw new ApiError('batch-not-found', `there is no batch ${id}, or retention has removed it`);
  return { first, tasks };
}
