import { parseName } from '@drover/core';
import { checkRoute } from '../access/checks.js';
import type { Caller } from '../access/caller.js';
import { RIGHT_TO, type BulkAction } from '../bulk/bulk.decide.js';
import type { Operation } from '../bulk/operation.js';
import type { Operations, RunRequest } from '../bulk/operations.js';
import type { Previews } from '../bulk/previews.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { mustSee, param } from './asked.js';
import type { Asked, Handlers } from './handler.js';

/** Bulk actions in two steps, and how far they are. */
export const bulkHandlers = (previews: Previews, operations: Operations): Handlers => ({
  previewBulk: async (asked, context) => {
    const { action, filter, toQueue } = asked.body as { action: BulkAction; filter: string; toQueue?: string };
    checkRoute(asked.caller, RIGHT_TO[action], context.data.api.access);
    if (toQueue !== undefined) checkQueue(toQueue, action, asked.caller);
    const what = { action, filter, ...(toQueue === undefined ? {} : { toQueue }) };
    return { status: 200, json: await previews.make(what, asked.caller, context) };
  },
  startBulk: async (asked, context) => {
    const { token, ...request } = asked.body as RunRequest & { token: string };
    const frozen = previews.take(token, asked.caller, context.runtime.now());
    checkRoute(asked.caller, RIGHT_TO[frozen.action], context.data.api.access);
    const { view } = operations.start(frozen, request, asked.caller, context);
    return { status: 202, json: view, audit: { object: view.filter, count: view.of } };
  },
  listOperations: async ({ caller }) => {
    const items = operations.list(caller);
    return { status: 200, json: { items, next: null, revision: null, complete: true, total: items.length } };
  },
  getOperation: async (asked, context) => ({ status: 200, json: (await found(asked, context, operations)).view }),
  stopOperation: async (asked, context) => {
    const operation = await found(asked, context, operations);
    operation.stop();
    return { status: 200, json: operation.view };
  },
});

/** Throws `ApiError` and `InvalidArgumentError`. */
function checkQueue(queue: string, action: BulkAction, caller: Caller): void {
  if (action !== 'retry')
    throw new ApiError('invalid-argument', `toQueue is for 'retry'; ${action} leaves tasks where they are`, {
      field: 'toQueue',
    });
  mustSee(caller, parseName('toQueue', queue));
}

async function found(asked: Asked, context: ApiContext, operations: Operations): Promise<Operation> {
  const id = param(asked, 'id');
  const operation = operations.get(id);
  if (operation?.isShownTo(asked.caller) === true) return operation;
  const location = operation === null ? await elsewhere(id, context) : null;
  if (location === null)
    throw new ApiError(
      'operation-not-found',
      `no operation ${id} at this replica: replicas remember the last 100, until they end`,
    );
  throw new ApiError('misdirected', `operation ${id} runs at another replica: ${location}`, { location });
}

/** The address of an operation that another replica runs; `null`: there is none that lives. */
async function elsewhere(id: string, { drover, schedulerId }: ApiContext): Promise<string | null> {
  const home = id.slice(0, Math.max(0, id.lastIndexOf('.')));
  if (home === '' || home === schedulerId) return null;
  const { schedulers } = await drover.status();
  const api = schedulers.find((scheduler) => scheduler.id === home)?.api;
  return api === undefined ? null : `${api.replace(/\/$/, '')}/v1/operations/${encodeURIComponent(id)}`;
}
