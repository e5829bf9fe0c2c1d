import type { BatchId } from '@drover/core';
import {
  broadcastPath,
  decodeBroadcast,
  encodeBroadcast,
  LAYOUT,
  parseBroadcastsPath,
  ROOTS,
  type BatchHeader,
  type BroadcastClosed,
  type BroadcastRecord,
  type FireRecord,
} from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { WatchEvent, WatchHandle } from '@drover/zookeeper';
import type { Asked } from '../commands/operations.js';
import { readable } from '../facts/readable.js';
import { freeRequestKey } from '../facts/request-keys.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { Broadcast, BroadcastBook } from './book.js';
import type { Candidate } from './choose.decide.js';
import { loadBroadcasts, readBroadcast } from './load.js';
import { headerOf, parted, partOperations, pinnedOf } from './operations.js';

/** The batches that this leader makes itself, and those that there are. */
interface OwnBatches {
  creating(batch: BatchId): void;
  created(batch: BatchId, header: BatchHeader): void;
  forget(batch: BatchId): void;
}

export interface BroadcastsOptions {
  context: TermContext;
  tasks: OwnBatches;
  /** The workers that there are. */
  workers: () => Iterable<Candidate>;
  newBatchId: () => BatchId;
  /** How long a broadcast is kept that reached nobody. */
  retainMs: number;
  plan: (asked?: Asked) => void;
}

/** A broadcast that is a fire of a schedule. */
interface Fired {
  readonly id: BatchId;
  readonly fire: FireRecord;
  readonly state: Broadcast['fired'];
  readonly waits: boolean;
  readonly endedAt: number | null;
}
type FiredHow = 'succeeded' | 'failed' | 'cancelled' | 'gone';

/** The next term makes them again: nobody could start a broadcast in a bucket that is not there. */
const FIXED: ReadonlySet<string> = new Set(LAYOUT);
/** After a refusal it is tried again. */
const AGAIN_MS = 1_000;

/**
 * The broadcasts of one term: who is given a task, when they are closed, when they are over. Nothing is decided before
 * everything has been read: a name has its task exactly when a batch names it, and only this leader makes such batches. The
 * README says what may interleave.
 */
export class Broadcasts {
  readonly book = new BroadcastBook();
  readonly #options: BroadcastsOptions;
  #begun = false;
  /** Broadcasts that look at all workers, and workers that all open broadcasts look at. */
  readonly #fresh = new Set<Broadcast>();
  #joined: Candidate[] = [];
  /** When time alone closes or removes one. */
  #dueAt = Infinity;
  readonly #reading = new Set<BatchId>();
  readonly #moved: { id: BatchId; how: FiredHow }[] = [];

  constructor(options: BroadcastsOptions) {
    this.#options = options;
  }

  /** Watches for new ones, then reads those that there are. The watch is the caller's to close. */
  async watch(): Promise<WatchHandle> {
    const { context } = this.#options;
    return context.zk.watch(ROOTS.broadcasts, 'recursive', {
      event: (event) => this.#seen(event),
      reset: () => context.fail('the connection was interrupted'),
    });
  }

