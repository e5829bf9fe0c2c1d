import type { BatchId } from '@drover/core';
import type { Timer } from '@drover/runtime';
import { ClientClosedError } from '../errors.js';
import type { BatchRef } from '../submit/gather.js';
import type { Waiter } from './awaited-tasks.js';
import { BatchResults, type ResultsContext } from './batch-results.js';

const SWEEP_MS = 1_000;

/**
 * The batches of which this process waits for tasks. One that nobody waits for is let go, with its watch and whatever
 * it kept, after one to two seconds: those who await one task after the other come back at once. One whose tasks were
 * all delivered goes immediately.
 */
export class Results {
  readonly #context: ResultsContext;
  readonly #batches = new Map<BatchId, BatchResults>();
  /** Idle ones; true where they were idle at the last sweep already. */
  readonly #idle = new Map<BatchResults, boolean>();
  #sweep: Timer | null = null;
  #closed = false;

  constructor(context: ResultsContext) {
    this.#context = context;
    context.connection.onNewSession(() => {
      for (const results of this.#batches.values()) results.sessionRenewed();
    });
  }

  /** How many batches are followed, or kept for a moment. */
  get size(): number {
    return this.#batches.size;
  }

  wait(batch: BatchRef, index: number, waiter: Waiter): void {
    if (this.#closed) return waiter.failed(new ClientClosedError());
    let results = this.#batches.get(batch.id);
    if (results === undefined) {
      results = new BatchResults(batch, this.#context, (idle) => this.#becameIdle(idle));
      this.#batches.set(batch.id, results);
    } else this.#idle.delete(results);
    results.wait(index, waiter);
  }

  leave(batch: BatchRef, index: number, waiter: Waiter): void {
    this.#batches.get(batch.id)?.leave(index, waiter);
  }

  /** Tasks of these batches were asked to run again: what is kept of them is of the past. */
  forget(batches: Iterable<BatchId>): void {
    for (const id of batches) {
      const results = this.#batches.get(id);
      if (results?.idle === true) this.#drop(results);
    }
  }

  /** Everybody who waits is told that the client was closed. */
  close(): void {
    this.#closed = true;
    this.#sweep?.cancel();
    for (const results of [...this.#batches.values()]) results.end(() => new ClientClosedError());
    this.#batches.clear();
    this.#idle.clear();
  }

  #becameIdle(results: BatchResults): void {
    if (this.#closed) return;
    if (results.spent) return this.#drop(results);
    if (!this.#idle.has(results)) this.#idle.set(results, false);
    this.#sweep ??= this.#context.runtime.after(SWEEP_MS, () => this.#sweepIdle());
  }

  #sweepIdle(): void {
    this.#sweep = null;
    for (const [results, before] of this.#idle) {
      if (!results.idle) this.#idle.delete(results);
      else if (before) this.#drop(results);
      else this.#idle.set(results, true);
    }
    if (this.#idle.size > 0) this.#sweep = this.#context.runtime.after(SWEEP_MS, () => this.#sweepIdle());
  }

  #drop(results: BatchResults): void {
    this.#batches.delete(results.batchId);
    this.#idle.delete(results);
    results.stop();
  }
}
