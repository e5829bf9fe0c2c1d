import type {
  Broadcast,
  BroadcastReply,
  BroadcastResult,
  Broadcasts,
  BroadcastSummary,
  BroadcastView,
  BroadcastWorker,
  StartBroadcastOptions,
} from '@drover/client';
import { InvalidArgumentError, isBatchId } from '@drover/core';
import { sleep, systemRuntime } from '@drover/runtime';
import type { ApiClient } from './api-client.js';
import { isRefused } from './errors.js';

const PAGE = 500;
const LISTED = 100;
/** The stream of events tells of changes; a server that is behind is looked at again after so long. */
const AGAIN_MS = 3_000;
const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

/** `drover.broadcasts` by the API. */
export function apiBroadcasts(api: ApiClient): Broadcasts {
  const get = (id: string): Promise<BroadcastView> => viewOf(api, checked(id));
  const cancel: Broadcasts['cancel'] = async (ids, { reason } = {}) => {
    const replies: BroadcastReply[] = [];
    for (const id of [...ids].map(checked)) replies.push(await cancelOne(api, id, reason));
    return replies;
  };
  return {
    get,
    cancel,
    of: <Result>(id: string) => handleOf(api, checked(id)) as Broadcast<Result>,
    list: async ({ limit = LISTED } = {}) => {
      const found: BroadcastSummary[] = [];
      const query = { limit: Math.min(limit, PAGE) };
      for await (const each of api.pages<BroadcastSummary>('listBroadcasts', { query })) {
        found.push(each);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}

/** Starts one. The token tells who asks. */
export async function startBroadcast(
  api: ApiClient,
  type: string,
  payload: unknown,
  { by: _by, ...options }: StartBroadcastOptions = {},
): Promise<Broadcast> {
  const body = { type, ...(payload !== undefined && { payload }), ...options };
  const { id } = await api.get<{ id: string }>('startBroadcast', { body });
  return handleOf(api, id);
}

function handleOf(api: ApiClient, id: string): Broadcast {
  return {
    id,
    replayed: false,
    status: () => viewOf(api, id),
    cancel: (asked) => cancelOne(api, id, asked?.reason),
    results: ({ signal, joiners = true } = {}) => results(api, id, joiners, signal),
  };
}

async function viewOf(api: ApiClient, id: string): Promise<BroadcastView> {
  const summary = await api.get<BroadcastView>('getBroadcast', { params: { id } });
  const workers = await api.all<BroadcastWorker>('listBroadcastWorkers', { params: { id }, query: { limit: PAGE } });
  return { ...summary, workers };
}

/** Each worker as its task ends: the stream tells when something has changed. */
async function* results(
  api: ApiClient,
  id: string,
  joiners: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<BroadcastResult, void> {
  const told = new Set<string>();
  const query = { topics: 'broadcasts' };
  // The stream is open before the first look, so that no change falls between.
  const events = api.lines<{ event: string }>('streamEvents', { query, ...(signal === undefined ? {} : { signal }) });
  /** `next` is null when nothing is awaited: before an event, and once the stream has ended. */
  const stream: { next: Promise<void> | null; isOver: boolean } = { next: null, isOver: false };
  try {
    for (;;) {
      // The first event says hello.
      if (!stream.isOver)
        stream.next ??= nextOf(events).then((isOver) => {
          stream.next = null;
          stream.isOver = isOver;
        });
      const again = sleep(systemRuntime, AGAIN_MS);
      await (stream.next === null ? again : Promise.race([stream.next, again]));
      signal?.throwIfAborted();
      const { workers, state, reached } = await viewOf(api, id);
      for (const worker of workers) {
        if (told.has(worker.task) || !ENDED.has(worker.state)) continue;
        told.add(worker.task);
        yield resultOf(worker);
      }
      const isQuiet = told.size === workers.length;
      if (state === 'finished' || (!joiners && reached !== null && isQuiet)) return;
    }
  } finally {
    await events.return().catch(() => undefined);
  }
}

/** Whether the stream has ended, also by a replica that stops. */
const nextOf = (events: AsyncIterator<unknown>): Promise<boolean> =>
  events.next().then(
    ({ done }) => done === true,
    () => true,
  );

function resultOf({ worker, task, attempt, state, result, error }: BroadcastWorker): BroadcastResult {
  const common = { worker, task, attempt };
  if (state === 'succeeded') return { ...common, state, result };
  if (state === 'failed') return { ...common, state, error: error ?? UNREADABLE };
  return { ...common, state: 'cancelled' };
}

const UNREADABLE = { name: 'Error', message: 'the reason cannot be read', retryable: false };

async function cancelOne(api: ApiClient, id: string, reason: string | undefined): Promise<BroadcastReply> {
  try {
    const body = reason === undefined ? {} : { reason };
    return await api.get<BroadcastReply>('cancelBroadcast', { params: { id }, body });
  } catch (error) {
    if (!isRefused(error, 'broadcast-not-found', 'conflict')) throw error;
    const { state } = error.data;
    const stands = error.code === 'broadcast-not-found' ? 'unknown' : state;
    return { id, ok: false, ...(typeof stands === 'string' && { state: stands }), message: error.message };
  }
}

/** Throws `InvalidArgumentError`. */
function checked(id: string): string {
  if (isBatchId(id)) return id;
  throw new InvalidArgumentError('broadcast', id, 'the id of a broadcast, such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA');
}