  async load(): Promise<void> {
    await loadBroadcasts(this.#options.context, (broadcast) => this.#learn(broadcast));
  }

  /** Every batch has been read, and every broadcast. */
  begin(): void {
    const { planner, clock } = this.#options.context;
    this.#begun = true;
    this.book.begin();
    for (const broadcast of this.book.all()) {
      // Its parts, which say that it is not held any more, may have been read after it.
      if (broadcast.record.fire !== undefined) this.#supersede(this.book.supersede(broadcast));
      if (broadcast.finished !== null) this.#letGo(broadcast.batches.keys());
      else if (broadcast.closed?.why === 'cancelled') planner.cancel([...broadcast.tasks()], clock.now());
    }
    for (const [, batches] of this.book.orphans()) this.#letGo(batches);
    this.#joined = [];
    for (const broadcast of this.book.open) this.#fresh.add(broadcast);
  }

  /** A batch that is a part of a broadcast was found or rewritten. */
  part(batch: BatchId, header: BatchHeader): void {
    this.book.part(batch, header);
  }

  /** Its batch is no more. */
  partGone(batch: BatchId, header: BatchHeader): void {
    if (header.broadcast !== undefined) this.book.partGone(batch, header.broadcast.id);
  }

  /** A worker has come, or is otherwise than before. */
  workerChanged(candidate: Candidate): void {
    if (this.#begun && this.book.open.size > 0) this.#joined.push(candidate);
  }

  /** After each plan. */
  turn(): void {
    const { context } = this.#options;
    if (!this.#begun || !context.active()) return;
    const now = context.clock.now();
    const { touched, open, bare } = this.book;
    for (const { record, id } of touched) context.news.broadcastChanged(record.queue, id);
    if (touched.size === 0 && this.#fresh.size === 0 && this.#joined.length === 0 && now < this.#dueAt) return;
    for (const broadcast of open) if (broadcast.until <= now) this.#close(broadcast, { at: now, why: 'over' });
    this.#reach();
    for (const broadcast of touched) {
      if (broadcast.isOver && broadcast.finished === null) this.#finish(broadcast, now);
      this.#tellFired(broadcast);
    }
    for (const broadcast of bare) if (this.#removableAt(broadcast) <= now) this.#remove(broadcast);
    touched.clear();
    this.#dueAt = Infinity;
    for (const { until } of open) this.#dueAt = Math.min(this.#dueAt, until);
    for (const broadcast of bare) this.#dueAt = Math.min(this.#dueAt, this.#removableAt(broadcast));
  }

  /** When there is something to do by time alone. */
  nextDueAt(): number | null {
    return this.#begun && this.#dueAt < Infinity ? this.#dueAt : null;
  }

  // --- Who is given a task

  #reach(): void {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    const joined = this.#joined;
    this.#joined = [];
    for (const broadcast of fresh) {
      this.#give(broadcast, broadcast.wanted(this.#options.workers()));
      if (broadcast.reached === null && broadcast.isSettled) this.#reached(broadcast);
    }
    if (joined.length === 0) return;
    for (const broadcast of this.book.open)
      if (!fresh.includes(broadcast)) this.#give(broadcast, broadcast.wanted(joined));
  }

  #give(broadcast: Broadcast, names: readonly string[]): void {
    const { log } = this.#options.context;
    const { id, record, isFull } = broadcast;
    if (isFull) log.event('broadcast.full', { broadcast: id, workers: broadcast.names.size + names.length });
    if (!broadcast.isTold)
      log.event('broadcast.began', { broadcast: id, type: record.task.type, workers: names.length });
    else if (names.length > 0) log.event('broadcast.joined', { broadcast: id, workers: names.length });
    broadcast.isTold = true;
    for (const name of names) broadcast.names.add(name);
    for (const part of parted(names)) this.#background(this.#create(broadcast, part));
  }

  /** When it was applied it is true here. After a refusal the names have no task, and are looked at again. */
  async #create(broadcast: Broadcast, names: string[]): Promise<void> {
    const { context, tasks, newBatchId } = this.#options;
    const at = context.clock.now();
    const batch = newBatchId();
    const header = headerOf(broadcast, names, at, context.leader);
    const operations = partOperations(broadcast.id, batch, header);
    tasks.creating(batch);
    broadcast.inFlight++;
    const answer = await context.writer.attempt(operations);
    broadcast.inFlight--;
    this.book.sort(broadcast);
    if (answer === null || !context.active()) return;
    if (answer.applied) {
      this.#created(broadcast, batch, header, at);
      if (broadcast.reached === null && broadcast.isSettled && !this.#fresh.has(broadcast)) this.#reached(broadcast);
      return;
    }
    tasks.forget(batch);
    if (answer.code === 'NODE_EXISTS') {
      context.fail(`${answer.path} is there already`);
      return;
    }
    for (const name of names) broadcast.names.delete(name);
    // Somebody has removed the broadcast by hand.
    if (answer.code === 'NO_NODE') {
      this.#gone(broadcast);
      return;
    }
    context.refused(answer);
    broadcast.refused++;
    if (!(await context.later(AGAIN_MS))) return;
    broadcast.refused--;
    if (broadcast.isOpen) this.#fresh.add(broadcast);
    context.replan();
  }

  #created(broadcast: Broadcast, batch: BatchId, header: BatchHeader, submittedAt: number): void {
    const { context, tasks } = this.#options;
    const { queue, groups, needs = [], count } = header;
    tasks.created(batch, header);
    this.book.part(batch, header);
    context.planner.batch({ id: batch, queue, groups, submittedAt, bytes: 0, needs, ...pinnedOf(header) });
    context.metrics.count('drover_broadcast_tasks_total', {}, count);
    context.loaded();
    // It was cancelled while this was being written.
    if (broadcast.closed?.why === 'cancelled') this.#cancelTasks([...broadcast.tasks()], broadcast.closed);
    context.replan();
  }

  /** Each worker that matched when the broadcast was looked at has its task: clients may wait for these alone. */
  #reached(broadcast: Broadcast): void {
    const { context } = this.#options;
    broadcast.reached = { at: context.clock.now(), workers: broadcast.names.size };
    this.book.sort(broadcast);
    if (!broadcast.isOpen) return;
    const saved = this.#save(broadcast).then(() => context.news.broadcastChanged(broadcast.record.queue, broadcast.id));
    this.#background(saved);
  }

  // --- New ones

  #seen({ type, path }: WatchEvent): void {
    const { context } = this.#options;
    if (!context.active()) return;
    if (type === 'deleted' && FIXED.has(path)) return context.fail(`${path} was removed`);
    const at = parseBroadcastsPath(path);
    if (at?.batch !== null) return;
    if (type === 'created') this.#background(this.#read(at.broadcast));
    else if (type === 'deleted') {
      const broadcast = this.book.get(at.broadcast);
      if (broadcast !== undefined) this.#gone(broadcast);
    }
  }

