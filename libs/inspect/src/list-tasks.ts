import {
  checkOptions,
  filterTerm,
  instantOf,
  InvalidArgumentError,
  isBatchId,
  isFinal,
  localBatch,
  localTask,
  matchesFilter,
  parseFilter,
  parseTaskId,
  RecordError,
  SHOWN_STATES,
  timeOfBatch,
  valuesOf,
  type BatchId,
  type Filter,
  type ShownState,
  oneOf,
} from '@drover/core';
import { BUCKETS, ROOTS } from '@drover/protocol';
import type { Log } from '@drover/observability';
import { inBackground, toldElsewhere, type Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { Cluster } from './cluster.js';
import { checkTaskId } from './get-task.js';
import { childrenOf } from './records.js';
import { isPurged, readBatch, type StoredBatch, type UnreadBatch } from './stored-batch.js';
import { viewTask, viewUnread } from './task-view.js';
import type { ListOptions, TaskView } from './views.js';

const DEFAULT_LIMIT = 100;
/** Batches that are being read at a time: few at first, since many lists end after a page. */
const FIRST_AHEAD = 4;
const MOST_AHEAD = 64;
/**
 * Ids of batches are drawn by clients, whose clocks may be wrong by so much before `since:` and `until:` miss tasks.
 */
const CLOCKS_DIFFER_MS = 3_600_000;
const OPTION_NAMES = ['filter', 'state', 'queue', 'limit', 'after', 'signal'] as const;

export interface ListContext {
  /**
   * Calls `act` with a connected handle, again if the connection is lost: a long list may take longer than a session
   * lasts.
   */
  read: <T>(act: (zk: ZooKeeper) => Promise<T>, signal?: AbortSignal) => Promise<T>;
  runtime: Runtime;
  log: Log;
}

/**
 * Tasks newest first. Ids of batches are ordered by time, so their names alone give the order, and only the batches
 * that are needed are read, and a few ahead of the consumer. Throws `InvalidArgumentError` and `FilterError` at the
 * first step.
 */
export async function* listTasks(options: ListOptions, context: ListContext): AsyncGenerator<TaskView, void> {
  const { signal } = options;
  const wanted = wantedOf(options, context.runtime.now());
  const read = <T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> => context.read(act, signal);
  const [cluster, ids] = await read((zk) => Promise.all([Cluster.read(zk), batchesOf(zk, wanted)]));
  let left = wanted.limit;
  const pages = readAhead(ids, (id) => read((zk) => viewsOf(zk, id, wanted, cluster, context)));
  for await (const page of pages) {
    for (const view of page) {
      yield view;
      if (--left === 0) return;
    }
    signal?.throwIfAborted();
  }
}

/** The tasks of the ids, in their order. */
async function* readAhead<T>(ids: readonly BatchId[], read: (id: BatchId) => Promise<T>): AsyncGenerator<T, void> {
  const reading: Promise<T>[] = [];
  let ahead = FIRST_AHEAD;
  for (let next = 0; next < ids.length || reading.length > 0; ahead = Math.min(ahead * 2, MOST_AHEAD)) {
    for (const id of ids.slice(next, next + ahead - reading.length)) {
      const page = read(id);
      // If an earlier page fails, nobody awaits this one.
      inBackground(page, toldElsewhere);
      reading.push(page);
      next++;
    }
    const first = reading.shift();
    if (first !== undefined) yield await first;
  }
}

/** The options, checked. */
interface Wanted {
  filter: Filter;
  limit: number;
  /** Only tasks behind this one. */
  after: { batch: BatchId; index: number } | null;
  /** Milliseconds since 1970, for the times in the filter. */
  now: number;
}

function wantedOf(options: ListOptions, now: number): Wanted {
  checkOptions(options, OPTION_NAMES);
  const { filter = '', state, queue, limit, after } = options;
  if (typeof filter !== 'string') throw new InvalidArgumentError('filter', filter, "text such as 'state:failed'");
  if (state !== undefined) oneOf('state', state, SHOWN_STATES);
  const terms = [
    ...parseFilter(filter),
    ...(state === undefined ? [] : [filterTerm('state', state)]),
    ...(queue === undefined ? [] : [exactly('queue', queue)]),
  ];
  checkCells(terms);
  return { filter: terms, limit: checkLimit(limit), after: after === undefined ? null : placeOf(after), now };
}

/** Throws `UnknownCellError` where a term names tasks of a cell that there is not. */
function checkCells(filter: Filter): void {
  for (const { field, values } of filter) {
    if (field === 'id') for (const { text } of values) localTask(text);
    else if (field === 'batch') for (const { text } of values) localBatch(text);
  }
}

function exactly(field: 'queue', text: unknown): Filter[number] {
  if (typeof text !== 'string') throw new InvalidArgumentError(field, text, 'the name of a queue');
  return { field, negated: false, values: [{ text, prefix: false }] };
}

const placeOf = (id: unknown): Wanted['after'] => parseTaskId(checkTaskId(id));

function checkLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit > 0)) return limit;
  throw new InvalidArgumentError('limit', limit, 'a whole number from 1, or Infinity');
}

