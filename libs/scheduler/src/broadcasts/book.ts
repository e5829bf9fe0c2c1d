import { ById, LIMITS, type BatchId } from '@drover/core';
import type { BatchHeader, BroadcastClosed, BroadcastFinished, BroadcastRecord } from '@drover/protocol';
import { isChosen, type Candidate } from './choose.decide.js';

/** Pure: what the leader knows of broadcasts, folded from their records and from the batches that are parts of them. */

type Counts = Pick<BroadcastFinished, 'succeeded' | 'failed' | 'cancelled'>;

/** A batch that is a part of a broadcast. */
interface Part {
  readonly tasks: number;
  /** How its tasks ended; `null`: some have not. */
  readonly ends: Counts | null;
}

export class Broadcast {
  readonly id: BatchId;
  readonly record: BroadcastRecord;
  /** The transaction that created it. */
  readonly order: bigint;
  /** By ZooKeeper's clock, as viewers are told. */
  readonly submittedAt: number;
  /** Until then names may join, and those that are gone are waited for. Of one that is held that is known when it is released. */
  until: number;
  /** Null: not all workers that matched at first have their task yet. */
  reached: NonNullable<BroadcastRecord['reached']> | null;
  closed: BroadcastClosed | null;
  finished: BroadcastFinished | null;
  /** Names that have their task: some batch names them, or one that is being written. */
  readonly names = new Set<string>();
  readonly batches = new Map<BatchId, Part>();
  /** Parts that are being written. */
  inFlight = 0;
  /** Parts that were refused, whose names are looked at again soon. */
  refused = 0;
  /** More names than it may have wanted to join. */
  isFull = false;
  /** It has been told that it began: the workers that there are have been looked at. */
  isTold = false;
  /** It is no more. */
  removed = false;
  /** It is a fire of a schedule that waits until every earlier one has ended. */
  isHeld: boolean;

  constructor(
    id: BatchId,
    record: BroadcastRecord,
    { order, until, submittedAt }: { order: bigint; until: number; submittedAt: number },
  ) {
    this.id = id;
    this.record = record;
    this.order = order;
    this.until = until;
    this.submittedAt = submittedAt;
    this.reached = record.reached ?? null;
    this.closed = record.closed ?? null;
    this.finished = record.finished ?? null;
    this.isHeld = record.fire?.wait !== undefined && this.closed === null;
  }

  /** Each worker that matched has its task, and nobody waits for one. */
  get isSettled(): boolean {
    return this.inFlight === 0 && this.refused === 0;
  }

  get isOpen(): boolean {
    return this.closed === null && !this.isHeld;
  }

  /** It is closed, and each of its tasks has ended. */
  get isOver(): boolean {
    return this.closed !== null && this.#isQuiet;
  }

  get #isQuiet(): boolean {
    return this.inFlight === 0 && [...this.batches.values()].every(({ ends }) => ends !== null);
  }

  /** It waits no longer. */
  release(until: number): void {
    this.isHeld = false;
    this.until = until;
  }

  /** How it stands as a fire of a schedule: it has ended when all that it has reached have, though others may join. */
  get fired(): 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' {
    if (this.isHeld) return 'waiting';
    // ZooKeeper has refused some of it: it is tried again.
    if (this.isOpen && this.refused > 0 && this.reached === null) return 'running';
    const isLooked = this.isTold || this.batches.size > 0 || this.closed !== null;
    if (this.finished === null && !(isLooked && this.#isQuiet)) return 'running';
    if (this.closed?.why === 'cancelled') return 'cancelled';
    return (this.finished ?? this.counts).failed > 0 ? 'failed' : 'succeeded';
  }

  get counts(): Counts {
    const sum = { succeeded: 0, failed: 0, cancelled: 0 };
    for (const { ends } of this.batches.values()) {
      sum.succeeded += ends?.succeeded ?? 0;
      sum.failed += ends?.failed ?? 0;
      sum.cancelled += ends?.cancelled ?? 0;
    }
    return sum;
  }

  /** Those that have not ended, and others of their batches. */
  *tasks(): Generator<{ batch: BatchId; index: number }> {
    for (const [batch, { tasks, ends }] of this.batches)
      if (ends === null) for (let index = 0; index < tasks; index++) yield { batch, index };
  }

  /** Those of the candidates that are to be given a task now: each name once, whoever has it. */
  wanted(candidates: Iterable<Candidate>): string[] {
    if (!this.isOpen) return [];
    const found = new Set<string>();
    for (const candidate of candidates)
      if (!this.names.has(candidate.name) && isChosen(candidate, this.record)) found.add(candidate.name);
    const room = LIMITS.broadcastNames - this.names.size;
    this.isFull ||= found.size > room;
    return [...found].sort().slice(0, room);
  }
}

