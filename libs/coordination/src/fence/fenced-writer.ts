import type { Metrics } from '@drover/observability';
import { ROOTS } from '@drover/protocol';
import type { Runtime, Timer } from '@drover/runtime';
import { ZooKeeperError, type ErrorCode, type MultiResult, type Operation, type ZooKeeper } from '@drover/zookeeper';
import { bytesOf, nextPacket, type Entry } from './pack.decide.js';

/** Why a term cannot go on. fenced: a later epoch began · lease: not surely ours any more · failed: see the error. */
export interface WriteFailure {
  kind: 'fenced' | 'lease' | 'failed';
  error: ZooKeeperError | null;
  /** First path of the multi that failed. */
  what: string;
}

/** What became of an `attempt`. `failedIndex` counts the caller's operations. */
export type Attempted =
  | { applied: true; zxid: bigint; results: MultiResult['results'] }
  | { applied: false; code: ErrorCode; failedIndex: number };

export interface FencedWriterOptions {
  zk: ZooKeeper;
  /** Version of `/epoch` in this term. */
  version: number;
  /** Whether the session and its lease are good now. */
  valid: () => boolean;
  runtime: Runtime;
  metrics: Metrics;
  /** Called once: the term is over, nothing is sent any more. */
  failed: (failure: WriteFailure) => void;
}

type Settle = (answer: Attempted | null) => void;
interface Queued extends Entry {
  settle: Settle | null;
}

/** What nobody waits for goes with the next multi, or by itself after this long, or when there is so much of it. */
const LAZY_MS = 100;
const LAZY_ENTRIES = 200;
/** Multis that are under way at a time: enough to hide the round trip and the fsync, few enough to be answered soon. */
const WINDOW = 8;
/** Failures that tell of another party, not of a broken term. */
const EXPECTED: readonly ErrorCode[] = ['NO_NODE', 'NODE_EXISTS', 'NOT_EMPTY', 'BAD_VERSION'];

/**
 * All writes of one term of a leader. Each goes in a multi that begins with the check of the fence; order is kept; what
 * one turn of the event loop brings is written together. See "Fenced writes" in the README.
 */
export class FencedWriter {
  readonly #options: FencedWriterOptions;
  #queue: Queued[] = [];
  #flushing = false;
  #lazyTimer: Timer | null = null;
  #inFlight = 0;
  #ended = false;

  constructor(options: FencedWriterOptions) {
    this.#options = options;
  }

  get ended(): boolean {
    return this.#ended;
  }
  /** Entries that wait for a place in the window. */
  get backlog(): number {
    return this.#queue.length;
  }

  /** These go together in one multi, with others. A failure of any ends the term. */
  write(operations: readonly Operation[]): void {
    if (this.#ended || operations.length === 0) return;
    this.#enqueue({ operations, bytes: bytesOf(operations), alone: false, settle: null });
  }

  /** Like `write`, for what nobody waits for: it goes with what comes next. Each transaction costs a sync of the disk. */
  writeLazily(operations: readonly Operation[]): void {
    if (this.#ended || operations.length === 0) return;
    this.#queue.push({ operations, bytes: bytesOf(operations), alone: false, settle: null });
    if (this.#queue.length >= LAZY_ENTRIES) this.#flushSoon();
    else this.#lazyTimer ??= this.#options.runtime.after(LAZY_MS, () => this.#flush());
  }

  /** These may fail: they go in a multi of their own. `null`: the term ended, the outcome may be unknown. */
  attempt(operations: readonly Operation[]): Promise<Attempted | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((settle) => {
      this.#enqueue({ operations, bytes: bytesOf(operations), alone: true, settle });
    });
  }

  /** True when all that was handed in so far is applied; false when the term ended before. */
  async durable(): Promise<boolean> {
    if (this.#queue.length === 0 && this.#inFlight === 0) return !this.#ended;
    const answer = await this.attempt([]);
    return answer?.applied === true;
  }

  /** The term is over: nothing is sent any more, who waits is answered. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lazyTimer?.cancel();
    const queue = this.#queue;
    this.#queue = [];
    for (const { settle } of queue) settle?.(null);
  }

  #enqueue(entry: Queued): void {
    this.#queue.push(entry);
    this.#flushSoon();
  }

  /** Sends what has been handed in without waiting for the end of the turn: whoever gathers by himself calls it. */
  flush(): void {
    if (this.#queue.length > 0 && this.#flushing) this.#flush();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#options.runtime.soon(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#lazyTimer?.cancel();
    this.#lazyTimer = null;
    let from = 0;
    while (!this.#ended && this.#inFlight < WINDOW && from < this.#queue.length) {
      if (!this.#options.valid()) {
        this.#fail({ kind: 'lease', error: null, what: '' });
        return;
      }
      const count = nextPacket(this.#queue, from);
      void this.#send(this.#queue.slice(from, from + count));
      from += count;
    }
    if (from > 0 && !this.#ended) this.#queue = this.#queue.slice(from);
  }

  async #send(packet: readonly Queued[]): Promise<void> {
    const { zk, version, runtime, metrics } = this.#options;
    const operations: Operation[] = [{ op: 'check', path: ROOTS.epoch, version }];
    for (const entry of packet) for (const operation of entry.operations) operations.push(operation);
    this.#inFlight++;
    const sentAt = runtime.monotonic();
    const settle = packet[0]?.settle ?? null;
    try {
      const { zxid, results } = await zk.multi(operations);
      settle?.({ applied: true, zxid, results: results.slice(1) });
    } catch (error) {
      this.#sendFailed(error, operations, settle);
    } finally {
      this.#inFlight--;
      metrics.observe('drover_transaction_seconds', { role: 'scheduler' }, (runtime.monotonic() - sentAt) / 1_000);
      metrics.observe('drover_transaction_operations', { role: 'scheduler' }, operations.length);
      this.#flush();
    }
  }

  #sendFailed(error: unknown, operations: readonly Operation[], settle: Settle | null): void {
    if (!(error instanceof ZooKeeperError)) {
      settle?.(null);
      throw error;
    }
    const { code, failedIndex } = error;
    const byOthers = settle !== null && failedIndex !== undefined && failedIndex > 0 && EXPECTED.includes(code);
    if (byOthers) return settle({ applied: false, code, failedIndex: failedIndex - 1 });
    settle?.(null);
    const fenced = failedIndex === 0;
    this.#fail({ kind: fenced ? 'fenced' : 'failed', error, what: operations[1]?.path ?? ROOTS.epoch });
  }

  #fail(failure: WriteFailure): void {
    if (this.#ended) return;
    this.end();
    this.#options.failed(failure);
  }
}