  async #read(id: BatchId): Promise<void> {
    if (this.#reading.has(id) || this.book.get(id) !== undefined) return;
    this.#reading.add(id);
    const broadcast = await readBroadcast(this.#options.context, id);
    this.#reading.delete(id);
    if (broadcast === null || !this.#options.context.active()) return;
    this.#learn(broadcast);
    this.#options.context.replan();
  }

  #learn(broadcast: Broadcast): void {
    if (this.book.get(broadcast.id) !== undefined) return;
    const superseded = this.book.learn(broadcast);
    if (broadcast.isOpen) this.#fresh.add(broadcast);
    this.#supersede(superseded);
  }

  #supersede(superseded: readonly { older: Broadcast; newer: Broadcast }[]): void {
    const at = this.#options.context.clock.now();
    for (const { older, newer } of superseded) this.#close(older, { at, why: 'superseded', newer: newer.id });
  }

  // --- Those that are fires of schedules

  /** All of them, and how each stands. */
  *fired(): Iterable<Fired> {
    for (const { id, record, fired, finished } of this.book.all())
      if (record.fire !== undefined)
        yield { id, fire: record.fire, state: fired, waits: fired === 'waiting', endedAt: finished?.at ?? null };
  }

  /** A schedule has created it. The event of it finds it known. */
  created(id: BatchId, record: BroadcastRecord, { order, submittedAt }: { order: bigint; submittedAt: number }): void {
    this.#learn(new Broadcast(id, record, { order, submittedAt, until: submittedAt + record.joinersMs }));
    this.#options.context.replan();
  }

  /** It waits for no earlier fire any more: its time begins. */
  release(id: BatchId): void {
    const { context } = this.#options;
    const broadcast = this.book.get(id);
    if (broadcast?.isHeld !== true) return;
    broadcast.release(context.clock.now() + broadcast.record.joinersMs);
    this.book.sort(broadcast);
    this.#fresh.add(broadcast);
    this.#supersede(this.book.supersede(broadcast));
    context.replan();
  }

  /** `atOnce`: its tasks are taken from their workers. */
  cancelFired(id: BatchId, { reason, atOnce }: { reason: string; atOnce: boolean }): void {
    const broadcast = this.book.get(id);
    if (broadcast?.finished !== null) return;
    this.#background(this.cancel(broadcast, { by: undefined, reason }, atOnce).then(() => undefined));
  }

  /** Those that have ended since this was asked. */
  takeMoved(): { id: BatchId; how: FiredHow }[] {
    return this.#moved.length === 0 ? [] : this.#moved.splice(0);
  }

