import { parseTaskId, RecordError, UnknownCellError, type BatchId, type BatchObserver } from '@drover/core';
import type { Metrics } from '@drover/observability';
import { batchPath } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { ServerLimitError } from '../errors.js';
import { tellObservers, type ClientInterceptors } from '../intercept/interceptors.js';
import type { Results } from '../results/results.js';
import { BatchWrite, type Origin, type TakenKeys } from './batch-write.js';
import type { BatchRef, Entry, BatchBuilder } from './batch-builder.js';

export interface WriteContext {
  connection: Connection;
  runtime: Runtime;
  metrics: Metrics;
  newBatchId: () => BatchId;
  /** Hears of every batch before it is first written, in the same turn: its results may be awaited. */
  results: Pick<Results, 'writing' | 'notWritten'>;
  /** `null`: there are none. */
  interceptors: ClientInterceptors | null;
}

/**
 * Makes a batch durable, however often the connection breaks or the session expires, and settles its entries. The
 * batch's id is drawn before the first try, so that the next try finds a batch that was written although its reply was
 * lost.
 *
 * An entry whose key is taken becomes the task that holds the key; the others are written again without it. Never
 * rejects: errors that waiting cannot mend are passed to the entries.
 *
 * A batch that is too large for ZooKeeper, or that no reader could read, is written in halves, and those again in
 * halves: so only the task that causes it fails.
 */
export async function submitBatch(builder: BatchBuilder, origin: Origin, context: WriteContext): Promise<void> {
  await writeEntries(builder.entries, { builder, origin, context });
}

interface Writing {
  builder: BatchBuilder;
  origin: Origin;
  context: WriteContext;
}

async function writeEntries(given: readonly Entry[], writing: Writing): Promise<void> {
  const { builder, origin, context } = writing;
  let entries = given;
  try {
    while (entries.length > 0) {
      const { batch, observers } = begin(entries, origin, context);
      const taken = await write(batch, context).catch((error: unknown) => {
        tellObservers(observers, (observer) => observer.failed?.(error));
        throw error;
      });
      tellObservers(observers, (observer) => observer.written?.(taken?.size ?? 0));
      if (taken === null) context.metrics.count('drover_submitted_tasks_total', {}, entries.length);
      entries.forEach((entry, index) => tell(builder, entry, index, batch.ref, taken));
      entries = taken === null ? [] : entries.filter((_, index) => !taken.has(index));
    }
  } catch (error) {
    if (entries.length > 1 && isOfOneEntry(error)) return writeHalves(entries, writing);
    for (const entry of entries) fail(builder, entry, errorFor(entry, error));
  }
}

const NO_OBSERVERS: readonly BatchObserver[] = [];

/** The batch under an id of its own, and the observers of its write. Throws what interceptors throw, and `RecordError`. */
function begin(
  entries: readonly Entry[],
  origin: Origin,
  { newBatchId, interceptors }: WriteContext,
): { batch: BatchWrite; observers: readonly BatchObserver[] } {
  const id = newBatchId();
  if (interceptors === null) return { batch: new BatchWrite(id, entries, origin), observers: NO_OBSERVERS };
  const { traces, observers } = interceptors.writing({ id, queue: origin.queue, entries });
  return { batch: new BatchWrite(id, entries, traces === null ? origin : { ...origin, traces }), observers };
}

async function writeHalves(entries: readonly Entry[], writing: Writing): Promise<void> {
  const middle = Math.ceil(entries.length / 2);
  await writeEntries(entries.slice(0, middle), writing);
  await writeEntries(entries.slice(middle), writing);
}

/** Whether a batch without the entry that is to blame would be written. */
function isOfOneEntry(error: unknown): boolean {
  return error instanceof RecordError || isZooKeeperError(error, 'REQUEST_TOO_LARGE');
}

function errorFor({ options: { type }, bytes }: Entry, error: unknown): unknown {
  if (!isZooKeeperError(error, 'REQUEST_TOO_LARGE')) return error;
  return new ServerLimitError(type, error.requestBytes ?? bytes, { cause: error });
}

/** Resolves with `null` when the batch is written; otherwise with the tasks that hold keys of it, at least one. */
async function write(batch: BatchWrite, context: WriteContext): Promise<TakenKeys | null> {
  const { connection, runtime, metrics, results } = context;
  const begunAt = runtime.monotonic();
  let taken: TakenKeys | null = NO_KEYS;
  let isFirst = true;
  try {
    while (taken?.size === 0)
      taken = await withHandle(connection.writer, runtime, (zk) => {
        // A later try may find a batch that has been there for long, with results.
        if (isFirst) results.writing(batch.ref, zk);
        isFirst = false;
        return batch.send(zk);
      }).catch((error: unknown) => foundAfter(error, batch, context));
    metrics.observe('drover_submit_seconds', {}, (runtime.monotonic() - begunAt) / 1_000);
    return taken;
  } finally {
    if (taken !== null) results.notWritten(batch.ref);
  }
}

const NO_KEYS: TakenKeys = new Map();

/**
 * That a server takes no request of this size is concluded from connections that it closed, and the outcome of the last
 * one may be unknown. A batch that is there after all was written: its tasks must not be written again in halves.
 */
async function foundAfter(error: unknown, batch: BatchWrite, { connection, runtime }: WriteContext): Promise<null> {
  if (!isZooKeeperError(error, 'REQUEST_TOO_LARGE') || error.outcome !== 'unknown') throw error;
  const found = await withHandle(connection, runtime, async (zk) => {
    if (zk.capabilities.sync) await zk.sync();
    return (await zk.exists(batchPath(batch.ref.id))) !== null;
  });
  if (!found) throw error;
  return null;
}

function tell(builder: BatchBuilder, entry: Entry, index: number, batch: BatchRef, taken: TakenKeys | null): void {
  if (taken === null) acknowledge(builder, entry, batch, index, false);
  const holder = taken?.get(index);
  if (holder === undefined) return;
  if ('error' in holder) return fail(builder, entry, holder.error);
  const place = parseTaskId(holder.task);
  if (place === null)
    fail(builder, entry, new RecordError(`key ${entry.options.key ?? ''}`, `no task id: ${holder.task}`));
  else if (place.cell !== '') fail(builder, entry, new UnknownCellError(place.cell, holder.task));
  else acknowledge(builder, entry, { id: place.batch, groups: null }, place.index, true);
}

function acknowledge(builder: BatchBuilder, entry: Entry, batch: BatchRef, index: number, deduplicated: boolean): void {
  entry.acknowledged(batch, index, deduplicated);
  for (const follower of followersOf(builder, entry)) follower.acknowledged(batch, index, true);
}

function fail(builder: BatchBuilder, entry: Entry, error: unknown): void {
  entry.failed(error);
  for (const follower of followersOf(builder, entry)) follower.failed(error);
}

const NONE: readonly Entry[] = [];
function followersOf(builder: BatchBuilder, { options: { key } }: Entry): readonly Entry[] {
  return key === null ? NONE : (builder.followers.get(key) ?? NONE);
}
