import type { Metrics } from '@drover/observability';
import { ROOTS } from '@drover/protocol';
import { inBackground, type Runtime, type Timer } from '@drover/runtime';
import type { ErrorCode, MultiResult, Operation, ZooKeeper } from '@drover/zookeeper';
import { bytesOf, nextPacket, type Entry } from './pack.decide.js';
import { isFence, refusalOf, splitRefused } from './refused.decide.js';

/**
 * Why a term cannot go on. fenced: a later epoch began · lease: the session may have expired · failed: see the error ·
 * broken: a fault of this program, see the error.
 */
export interface WriteFailure {
  kind: 'fenced' | 'lease' | 'failed' | 'broken';
  error: Error | null;
  /** First path of the multi that failed. */
  what: string;
}

/**
 * ZooKeeper refused an operation for a reason of its own: too large, no permission, a quota, another party was first.
 * Nothing of its transaction was applied. `failedIndex` counts the caller's operations; -1: all of them together were
 * refused.
 */
export interface Refusal {
  code: ErrorCode;
  failedIndex: number;
  /** The path of that operation. */
  path: string;
}

/** The outcome of an `attempt`. */
export type Attempted =
  { applied: true; zxid: bigint; results: MultiResult['results'] } | ({ applied: false } & Refusal);

export interface WriteOptions {
  /**
   * Writes with the same key stay in order. If ZooKeeper refuses one write of a transaction, the others are sent again.
   * If a later write with the key of one of them was sent already, the order is lost and the term ends. A write without
   * a key is in order with all others.
   */
  key?: string;
  /** ZooKeeper refused it. Without this callback a refusal ends the term. */
  refused?: (refusal: Refusal) => void;
}

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
  key: string | null;
  settle: Settle | null;
  refused: ((refusal: Refusal) => void) | null;
}
type Packet = readonly Queued[];

const NO_KEY = '';
/**
 * Lazy writes go with the next multi; when so many have gathered, or after this long, they go without waiting for one.
 */
const LAZY_MS = 100;
const LAZY_ENTRIES = 200;
/** Multis that are under way at a time: enough to hide the round trip and the fsync, few enough to be answered soon. */
const WINDOW = 8;

/**
 * All writes of one term of a leader. Each goes in a multi that begins with the check of the fence; order is kept;
 * writes that are handed in within one turn of the event loop go together. See "Fenced writes" in the README.
 */
export class FencedWriter {
  readonly #options: FencedWriterOptions;
  #queue: Queued[] = [];
  #flushing = false;
  #lazyTimer: Timer | null = null;
  /** Sent and not answered, in order. */
  readonly #inFlight = new Set<Packet>();
  /** The number of times that entries were put back into the queue after a refusal. */
  #putBack = 0;
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

