import type { BatchId } from '@drover/core';
import { inBackground, type Timer } from '@drover/runtime';
import { needNotSucceed, type WatchHandle, type ZooKeeper } from '@drover/zookeeper';
import { ClientClosedError } from '../errors.js';
import type { BatchRef } from '../submit/batch-builder.js';
import type { Waiter } from './awaited-tasks.js';
import { BatchResults, type ResultsContext } from './batch-results.js';

const SWEEP_MS = 1_000;
/** Watches are removed together: each packet costs a system call on either side. */
const UNWATCH_MS = 50;
const UNWATCH_AT_ONCE = 200;

/**
 * The batches with tasks that this client waits for. A batch that nobody waits for any more is dropped with its watch
 * and its results after one to two seconds, since a caller that awaits one task after the other comes back at once. A
 * batch whose tasks were all delivered is dropped immediately.
 *
 * A caller that awaited tasks of a batch which this client wrote will probably await those of the next batches too. So
 * the client sets the watch on a new batch in the same packet as the write. It stops doing so when nobody awaits such a
 * batch, until somebody awaits one again.
 */
export class Results {
  readonly #context: ResultsContext;
  readonly #batches = new Map<BatchId, BatchResults>();
  /** Batches that nobody waits for; true: it was so at the last sweep already. */
  readonly #idle = new Map<BatchResults, boolean>();
  #sweep: Timer | null = null;
  #unneeded: WatchHandle[] = [];
  #unwatching: Timer | null = null;
  #expectsWaits = false;
  #closed = false;

  constructor(context: Omit<ResultsContext, 'unwatch'>) {
    this.#context = { ...context, unwatch: (watch) => this.#unwatch(watch) };
    context.connection.onNewSession(() => {
      for (const results of this.#batches.values()) results.sessionRenewed();
    });
  }

  /** The number of batches that are watched, or kept for a moment. */
  get size(): number {
    return this.#batches.size;
  }

  /** This client is about to write the batch with `zk`, for the first time. */
  writing(batch: BatchRef, zk: ZooKeeper): void {
    if (this.#closed || !this.#expectsWaits || this.#batches.has(batch.id)) return;
    const results = new BatchResults(batch, this.#context, (idle) => this.#becameIdle(idle));
    this.#batches.set(batch.id, results);
    results.watchAhead(zk);
    this.#sweepLater(results);
  }

  /** The batch was not written, and will not be. */
  notWritten({ id }: BatchRef): void {
    const results = this.#batches.get(id);
    if (results !== undefined) this.#drop(results);
  }

  wait(batch: BatchRef, index: number, waiter: Waiter): void {
    if (this.#closed) return waiter.failed(new ClientClosedError());
    if (batch.groups !== null) this.#expectsWaits = true;
    let results = this.#batches.get(batch.id);
    if (results === undefined) {
      results = new BatchResults(batch, this.#context, (idle) => this.#becameIdle(idle));
      this.#batches.set(batch.id, results);
    } else this.#idle.delete(results);
    results.wait(index, waiter);
  }

  /** In the next turn: it may be the same batch whose endings are being told. */
  waitSoon(wait: () => void): void {
    this.#context.runtime.soon(wait);
  }

  leave(batch: BatchRef, index: number, waiter: Waiter): void {
    this.#batches.get(batch.id)?.leave(index, waiter);
  }

  /** Tasks of these batches will run again: the results that are kept of them are out of date. */
  forget(batches: Iterable<BatchId>): void {
    for (const id of batches) {
      const results = this.#batches.get(id);
      if (results?.idle === true) this.#drop(results);
    }
  }

  /** Tells all waiting callers that the client was closed. */
  close(): void {
    this.#closed = true;
    this.#sweep?.cancel();
    this.#unwatching?.cancel();
    for (const results of [...this.#batches.values()]) results.end(() => new ClientClosedError());
    this.#batches.clear();
    this.#idle.clear();
  }

  #becameIdle(results: BatchResults): void {
    if (this.#closed) return;
    if (results.spent) this.#drop(results);
    else this.#sweepLater(results);
  }

  #sweepLater(results: BatchResults): void {
    if (!this.#idle.has(results)) this.#idle.set(results, false);
    this.#sweep ??= this.#context.runtime.after(SWEEP_MS, () => this.#sweepIdle());
  }

  #sweepIdle(): void {
    this.#sweep = null;
    for (const [results, before] of this.#idle) {
      if (!results.idle) this.#idle.delete(results);
      else if (before) this.#letGo(results);
      else this.#idle.set(results, true);
    }
    if (this.#idle.size > 0) this.#sweep = this.#context.runtime.after(SWEEP_MS, () => this.#sweepIdle());
  }

  #letGo(results: BatchResults): void {
    if (!results.awaited) this.#expectsWaits = false;
    this.#drop(results);
  }

  /** A watch that cannot be removed ends with the session; nothing listens to it until then. */
  #unwatch(watch: WatchHandle): void {
    if (this.#closed) return;
    this.#unneeded.push(watch);
    if (this.#unneeded.length >= UNWATCH_AT_ONCE) this.#unwatchAll();
    else this.#unwatching ??= this.#context.runtime.after(UNWATCH_MS, () => this.#unwatchAll());
  }

  #unwatchAll(): void {
    this.#unwatching?.cancel();
    this.#unwatching = null;
    for (const watch of this.#unneeded.splice(0)) inBackground(watch.close(), needNotSucceed);
  }

  #drop(results: BatchResults): void {
    this.#batches.delete(results.batchId);
    this.#idle.delete(results);
    results.stop();
  }
}