export class BroadcastBook {
  readonly #known = new Map<BatchId, Broadcast>();
  readonly #byId = new ById<Broadcast>();
  /** Parts of broadcasts whose records are not known (yet). */
  readonly #orphans = new Map<BatchId, Map<BatchId, BatchHeader>>();
  /** The newest of each key. */
  readonly #newest = new Map<string, Broadcast>();
  readonly open = new Set<Broadcast>();
  /** Closed, and not finished. */
  readonly closing = new Set<Broadcast>();
  /** Something of them has changed since they were looked at. */
  readonly touched = new Set<Broadcast>();
  /** Finished, and without batches. */
  readonly bare = new Set<Broadcast>();

  constructor() {
    this.#byId.fill();
  }

  get(id: BatchId): Broadcast | undefined {
    return this.#known.get(id);
  }

  all(): Iterable<Broadcast> {
    return this.#known.values();
  }

  /** Everything that there is has been told: from now on lists are asked for. */
  begin(): void {
    this.#byId.sort();
  }

  /** The newest first, from this id on; null: all. */
  downFrom(id: BatchId | null): Iterable<Broadcast> {
    return this.#byId.downFrom(id);
  }

  /** Ids of broadcasts that batches name and that are not there. */
  orphans(): Iterable<[BatchId, Iterable<BatchId>]> {
    return [...this.#orphans].map(([id, parts]) => [id, parts.keys()]);
  }

  /** Answers the broadcasts that it closes, and itself if a newer one closes it. */
  learn(broadcast: Broadcast): { older: Broadcast; newer: Broadcast }[] {
    const { id } = broadcast;
    if (this.#known.has(id)) return [];
    this.#known.set(id, broadcast);
    this.#byId.add(broadcast);
    for (const [batch, header] of this.#orphans.get(id) ?? []) this.#addPart(broadcast, batch, header);
    this.#orphans.delete(id);
    this.sort(broadcast);
    return this.supersede(broadcast);
  }

  /** The same for one that was held until now. */
  supersede(broadcast: Broadcast): { older: Broadcast; newer: Broadcast }[] {
    const { key } = broadcast.record;
    if (key === undefined || broadcast.isHeld) return [];
    const other = this.#newest.get(key);
    if (other === undefined || other.order < broadcast.order) this.#newest.set(key, broadcast);
    if (other === undefined) return [];
    const [older, newer] = other.order < broadcast.order ? [other, broadcast] : [broadcast, other];
    return older.isOpen ? [{ older, newer }] : [];
  }

  /** A batch that is a part was found, made, or rewritten. */
  part(batch: BatchId, header: BatchHeader): void {
    const { broadcast: part } = header;
    if (part === undefined) return;
    const broadcast = this.#known.get(part.id);
    if (broadcast !== undefined) {
      this.#addPart(broadcast, batch, header);
      this.sort(broadcast);
      return;
    }
    const orphans = this.#orphans.get(part.id);
    if (orphans === undefined) this.#orphans.set(part.id, new Map([[batch, header]]));
    else orphans.set(batch, header);
  }

  #addPart(broadcast: Broadcast, batch: BatchId, { count, broadcast: part, finished }: BatchHeader): void {
    if (broadcast.isHeld && part !== undefined) broadcast.release(part.until);
    for (const name of part?.workers ?? []) broadcast.names.add(name);
    broadcast.batches.set(batch, { tasks: count, ends: finished ?? null });
  }

  /** Its batch is no more. */
  partGone(batch: BatchId, id: BatchId): void {
    const broadcast = this.#known.get(id);
    broadcast?.batches.delete(batch);
    if (broadcast !== undefined) this.sort(broadcast);
    const orphans = this.#orphans.get(id);
    if (orphans?.delete(batch) === true && orphans.size === 0) this.#orphans.delete(id);
  }

  /** The broadcast itself is no more. */
  forget(broadcast: Broadcast): void {
    const { id, record } = broadcast;
    if (!this.#known.delete(id)) return;
    broadcast.removed = true;
    this.#byId.forget();
    for (const set of [this.open, this.closing, this.bare, this.touched]) set.delete(broadcast);
    if (record.key !== undefined && this.#newest.get(record.key) === broadcast) this.#newest.delete(record.key);
  }

  /** Puts it where it belongs, by how far it has come. */
  sort(broadcast: Broadcast): void {
    if (this.#known.get(broadcast.id) !== broadcast) return;
    const { isOpen, finished, batches } = broadcast;
    this.touched.add(broadcast);
    put(this.open, broadcast, isOpen);
    put(this.closing, broadcast, !isOpen && finished === null);
    put(this.bare, broadcast, finished !== null && batches.size === 0);
  }
}

function put(set: Set<Broadcast>, broadcast: Broadcast, isIn: boolean): void {
  if (isIn) set.add(broadcast);
  else set.delete(broadcast);
}
