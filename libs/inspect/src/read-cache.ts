import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';

interface Entry<Value> {
  value: Promise<Value>;
  bytes: number;
  /** Monotonic. */
  usedMs: number;
}

/** Not used for so long, it is forgotten when the next one comes: its work is done, as a rule. */
export const UNUSED_MS = 60_000;

/** About what a decoded record holds in memory: measured with batches of 1 to 500 tasks, in 1 to 50 groups. */
export const memoryOf = (dataLength: number): number => 600 + 3 * dataLength;

/** The kind of znodes that are kept: their path, their decoder, and about how much memory one takes. */
export interface Kept<Value> {
  path: (key: string) => string;
  decode: (path: string, data: Buffer) => Value;
  memoryOf: (dataLength: number) => number;
}

/**
 * Data of znodes that does not change while it is used, the least recently used forgotten first. Reads of the same znode at
 * the same time are one.
 */
export class ReadCache<Value> {
  readonly #zk: ZooKeeper;
  readonly #limitBytes: number;
  readonly #runtime: Runtime;
  readonly #kept: Kept<Value>;
  /** A Map keeps the order of insertion: the first is the one that was used the longest ago. */
  readonly #entries = new Map<string, Entry<Value>>();
  #bytes = 0;

  constructor(zk: ZooKeeper, limitBytes: number, runtime: Runtime, kept: Kept<Value>) {
    this.#zk = zk;
    this.#limitBytes = limitBytes;
    this.#runtime = runtime;
    this.#kept = kept;
  }

  /** Rejects with `NO_NODE` where it is gone, and with what `decode` throws. Failures are not remembered. */
  get(key: string): Promise<Value> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#read(key);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.usedMs = this.#runtime.monotonic();
    return entry.value;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  #read(key: string): Promise<Value> {
    const path = this.#kept.path(key);
    const value = this.#zk.get(path).then(({ data }) => this.#keep(key, entry, path, data));
    const entry: Entry<Value> = { value, bytes: 0, usedMs: this.#runtime.monotonic() };
    this.#entries.set(key, entry);
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.forget(key);
    });
    return entry.value;
  }

  #keep(key: string, entry: Entry<Value>, path: string, data: Buffer): Value {
    const value = this.#kept.decode(path, data);
    if (this.#entries.get(key) === entry) {
      entry.bytes = this.#kept.memoryOf(data.length);
      this.#bytes += entry.bytes;
      this.#shrink(key);
    }
    return value;
  }

  #shrink(kept: string): void {
    const unusedSinceMs = this.#runtime.monotonic() - UNUSED_MS;
    for (const [key, { usedMs }] of this.#entries) {
      if (this.#bytes <= this.#limitBytes && usedMs >= unusedSinceMs) return;
      if (key !== kept) this.forget(key);
    }
  }
}