  /** The operations go together in one multi, which may have others too. */
  write(operations: readonly Operation[], options: WriteOptions = {}): void {
    if (this.#ended || operations.length === 0) return;
    this.#enqueue(newEntry(operations, options));
  }

  /**
   * Like `write`, for operations that nobody waits for: they go with the next writes, since each transaction costs a
   * sync of the disk.
   */
  writeLazily(operations: readonly Operation[], options: WriteOptions = {}): void {
    if (this.#ended || operations.length === 0) return;
    this.#queue.push(newEntry(operations, options));
    if (this.#queue.length >= LAZY_ENTRIES) this.#flushSoon();
    else this.#lazyTimer ??= this.#options.runtime.after(LAZY_MS, () => this.#flush());
  }

  /**
   * Operations that may fail: they go in a multi of their own. Without a `key` their order does not matter. Resolves
   * with `null` if the term ended: the outcome may be unknown. Never rejects. `urgent`: goes before all queued writes,
   * for a write that somebody waits for and whose order does not matter.
   */
  attempt(
    operations: readonly Operation[],
    { key = NO_KEY, urgent = false }: { key?: string; urgent?: boolean } = {},
  ): Promise<Attempted | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((settle) => {
      const entry = newEntry(operations, { key });
      this.#enqueue({ ...entry, alone: true, settle }, urgent);
    });
  }

  /** True when all that was handed in so far is applied or refused; false when the term ended before. */
  async durable(): Promise<boolean> {
    while (this.#queue.length > 0 || this.#inFlight.size > 0) {
      const before = this.#putBack;
      const answer = await this.attempt([]);
      if (answer?.applied !== true) return false;
      if (before === this.#putBack) break;
    }
    return !this.#ended;
  }

  /** The term is over: nothing is sent any more, and every queued write is settled with `null`. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lazyTimer?.cancel();
    const queue = this.#queue;
    this.#queue = [];
    for (const { settle } of queue) settle?.(null);
  }

  #enqueue(entry: Queued, urgent = false): void {
    if (urgent) this.#queue.unshift(entry);
    else this.#queue.push(entry);
    this.#flushSoon();
  }

  /** Sends the queued writes now, not at the end of the turn: for callers that gather writes themselves. */
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
    while (!this.#ended && this.#inFlight.size < WINDOW && from < this.#queue.length) {
      if (!this.#options.valid()) {
        this.#fail({ kind: 'lease', error: null, what: '' });
        return;
      }
      const count = nextPacket(this.#queue, from);
      inBackground(this.#send(this.#queue.slice(from, from + count)), (error) => this.#broken(error));
      from += count;
    }
    if (from > 0 && !this.#ended) this.#queue = this.#queue.slice(from);
  }

  async #send(packet: Packet): Promise<void> {
    const { zk, version, runtime, metrics } = this.#options;
    const operations: Operation[] = [{ op: 'check', path: ROOTS.epoch, version }];
    for (const entry of packet) for (const operation of entry.operations) operations.push(operation);
    this.#inFlight.add(packet);
    const sentAt = runtime.monotonic();
    try {
      const { zxid, results } = await zk.multi(operations);
      packet[0]?.settle?.({ applied: true, zxid, results: results.slice(1) });
    } catch (error) {
      this.#sendFailed(error, packet, operations);
    } finally {
      this.#inFlight.delete(packet);
      metrics.observe('drover_transaction_seconds', { role: 'scheduler' }, (runtime.monotonic() - sentAt) / 1_000);
      metrics.observe('drover_transaction_operations', { role: 'scheduler' }, operations.length);
      this.#flush();
    }
  }

  #sendFailed(error: unknown, packet: Packet, operations: readonly Operation[]): void {
    const refused = refusalOf(error);
    if (refused !== null && this.#refused(packet, refused)) return;
    packet[0]?.settle?.(null);
    this.#fail({
      kind: isFence(error) ? 'fenced' : 'failed',
      error: error instanceof Error ? error : new Error(String(error)),
      what: operations[1]?.path ?? ROOTS.epoch,
    });
  }

  /** False: the term cannot go on. */
  #refused(packet: Packet, { code, failedIndex }: { code: ErrorCode; failedIndex: number }): boolean {
    if (this.#ended) return false;
    const { culprit, at, others } = splitRefused(packet, failedIndex);
    // The writes were refused as a whole: each is sent again alone, to find the one that is refused.
    if (culprit === null)
      return this.#putBackInOrder(
        packet,
        others.map((entry) => ({ ...entry, alone: true })),
      );
    if (culprit.settle === null && culprit.refused === null) return false;
    if (!this.#putBackInOrder(packet, others)) return false;
    const refusal = { code, failedIndex: at, path: culprit.operations[Math.max(0, at)]?.path ?? ROOTS.epoch };
    if (culprit.settle !== null) culprit.settle({ applied: false, ...refusal });
    else culprit.refused?.(refusal);
    return true;
  }

  /** Puts entries back at the front of the queue. False: a write that must come after them was sent already. */
  #putBackInOrder(packet: Packet, entries: readonly Queued[]): boolean {
    if (entries.length === 0) return true;
    const keys = new Set(entries.map(({ key }) => key));
    let isBehind = false;
    for (const sent of this.#inFlight) {
      if (isBehind && (keys.has(null) || sent.some(({ key }) => key === null || keys.has(key)))) return false;
      if (sent === packet) isBehind = true;
    }
    this.#putBack++;
    this.#queue.unshift(...entries);
    return true;
  }

  /** The callback of a refusal threw: the memory of the term may be wrong now, so it ends. */
  #broken(error: unknown): void {
    this.#fail({ kind: 'broken', error: error instanceof Error ? error : new Error(String(error)), what: '' });
  }

  #fail(failure: WriteFailure): void {
    if (this.#ended) return;
    this.end();
    this.#options.failed(failure);
  }
}

function newEntry(operations: readonly Operation[], { key, refused }: WriteOptions): Queued {
  return {
    operations,
    bytes: bytesOf(operations),
    alone: false,
    key: key ?? null,
    settle: null,
    refused: refused ?? null,
  };
}
