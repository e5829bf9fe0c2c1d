import { taskId, TaskNotFoundError, type BatchId } from '@drover/core';
import type { ResultHeader, TaskEnd, TaskGroup } from '@drover/protocol';
import { EndingFold, type Ending } from './ending.js';

/** A caller that waits for one task. Exactly one of the two functions is called, once. */
export interface Waiter {
  /** `bytes`: about the memory that the ending takes. */
  ended(ending: Ending, bytes: number): void;
  failed(error: unknown): void;
}

/** The content of one result znode. */
export interface ReadResult {
  header: ResultHeader;
  ends: readonly TaskEnd[];
  bytes: number;
}

interface KnownEnding {
  ending: Ending;
  bytes: number;
}

/**
 * The waiters for the tasks of one batch, and the known endings. Pure: the caller passes it the results that it has
 * read.
 *
 * A result that was read for one task has those of its neighbours too. They are kept until they are asked for, up to
 * `keptBytes`. Of further endings, and of those that were delivered, only the fact is kept: reading the znode again
 * finds the rest.
 */
export class AwaitedTasks {
  readonly #batch: BatchId;
  readonly #keptLimitBytes: number;
  readonly #waiters = new Map<number, Waiter[]>();
  readonly #kept = new Map<number, KnownEnding>();
  readonly #ended = new Set<number>();
  #keptBytes = 0;
  #groups: readonly TaskGroup[] | null = null;
  #count = Infinity;
  #endings: EndingFold | null = null;

  constructor(batch: BatchId, keptLimitBytes: number, groups: readonly TaskGroup[] | null) {
    this.#batch = batch;
    this.#keptLimitBytes = keptLimitBytes;
    if (groups !== null) this.know(groups);
  }

  /** The batch's header was read. Nothing can be applied before. */
  know(groups: readonly TaskGroup[]): void {
    this.#groups = groups;
    this.#count = groups.reduce((sum, group) => sum + group.count, 0);
    this.#endings = new EndingFold(this.#batch, groups);
    for (const index of [...this.#waiters.keys()]) if (index >= this.#count) this.#fail(index, this.notFound(index));
  }

  get known(): boolean {
    return this.#endings !== null;
  }

  /** Nobody waits. */
  get idle(): boolean {
    return this.#waiters.size === 0;
  }

  /** Every task has ended. */
  get complete(): boolean {
    return this.#ended.size >= this.#count;
  }

  /** No later `wait` can use anything that is kept here. */
  get spent(): boolean {
    return this.idle && this.complete && this.#kept.size === 0;
  }

  /** `read-again`: its ending was read before, but is not kept. */
  wait(index: number, waiter: Waiter): 'told' | 'waiting' | 'read-again' {
    if (index >= this.#count) {
      waiter.failed(this.notFound(index));
      return 'told';
    }
    const kept = this.#unkeep(index);
    if (kept !== undefined) {
      waiter.ended(kept.ending, kept.bytes);
      return 'told';
    }
    const others = this.#waiters.get(index);
    if (others === undefined) this.#waiters.set(index, [waiter]);
    else others.push(waiter);
    return this.#ended.has(index) ? 'read-again' : 'waiting';
  }

  leave(index: number, waiter: Waiter): void {
    const left = this.#waiters.get(index)?.filter((other) => other !== waiter) ?? [];
    if (left.length > 0) this.#waiters.set(index, left);
    else this.#waiters.delete(index);
  }

  /**
   * Results were read, in their order. Waiters are told when all of them have been applied: a failed task that was
   * retried has not ended.
   */
  apply(results: readonly ReadResult[]): void {
    const fresh = new Map<number, KnownEnding>();
    for (const result of results) this.#fold(result, fresh);
    for (const [index, known] of fresh) this.#deliver(index, known);
  }

  /** Forgets all that was read, since it will be read again; callers go on waiting. */
  startOver(): void {
    this.#ended.clear();
    this.#kept.clear();
    this.#keptBytes = 0;
    if (this.#groups !== null) this.#endings = new EndingFold(this.#batch, this.#groups);
  }

  /** Every wait is over. */
  failAll(error: (index: number) => unknown): void {
    for (const index of [...this.#waiters.keys()]) this.#fail(index, error(index));
  }

  notFound(index: number): TaskNotFoundError {
    return new TaskNotFoundError(taskId(this.#batch, index));
  }

  #fold({ header, ends, bytes }: ReadResult, fresh: Map<number, KnownEnding>): void {
    const bytesEach = bytes / Math.max(ends.length, 1);
    for (const end of ends) {
      const { index } = end;
      const ending = this.#endings?.endingOf(end, header, this.#ended.has(index)) ?? null;
      if (ending === null) continue;
      if (ending === 'reopened') {
        fresh.delete(index);
        this.#ended.delete(index);
        this.#unkeep(index);
      } else {
        this.#ended.add(index);
        fresh.set(index, { ending, bytes: bytesEach });
      }
    }
  }

  #deliver(index: number, known: KnownEnding): void {
    const waiters = this.#waiters.get(index);
    if (waiters !== undefined) {
      this.#waiters.delete(index);
      for (const waiter of waiters) waiter.ended(known.ending, known.bytes);
    } else if (this.#keptBytes + known.bytes <= this.#keptLimitBytes) {
      this.#keptBytes += known.bytes;
      this.#kept.set(index, known);
    }
  }

  #unkeep(index: number): KnownEnding | undefined {
    const kept = this.#kept.get(index);
    if (kept !== undefined) {
      this.#kept.delete(index);
      this.#keptBytes -= kept.bytes;
    }
    return kept;
  }

  #fail(index: number, error: unknown): void {
    const waiters = this.#waiters.get(index) ?? [];
    this.#waiters.delete(index);
    for (const waiter of waiters) waiter.failed(error);
  }
}
