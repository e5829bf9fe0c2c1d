import type { BatchId } from '@drover/core';
import { batchPath, decodeBatch, type Batch } from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';

interface Entry {
  batch: Promise<Batch>;
  bytes: number;
}

/**
 * Bodies of batches, the least recently used forgotten first. A body does not change while its work is pending, and one
 * batch comes in many assignments. Reads of the same batch at the same time are one.
 */
export class BatchCache {
  readonly #zk: ZooKeeper;
  readonly #limitBytes: number;
  /** A Map keeps the order of insertion: the first is the one that was used the longest ago. */
  readonly #entries = new Map<BatchId, Entry>();
  #bytes = 0;

  constructor(zk: ZooKeeper, limitBytes: number) {
    this.#zk = zk;
    this.#limitBytes = limitBytes;
  }

  /** Rejects with `NO_NODE` where it is gone, with `RecordError` where it is none. Failures are not remembered. */
  get(id: BatchId): Promise<Batch> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return this.#read(id);
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.batch;
  }

  forget(id: BatchId): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  #read(id: BatchId): Promise<Batch> {
    const path = batchPath(id);
    const batch = this.#zk.get(path).then(({ data }) => this.#keep(id, entry, path, data));
    const entry: Entry = { batch, bytes: 0 };
    this.#entries.set(id, entry);
    entry.batch.catch(() => {
      if (this.#entries.get(id) === entry) this.forget(id);
    });
    return entry.batch;
  }

  #keep(id: BatchId, entry: Entry, path: string, data: Buffer): Batch {
    const batch = decodeBatch(path, data);
    if (this.#entries.get(id) === entry) {
      entry.bytes = data.length;
      this.#bytes += data.length;
      this.#shrink(id);
    }
    return batch;
  }

  #shrink(kept: BatchId): void {
    for (const id of this.#entries.keys()) {
      if (this.#bytes <= this.#limitBytes) return;
      if (id !== kept) this.forget(id);
    }
  }
}
