import type { BatchId } from '@drover/core';
import { batchPath, decodeBatch, type Batch } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';

interface Entry {
  batch: Promise<Batch>;
  bytes: number;
  /** Monotonic. */
  usedMs: number;
}

/** Not used for so long, it is forgotten when the next one comes: its work is done, as a rule. */
export const UNUSED_MS = 60_000;

/** About what a decoded body holds in memory: measured with batches of 1 to 500 tasks, in 1 to 50 groups. */
export const memoryOf = (dataLength: number): number => 600 + 3 * dataLength;

/**
 * Bodies of batches, the least recently used forgotten first. A body does not change while its work is pending, and one
 * batch comes in many assignments. Reads of the same batch at the same time are one.
 */
export class BatchCache {
  readonly #zk: ZooKeeper;
  readonly #limitBytes: number;
  readonly #runtime: Runtime;
  /** A Map keeps the order of insertion: the first is the one that was used the longest ago. */
  readonly #entries = new Map<BatchId, Entry>();
  #bytes = 0;

  constructor(zk: ZooKeeper, limitBytes: number, runtime: Runtime) {
    this.#zk = zk;
    this.#limitBytes = limitBytes;
    this.#runtime = runtime;
  }

  /** Rejects with `NO_NODE` where it is gone, with `RecordError` where it is none. Failures are not remembered. */
  get(id: BatchId): Promise<Batch> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return this.#read(id);
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    entry.usedMs = this.#runtime.monotonic();
    return entry.batch;
  }

  forget(id: BatchId): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  #read(id: BatchId): Promise<Batch> {
    const path = batchPath(id);
    const batch = this.#zk.get(path).then(({ data }) => this.#keep(id, entry, path, data));
    const entry: Entry = { batch, bytes: 0, usedMs: this.#runtime.monotonic() };
    this.#entries.set(id, entry);
    entry.batch.catch(() => {
      if (this.#entries.get(id) === entry) this.forget(id);
    });
    return entry.batch;
  }

  #keep(id: BatchId, entry: Entry, path: string, data: Buffer): Batch {
    const batch = decodeBatch(path, data);
    if (this.#entries.get(id) === entry) {
      entry.bytes = memoryOf(data.length);
      this.#bytes += entry.bytes;
      this.#shrink(id);
    }
    return batch;
  }

  #shrink(kept: BatchId): void {
    const unusedSinceMs = this.#runtime.monotonic() - UNUSED_MS;
    for (const [id, { usedMs }] of this.#entries) {
      if (this.#bytes <= this.#limitBytes && usedMs >= unusedSinceMs) return;
      if (id !== kept) this.forget(id);
    }
  }
}