  #tellFired({ id, record, fired }: Broadcast): void {
    if (record.fire !== undefined && fired !== 'waiting' && fired !== 'running') this.#fireMoved(id, fired);
  }

  #fireMoved(id: BatchId, how: FiredHow): void {
    this.#moved.push({ id, how });
    this.#options.context.replan();
  }

  // --- Their ends

  /** From now on nobody joins it; in ZooKeeper a little later. */
  #close(broadcast: Broadcast, closed: BroadcastClosed): void {
    this.#mark(broadcast, closed);
    this.#background(this.#save(broadcast));
  }

  #mark(broadcast: Broadcast, closed: BroadcastClosed): void {
    broadcast.closed = closed;
    broadcast.isHeld = false;
    this.#fresh.delete(broadcast);
    this.book.sort(broadcast);
    this.#options.context.log.event('broadcast.closed', { broadcast: broadcast.id, why: closed.why });
  }

  /** Closes it and cancels its tasks; `atOnce`: they are taken from their workers. Resolves when the mark is durable, with the batches; `null`: the term is over. */
  async cancel(broadcast: Broadcast, asked: Asked, atOnce = false): Promise<Iterable<BatchId> | null> {
    const { clock } = this.#options.context;
    const { by, reason } = asked;
    const closed = { at: clock.now(), why: 'cancelled' as const, ...(by && { by }), ...(reason && { reason }) };
    this.#mark(broadcast, closed);
    await this.#save(broadcast);
    if (!this.#options.context.active()) return null;
    this.#cancelTasks([...broadcast.tasks()], asked, atOnce);
    return broadcast.batches.keys();
  }

  #cancelTasks(tasks: { batch: BatchId; index: number }[], { by, reason }: Asked, atOnce = false): void {
    const { context, plan } = this.#options;
    plan();
    context.planner[atOnce ? 'terminate' : 'cancel'](tasks, context.clock.now());
    plan({ by, reason });
  }

  #finish(broadcast: Broadcast, at: number): void {
    const { context } = this.#options;
    const { id, counts } = broadcast;
    broadcast.finished = { at, ...counts };
    this.book.sort(broadcast);
    context.log.event('broadcast.finished', { broadcast: id, ...counts });
    context.metrics.count('drover_broadcasts_total', { why: broadcast.closed?.why ?? 'over' });
    const saved = this.#save(broadcast).then(() => {
      if (context.active()) this.#letGo(broadcast.batches.keys());
      context.replan();
    });
    this.#background(saved);
  }

  /** Writes how far it has come, until that is durable. The payload stays as it is. */
  async #save(broadcast: Broadcast): Promise<void> {
    const { context } = this.#options;
    const path = broadcastPath(broadcast.id);
    while (context.active()) {
      const znode = await readable(context, path, context.zk.get(path));
      if (znode === null || !context.active()) return;
      const { reached, closed, finished } = broadcast;
      try {
        const { record, payload } = decodeBroadcast(path, znode.data);
        const said = { ...(reached && { reached }), ...(closed && { closed }), ...(finished && { finished }) };
        const data = encodeBroadcast({ ...record, ...said }, payload);
        const answer = await context.writer.attempt([{ op: 'set', path, data, version: znode.stat.version }]);
        if (answer === null || answer.applied || answer.code === 'NO_NODE') return;
        if (answer.code === 'BAD_VERSION') continue;
        context.refused(answer);
      } catch (error) {
        reportInvalid(context, path, error);
        return;
      }
      await context.later(AGAIN_MS);
    }
  }

  /** Retention may have them. */
  #letGo(batches: Iterable<BatchId>): void {
    for (const batch of batches) this.#options.context.planner.letGo(batch);
  }

  #removableAt({ finished, names }: Broadcast): number {
    return names.size > 0 ? 0 : (finished?.at ?? 0) + this.#options.retainMs;
  }

  #remove(broadcast: Broadcast): void {
    this.#options.context.news.broadcastChanged(broadcast.record.queue, broadcast.id);
    this.book.forget(broadcast);
    this.#background(this.#removed(broadcast));
  }

  /** The marks of its batches go with these, which may take a moment. */
  async #removed({ id, record }: Broadcast): Promise<void> {
    const { context } = this.#options;
    await freeRequestKey(context, record.requestKey, id);
    const path = broadcastPath(id);
    while (context.active()) {
      const answer = await context.writer.attempt([{ op: 'delete', path }]);
      if (answer === null || answer.applied || answer.code === 'NO_NODE') return;
      if (answer.code !== 'NOT_EMPTY') context.refused(answer);
      await context.later(AGAIN_MS);
    }
  }

  /** Somebody has removed it by hand: its tasks go on, and nobody joins it. */
  #gone(broadcast: Broadcast): void {
    this.#options.context.news.broadcastChanged(broadcast.record.queue, broadcast.id);
    this.book.forget(broadcast);
    this.#fresh.delete(broadcast);
    this.#letGo(broadcast.batches.keys());
    if (broadcast.record.fire !== undefined) this.#fireMoved(broadcast.id, 'gone');
  }

  #background(done: Promise<void>): void {
    inBackground(done, (error) => this.#options.context.broken(error));
  }
}