/** Ids of the batches that may hold tasks for the list, newest first. */
async function batchesOf(zk: ZooKeeper, wanted: Wanted): Promise<BatchId[]> {
  const named = namedBatches(wanted.filter);
  const ids = named === null ? await allBatches(zk) : [...named].filter(isBatchId);
  return ids
    .filter((id) => (wanted.after === null || id <= wanted.after.batch) && isInTime(id, wanted))
    .sort()
    .reverse();
}

/** `null`: the filter names none. */
function namedBatches(filter: Filter): ReadonlySet<string> | null {
  const batches = valuesOf(filter, 'batch');
  const ids = valuesOf(filter, 'id');
  if (batches !== null || ids === null) return batches;
  return new Set([...ids].map((id) => parseTaskId(id)?.batch ?? ''));
}

async function allBatches(zk: ZooKeeper): Promise<BatchId[]> {
  const names = await Promise.all(BUCKETS.map((bucket) => childrenOf(zk, `${ROOTS.tasks}/${bucket}`)));
  return names.flat().filter(isBatchId);
}

function isInTime(id: BatchId, { filter, now }: Wanted): boolean {
  const at = timeOfBatch(id);
  return filter.every((term) => {
    if (term.negated) return true;
    if (term.field === 'since') return term.values.some((value) => at >= instantOf(value, now) - CLOCKS_DIFFER_MS);
    return term.field !== 'until' || term.values.some((value) => at < instantOf(value, now) + CLOCKS_DIFFER_MS);
  });
}

/** The tasks of a batch that match, last first; none if it cannot hold any, is gone, or is garbage. */
async function viewsOf(
  zk: ZooKeeper,
  id: BatchId,
  wanted: Wanted,
  cluster: Cluster,
  { runtime, log }: ListContext,
): Promise<TaskView[]> {
  const { filter, after, now } = wanted;
  const batch = await readBatchOrNull(zk, id, log);
  if (batch === null) return [];
  if ('unread' in batch) return unreadViews(batch, wanted);
  if (cannotHold(batch, filter)) return [];
  const out = await cluster.outOf(zk, batch);
  const views: TaskView[] = [];
  const { count } = batch.header;
  for (let index = (after?.batch === id ? Math.min(after.index, count) : count) - 1; index >= 0; index--) {
    if (isPurged(batch.header, index)) continue;
    const view = viewTask(batch, index, out.get(index) ?? null, runtime.now());
    if (!matchesFilter(filter, view, now)) continue;
    if (view.state === 'pending') view.reason = cluster.reasonOf(view.type, view.queue);
    views.push(view);
  }
  return views;
}

function unreadViews(batch: UnreadBatch, { filter, after, now }: Wanted): TaskView[] {
  const count = after?.batch === batch.id ? Math.min(after.index, batch.count) : batch.count;
  return Array.from({ length: count }, (_, at) => viewUnread(batch, count - 1 - at)).filter((view) =>
    matchesFilter(filter, view, now),
  );
}

async function readBatchOrNull(zk: ZooKeeper, id: BatchId, log: Log): Promise<StoredBatch | UnreadBatch | null> {
  try {
    return await readBatch(zk, id, log);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    log.event('record.invalid', { path: error.path, reason: error.message });
    return null;
  }
}

/**
 * Whether the header excludes all tasks: it names the queue, and in a finished batch the number of tasks in each state.
 */
function cannotHold({ header: { queue, finished } }: StoredBatch, filter: Filter): boolean {
  if (valuesOf(filter, 'queue')?.has(queue) === false) return true;
  const states = valuesOf(filter, 'state') as ReadonlySet<ShownState> | null;
  if (finished === undefined || states === null) return false;
  return [...states].every((state) => !isFinal(state) || finished[state] === 0);
}
