import { countOf, indexesOf, splitLimitRef, type Range } from '@drover/core';
import { hasWidth } from './demands.js';
import type { Aside, Key } from './gates.js';
import type { Limit, LimitBook, LimitKey } from './limits.js';
import type { QuotaKey } from './quotas.js';
import type { Sequences } from './sequences.js';
import { Strand } from './strands.js';
import type { SubQueue } from './sub-queue.js';
import type { TaskPool } from './task-list.js';
import type { BatchState } from './tasks.js';

/** The reason why a task may not go out: a key that has no room, or its sequence. */
export type Block = LimitKey | 'sequence';

/**
 * All that may keep the tasks of a sub-queue from going out, beside their queue and the workers: keys of limits that all of
 * them are under, keys that each names for itself, quotas of what they claim, their sequences. A sub-queue without such has
 * no guard.
 */
export class Guard {
  readonly #sub: SubQueue;
  readonly #book: LimitBook;
  readonly #sequences: Sequences;
  readonly #pool: TaskPool;
  /** Keys that all tasks of the sub-queue are under. */
  readonly common: readonly LimitKey[];
  /** Quotas of what its tasks claim. */
  readonly quotas: readonly QuotaKey[];
  /** So many of its tasks may be out, by the quotas: they have no placement, so each that is out counts. */
  readonly #countsEach: boolean;
  /** Limits of which each task names its own key. */
  readonly #own: readonly Limit[];
  readonly isSequenced: boolean;
  /** Its tasks go to free places only: a rate counts starts, and a sequence goes on when one has ended. */
  readonly isNeverAhead: boolean;
  /** Tasks that have left the line, by what they are under. */
  readonly strands = new Map<string, Strand>();
  /** Those that wait until their sub-queue is looked at. */
  loose: Strand[] = [];
  /** Places at sides of keys where the sub-queue stands for those that wait there. */
  readonly standsFor = new Set<Aside>();
  /** Keys of tasks that are being taken. */
  #taking: Key[] = [];

  constructor(sub: SubQueue, limits: readonly Limit[], { book, sequences, pool, quotas = NO_QUOTAS }: GuardParts) {
    this.#sub = sub;
    this.#book = book;
    this.#sequences = sequences;
    this.#pool = pool;
    const tenant = sub.level.tenant.name;
    this.common = limits
      .filter(({ spec }) => spec?.per !== 'key')
      .map((limit) => limit.key(limit.spec?.per === 'tenant' ? tenant : ''));
    this.quotas = quotas;
    for (const key of [...this.common, ...quotas]) key.users++;
    this.#countsEach = !hasWidth(sub.workClass);
    this.#own = limits.filter(({ spec }) => spec?.per === 'key');
    this.isSequenced = sub.workClass.isSequenced;
    this.isNeverAhead = this.isSequenced || limits.some(({ times }) => times !== null);
  }

  /** It guards nothing any more. */
  dissolve(): void {
    for (const key of this.common) {
      key.users--;
      this.#book.forgetIfIdle(key);
    }
    for (const key of this.quotas) {
      key.users--;
      key.quota.forgetIfIdle(key);
    }
  }

  /** Tasks differ in what they are under: each must be looked at. */
  get looksAtEach(): boolean {
    return this.isSequenced || this.#own.length > 0;
  }

  /** The first of the common keys and the quotas that has no room. */
  get closed(): Key | null {
    const { now } = this.#book;
    for (const key of this.common) if (key.room(now) <= 0) return key;
    for (const key of this.quotas) if (key.room() <= 0) return key;
    return null;
  }

  /** Tasks that may go out as far as the common keys and, where each task counts, the quotas are concerned. */
  get room(): number {
    const { now } = this.#book;
    let room = Infinity;
    for (const key of this.common) room = Math.min(room, key.room(now));
    return Math.max(0, this.#countsEach ? Math.min(room, this.places) : room);
  }

  /** Places that its tasks may claim besides those that they do. */
  get places(): number {
    let places = Infinity;
    for (const key of this.quotas) places = Math.min(places, key.room());
    return places;
  }

  /** As `room`, for tasks that are under the keys of this one. */
  roomLike(batch: BatchState, index: number): number {
    const { now } = this.#book;
    return Math.max(
      0,
      this.#refs(batch, index).reduce((room, { limit, key }) => Math.min(room, limit.roomOf(key, now)), this.room),
    );
  }

  /** Why the task may not go out, the common keys left aside; null: it may. */
  block(batch: BatchState, index: number): Block | null {
    if (this.isSequenced && !this.#sequences.mayGo(batch, index)) return 'sequence';
    const { now } = this.#book;
    for (const { limit, key } of this.#refs(batch, index)) if (limit.roomOf(key, now) <= 0) return limit.key(key);
    return null;
  }

  /** Whether the task may go out, by everything. */
  lets(batch: BatchState, index: number): boolean {
    return this.closed === null && this.block(batch, index) === null;
  }

  /** All keys that the task is under. */
  keysOf(batch: BatchState, index: number): readonly LimitKey[] {
    if (this.#own.length === 0) return this.common;
    return [...this.common, ...this.#refs(batch, index).map(({ limit, key }) => limit.key(key))];
  }

  #refs(batch: BatchState, index: number): { limit: Limit; key: string }[] {
    if (this.#own.length === 0) return NO_REFS;
    const refs: { limit: Limit; key: string }[] = [];
    for (const ref of batch.groupAt(index).limits ?? []) {
      const { name, key } = splitLimitRef(ref);
      const limit = this.#own.find((each) => each.name === name);
      if (limit !== undefined) refs.push({ limit, key: key ?? '' });
    }
    return refs;
  }

  /** The task is taken, and counted a moment later. */
  take(batch: BatchState, index: number): void {
    for (const key of this.keysOf(batch, index)) {
      key.taking++;
      this.#taking.push(key);
    }
    if (!this.#countsEach) return;
    for (const key of this.quotas) {
      key.taking++;
      this.#taking.push(key);
    }
  }

  /** All that were taken are counted, or not taken after all. */
  took(): void {
    for (const key of this.#taking) key.taking = 0;
    this.#taking = [];
  }

  /** So many tasks have gone out (1), or come back (-1). */
  moved(batch: BatchState, tasks: readonly Range[], by: 1 | -1): void {
    this.count(batch, tasks, by);
    if (this.isSequenced) for (const index of indexesOf(tasks)) this.#sequences.wentOut(batch, index, by);
  }

  /** As `moved`, for the limits alone. */
  count(batch: BatchState, tasks: readonly Range[], by: 1 | -1): void {
    if (this.common.length > 0) {
      const count = by * countOf(tasks);
      for (const key of this.common) this.#add(key, count);
    }
    if (this.#own.length === 0) return;
    for (const index of indexesOf(tasks))
      for (const { limit, key } of this.#refs(batch, index)) this.#add(limit.key(key), by);
  }

  #add(key: LimitKey, count: number): void {
    key.out += count;
    this.#book.touch(key);
  }

  /** Attempts of these tasks start now: the rates count them. */
  start(batch: BatchState, tasks: readonly Range[]): void {
    const { now } = this.#book;
    const start = (key: LimitKey, starts: number): void => {
      if (!key.start(starts, now)) return;
      const shard = key.limit.shardOf(key.name);
      shard.add(key);
      this.#book.toWrite.add(shard);
    };
    const count = countOf(tasks);
    for (const key of this.common) start(key, count);
    if (this.#own.length === 0) return;
    for (const index of indexesOf(tasks))
      for (const { limit, key } of this.#refs(batch, index)) start(limit.key(key), 1);
  }

  /** A task that waited in the line is gone from it, and perhaps others may have its place. */
  touch(batch: BatchState, index: number): void {
    for (const key of this.keysOf(batch, index)) this.#book.touch(key);
    if (this.isSequenced) this.#sequences.touch(batch, index);
  }

  /** The strand of such a task; null: there is none. */
  strandOf(batch: BatchState, index: number): Strand | null {
    return this.strands.get(this.#nameAt(batch, index)) ?? null;
  }

  /** The strand of such a task, made now if there is none. */
  strandFor(batch: BatchState, index: number): Strand {
    const name = this.#nameAt(batch, index);
    let strand = this.strands.get(name);
    if (strand === undefined) {
      const keys = this.#refs(batch, index).map(({ limit, key }) => limit.key(key));
      for (const key of keys) key.users++;
      strand = new Strand(this.#sub, name, keys, this.#pool);
      this.strands.set(name, strand);
    }
    return strand;
  }

  /** Nothing of it waits any more. */
  forget(strand: Strand): void {
    strand.clear();
    if (!this.strands.delete(strand.name)) return;
    for (const key of strand.keys) {
      key.users--;
      this.#book.forgetIfIdle(key);
    }
  }

  #nameAt(batch: BatchState, index: number): string {
    const refs = batch.groupAt(index).limits ?? [];
    return refs.length === 1 ? (refs[0] ?? '') : refs.join('\n');
  }
}

interface GuardParts {
  readonly book: LimitBook;
  readonly sequences: Sequences;
  readonly pool: TaskPool;
  readonly quotas?: readonly QuotaKey[];
}

const NO_QUOTAS: readonly QuotaKey[] = [];
const NO_REFS: { limit: Limit; key: string }[] = [];
