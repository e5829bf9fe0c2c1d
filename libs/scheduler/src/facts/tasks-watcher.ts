import type { BatchId, RangeEnd } from '@drover/core';
import {
  assignmentName,
  batchPath,
  isSettledBy,
  parseTasksPath,
  resultName,
  resultPath,
  type BatchHeader,
  type FireRecord,
  type ResultName,
} from '@drover/protocol';
import type { ReportFact } from '@drover/flow';
import type { Stat, WatchEvent, Znode } from '@drover/zookeeper';
import { isProbe } from '../term/room.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { isOfFlow, readBatch, spentFact, type ReadBatch, type ReadEnds } from './batch-facts.js';
import type { AssignmentFact, ResultFact } from '@drover/planner';
import { inBackground } from '@drover/runtime';
import type { Assignments } from './assignments.js';
import type { Deaths } from './deaths.js';
import { Checkpoints } from './checkpoints.js';
import { childrenNow, isUnaccounted, readResults, resultNamed, type Found } from './found-results.js';
import { listBatches, loadInOrder, type LoadPortion } from './load-batches.js';
import { merged } from './load-order.js';
import { readable, readMany, type Readable } from './readable.js';
import { SharedParts } from './shared-parts.js';
import { splitByStretches, UnfinishedIds, type Stretch } from './unfinished-ids.js';

interface Tracked {
  /** `null`: not read yet, or unreadable. */
  header: BatchHeader | null;
  /** Results that events told of before the batch and its results were read; `null`: they were read. */
  waiting: readonly ResultName[] | null;
  /** Names of all its children; `null`: not all of them are known. Most batches have none, or one. */
  children: string[] | null;
}

interface PartsListener {
  found: (batch: BatchId, header: BatchHeader) => void;
  gone: (batch: BatchId, header: BatchHeader) => void;
}

/**
 * Passes changes below `/tasks` to the planner: batches (one read each), and results (no read where the name says it
 * all). A batch that cannot be read is skipped until it changes.
 *
 * The planner is told of a batch in one go with all results that it had, so that no plan ever sees a task as pending
 * whose end was already written.
 */
export class TasksWatcher {
  readonly #context: TermContext;
  readonly #assignments: Assignments;
  readonly #deaths: Deaths;
  readonly #batches = new Map<BatchId, Tracked>();
  readonly #unfinished = new UnfinishedIds();
  /** Batches that cannot be read, and why. */
  readonly #unreadable = new Map<BatchId, Error>();
  readonly #shared = new SharedParts();
  readonly checkpoints = new Checkpoints();
  readonly #reading = new Set<Promise<void>>();
  /** Told of batches of flows that were read, after the planner, and of what reports say of steps, before it. */
  #flows: StepsListener | null = null;
  /** Told of each batch of fires that was read, after the planner. */
  #firesFound: (batch: BatchId, header: BatchHeader) => void = () => undefined;
  /** Told of each batch that is a part of a broadcast, when it was read or rewritten, and when it is no more. */
  #parts: PartsListener | null = null;

  constructor(context: TermContext, assignments: Assignments, deaths: Deaths) {
    this.#context = context;
    this.#assignments = assignments;
    this.#deaths = deaths;
  }

  /** `undefined`: there is no such batch, or it cannot be read. */
  header(batch: BatchId): BatchHeader | undefined {
    return this.#batches.get(batch)?.header ?? undefined;
  }

  /** Batches of fires, finished ones included. */
  *batchesOfFires(): Iterable<[BatchId, BatchHeader & { fires: FireRecord[] }]> {
    for (const [batch, { header }] of this.#batches)
      if (header?.fires !== undefined) yield [batch, { ...header, fires: header.fires }];
  }

  onFires(found: (batch: BatchId, header: BatchHeader) => void): void {
    this.#firesFound = found;
  }

  onSteps(listener: StepsListener): void {
    this.#flows = listener;
  }

  onParts(listener: PartsListener): void {
    this.#parts = listener;
  }

  /** We are creating it: what is told of it before `created` or `forget` is an echo. */
  creating(batch: BatchId): void {
    this.#batches.set(batch, { header: null, waiting: NO_RESULTS, children: NONE });
  }

  /** We have created it, and nobody can have reported on it yet. */
  created(batch: BatchId, header: BatchHeader): void {
    const tracked = this.#batches.get(batch);
    if (tracked === undefined) return;
    tracked.header = header;
    tracked.waiting = null;
    this.#countUnfinished(batch, tracked, 1);
  }

  /** Why the batch cannot be read; `null`: it can, or there is none. */
  whyUnreadable(batch: BatchId): Error | null {
    return this.#unreadable.get(batch) ?? null;
  }

  /** The number of batches that are garbage. Batches that this leader has no permission to read do not count. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** This leader has rewritten the batch. */
  rewritten(batch: BatchId, header: BatchHeader): void {
    const tracked = this.#batches.get(batch);
    if (tracked === undefined) return;
    this.#countUnfinished(batch, tracked, -1);
    tracked.header = header;
    this.#countUnfinished(batch, tracked, 1);
    if (header.broadcast !== undefined) this.#parts?.found(batch, header);
    if (header.finished !== undefined) this.checkpoints.forget(batch);
  }

  /** The ids of unfinished batches, as at most `most` stretches. */
  unfinishedIds(most: number): readonly Stretch[] {
    return this.#unfinished.stretches(most);
  }

  /** Names of all children of the batch; `null`: they must be read. */
  childrenOf(batch: BatchId): readonly string[] | null {
    return this.#batches.get(batch)?.children ?? null;
  }

  /** This leader writes a result, and the batch may be finished before its event comes. */
  writing(batch: BatchId, result: string): void {
    addChild(this.#batches.get(batch), result);
  }

  /** This leader removes the batch: later events of it are only echoes of the removal. */
  forget(batch: BatchId): void {
    const tracked = this.#batches.get(batch);
    if (tracked === undefined) return;
    this.#countUnfinished(batch, tracked, -1);
    this.#batches.delete(batch);
    this.#unreadable.delete(batch);
    this.checkpoints.forget(batch);
    if (tracked.header?.broadcast !== undefined) this.#parts?.gone(batch, tracked.header);
  }

  #countUnfinished(batch: BatchId, { header }: Tracked, sign: 1 | -1): void {
    if (header !== null && header.finished === undefined) this.#unfinished.count(batch, sign);
  }

  /** The number of batches, and of their tasks as far as they can be read. */
  get totals(): { batches: number; tasks: number } {
    let tasks = 0;
    for (const { header } of this.#batches.values()) tasks += header?.count ?? 0;
    return { batches: this.#batches.size, tasks };
  }

  /** Resolves when the reads that are under way now have been told. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#reading);
  }

  event({ type, path }: WatchEvent): void {
    const at = parseTasksPath(path);
    if (at === null) {
      if (type === 'created' && !isProbe(path)) reportInvalid(this.#context, path, 'no place of a batch or a result');
      return;
    }
    if (at.result !== null) {
      if (type === 'created') this.#resultCreated(at.batch, at.result);
      else if (type === 'deleted') removeChild(this.#batches.get(at.batch), at.result);
    } else if (type === 'created') this.#track(this.#batchCreated(at.batch));
    else if (type === 'deleted') this.#batchDeleted(at.batch);
    else if (this.#batches.get(at.batch)?.header === null) {
      this.#batches.delete(at.batch);
      this.#track(this.#batchCreated(at.batch));
    }
  }

  /** Reads these batches, the oldest first. The takeover uses it for batches with tasks that are out. */
  async loadSome(batches: Iterable<BatchId>): Promise<void> {
    await loadInOrder(this.#context, [...batches].sort(), this.#load);
  }

  /**
   * Reads all other batches: first those in these `stretches`, then the rest, each part the oldest first. The planner
   * plans meanwhile.
   */
  async loadAll(stretches: readonly Stretch[]): Promise<void> {
    const lists = (await listBatches(this.#context)).map((batches) => splitByStretches(batches, stretches));
    await loadInOrder(this.#context, merged(lists.map(({ inside }) => inside)), this.#load);
    await loadInOrder(this.#context, merged(lists.map(({ outside }) => outside)), this.#load);
  }

  readonly #load: LoadPortion = async (batches, pace) => {
    const begun: { batch: BatchId; tracked: Tracked }[] = [];
    for (const batch of batches) {
      const tracked = this.#begin(batch);
      if (tracked !== null) begun.push({ batch, tracked });
    }
    const znodes = await readMany(
      this.#context,
      begun.map(({ batch }) => batchPath(batch)),
    );
    const results: Promise<void>[] = [];
    begun.forEach(({ batch, tracked }, at) => {
      const znode = znodes[at] ?? null;
      pace.read(znode === null || znode === 'denied' ? 0 : znode.stat.dataLength);
      const reading = this.#batchRead(batch, tracked, znode);
      if (reading !== undefined) results.push(reading);
    });
    await Promise.all(results);
  };

  #track(read: Promise<unknown>): void {
    const tracked = read
      .catch((error: unknown) => this.#context.broken(error))
      .then(() => {
        this.#reading.delete(tracked);
      });
    this.#reading.add(tracked);
  }

  /** Does nothing for a batch that is known. */
  async #batchCreated(batch: BatchId): Promise<void> {
    const tracked = this.#begin(batch);
    if (tracked === null) return;
    const path = batchPath(batch);
    await this.#batchRead(batch, tracked, await readable(this.#context, path, this.#context.zk.get(path)));
  }

  /** Marks the batch as being read. `null`: the batch is known already. */
  #begin(batch: BatchId): Tracked | null {
    if (this.#batches.has(batch)) return null;
    const tracked: Tracked = { header: null, waiting: NO_RESULTS, children: NONE };
    this.#batches.set(batch, tracked);
    return tracked;
  }

  /** Tells the planner of the batch. Returns a promise if its results must be read first. */
  #batchRead(batch: BatchId, tracked: Tracked, znode: Readable): Promise<void> | undefined {
    if (!this.#isCurrent(batch, tracked)) return undefined;
    if (znode === null || znode === 'denied') {
      this.#batches.delete(batch);
      this.#unreadable.delete(batch);
      return undefined;
    }
    const read = this.#readable(batch, znode);
    if (read === null) {
      tracked.waiting = null;
      return undefined;
    }
    const hasChildren = znode.stat.numChildren > 0;
    if (hasChildren && read.header.finished !== undefined && isOfFlow(read.header))
      return this.#readFinishedSteps(batch, tracked, read, znode.stat);
    if (!hasChildren || read.header.finished !== undefined) {
      if (hasChildren) tracked.children = null;
      this.#learn(batch, tracked, read, [], znode.stat);
      return undefined;
    }
    return this.#readFound(batch, tracked, read.header.count).then((found) => {
      if (this.#isCurrent(batch, tracked)) this.#learn(batch, tracked, read, found, znode.stat);
    });
  }

  /** How its tasks ended the header says; reports say what they said of steps, while the flow is there. */
  async #readFinishedSteps(batch: BatchId, tracked: Tracked, read: ReadBatch, stat: Made): Promise<void> {
    tracked.children = null;
    const { header } = read;
    const children = this.#flows?.needsReports(header) === true ? await childrenNow(this.#context, batch) : [];
    const names = children
      .map((child) => resultNamed(this.#context, batch, child))
      .filter((name) => name !== null)
      .filter(({ part }) => part !== 'ok' && part !== 'end');
    const found = await readResults(this.#context, batch, header.count, names);
    if (!this.#isCurrent(batch, tracked)) return;
    for (const { name, read: result } of found) this.#tellSteps(batch, name, result);
    this.#learn(batch, tracked, read, [], stat);
  }

  #tellSteps(batch: BatchId, name: ResultName, read: ReadEnds | null): void {
    if (read?.steps !== undefined) this.#flows?.report({ batch, by: assignmentName(batch, name), ...read.steps });
  }

  /**
   * Reads a batch's znode. Returns `null`, and reports it, if the data cannot be read, or if an assignment of the batch
   * was left as it is. A batch that could not be read while tasks of it were out stays unread until the next term: the
   * planner does not know which tasks are out.
   */
  #readable(batch: BatchId, znode: Znode): ReadBatch | null {
    const path = batchPath(batch);
    const before = this.#unreadable.get(batch);
    try {
      const past = (atMs: number): number => this.#context.clock.past(atMs);
      const read = readBatch({ id: batch, path, past }, znode, this.#shared);
      const leftAlone = this.#assignments.whyLeftAlone(batch);
      if (leftAlone !== null) throw leftAlone;
      if (before !== undefined && this.#assignments.isOut(batch)) throw before;
      this.#unreadable.delete(batch);
      return read;
    } catch (error) {
      this.#unreadable.set(batch, error as Error);
      this.#context.planner.batchUnread(batch);
      reportInvalid(this.#context, path, error);
      return null;
    }
  }

  /** False: the term is over, or the batch was deleted or read again meanwhile. */
  #isCurrent(batch: BatchId, tracked: Tracked): boolean {
    return this.#context.active() && this.#batches.get(batch) === tracked;
  }

  #learn(
    batch: BatchId,
    tracked: Tracked,
    { header, fact }: ReadBatch,
    found: readonly Found[],
    { czxid: order }: Made,
  ): void {
    const waiting = tracked.waiting ?? [];
    tracked.waiting = null;
    tracked.header = header;
    this.#countUnfinished(batch, tracked, 1);
    const unaccounted = this.#unaccounted(batch, found);
    this.#context.planner.batch(unaccounted === 0 ? fact : { ...fact, unaccounted });
    this.#context.loaded();
    for (const each of found) this.#tellRead(batch, header, each, false);
    if (header.fires !== undefined) this.#firesFound(batch, header);
    if (isOfFlow(header)) this.#flows?.found(batch, header, { order, submittedAt: fact.submittedAt });
    if (header.broadcast !== undefined) this.#parts?.found(batch, header);
    const known = new Set(found.map(({ name }) => resultName(name)));
    for (const name of waiting) if (!known.has(resultName(name))) this.#result(batch, name);
    this.#context.replan();
  }

  /**
   * The number of attempts that may have been made for unknown tasks: one for each assignment that is not out any more
   * and whose report or end is unaccounted for.
   */
  #unaccounted(batch: BatchId, found: readonly Found[]): number {
    const ids = found.filter(isUnaccounted).map(({ name }) => assignmentName(batch, name));
    return new Set(ids.filter((id) => this.#assignments.get(id) === undefined)).size;
  }

  /** The results that the batch has now, in their order. */
  async #readFound(batch: BatchId, tracked: Tracked, count: number): Promise<Found[]> {
    const children = await childrenNow(this.#context, batch);
    for (const child of children) addChild(tracked, child);
    const names = children.map((child) => resultNamed(this.#context, batch, child)).filter((name) => name !== null);
    for (const { epoch } of names) if (epoch >= this.#context.epoch) this.#context.epochUsed(epoch);
    return readResults(this.#context, batch, count, names);
  }

  #batchDeleted(batch: BatchId): void {
    if (!this.#batches.has(batch)) return;
    if (isOfFlow(this.header(batch))) this.#flows?.gone(batch);
    this.forget(batch);
    this.#deaths.forget(batch);
    this.#context.planner.batchGone(batch);
    this.#context.replan();
  }

  #resultCreated(batch: BatchId, text: string): void {
    const tracked = this.#batches.get(batch);
    // If the batch is not known, the event is an echo of its removal, or the batch was deleted at once.
    if (tracked === undefined) return;
    addChild(tracked, text);
    const name = resultNamed(this.#context, batch, text);
    // Writes of this term took effect when they were written.
    if (name === null || (name.part === 'end' && name.epoch === this.#context.epoch)) return;
    if (tracked.waiting !== null) tracked.waiting = [...tracked.waiting, name];
    else if (tracked.header !== null) this.#result(batch, name);
  }

  #result(batch: BatchId, name: ResultName): void {
    const id = assignmentName(batch, name);
    const known = name.part === 'ok' ? this.#assignments.get(id) : undefined;
    if (known === undefined) return this.#track(this.#readResult(batch, name));
    this.#assignments.over(known);
    const ends = known.tasks.map(([from, to]): RangeEnd => ({ from, to, outcome: 'succeeded' }));
    const at = this.#context.clock.now();
    this.#tell({ batch, assignment: id, ends, attempt: known.attempt, at, last: true, ...spentFact(name.spent) });
  }

  /**
   * The assignment was deleted, and not revoked by this leader. Its last report has been told to the planner, or is
   * being read. Tasks of which the planner has heard no end after that have ended in an unknown way: the report is
   * garbage, or somebody deleted the assignment by hand.
   */
  assignmentVanished({ id, batch, attempt }: AssignmentFact): void {
    const at = this.#context.clock.now();
    const told = this.caughtUp().then(() => {
      this.#tell({ batch, assignment: id, ends: [], attempt, at, last: true });
    });
    inBackground(told, (error) => this.#context.broken(error));
  }

  /** `isNew`: it was written while this leader led. */
  #tell(fact: ResultFact, isNew = true): void {
    if (!this.#context.active()) return;
    const { planner, flow } = this.#context;
    planner.result(fact);
    const header = this.header(fact.batch);
    const queue = header?.queue;
    if (header?.broadcast !== undefined) this.#context.news.broadcastChanged(header.queue, header.broadcast.id);
    if (isNew && queue !== undefined)
      for (const { from, to, outcome } of fact.ends === 'all' ? [] : fact.ends)
        flow.attemptsEnded(queue, outcome, to - from);
    this.#context.replan();
  }

  async #readResult(batch: BatchId, name: ResultName): Promise<void> {
    const header = this.header(batch);
    if (header === undefined) return;
    for (const found of await readResults(this.#context, batch, header.count, [name]))
      if (this.#context.active() && this.header(batch) !== undefined) this.#tellRead(batch, header, found, true);
  }

  /** `isNew`: it was written while this leader led. */
  #tellRead(batch: BatchId, header: BatchHeader, { name, at, read, data }: Found, isNew: boolean): void {
    const assignment = assignmentName(batch, name);
    // The znode of a numbered part does not tell whether it is the last one. Nor does it help that the assignment is
    // gone when this answer comes: a later part may have ended it. `assignmentVanished` decides, once every part has
    // been read.
    const last = name.part === 'ok' || name.part === 'end';
    // An unreadable report tells no ends; if it is the last one, it still tells that the assignment is over.
    this.#tellSteps(batch, name, read);
    const { attempt, ends, leader, steps: _steps, checkpoints, ...spent } = read ?? { attempt: 0, ends: [] };
    const whose = leader === true ? null : assignment;
    if (checkpoints !== undefined) this.checkpoints.found(batch, resultName(name), checkpoints);
    const isSettled = header.settled !== undefined && isSettledBy(header.settled, name);
    if (read !== null || last)
      this.#tell({ batch, assignment: whose, ends, attempt, at, last, isSettled, ...spent }, isNew);
    if (data !== null)
      this.#deaths.reported({ batch, header, attempt, ends, isNew }, resultPath(batch, resultName(name)), data);
  }
}

type Made = Pick<Stat, 'czxid'>;

/** The flows of the leader, as far as batches tell of them. */
export interface StepsListener {
  /** Whether somebody needs what reports say of steps of this batch, which is finished. */
  needsReports(header: BatchHeader): boolean;
  /** A batch of a flow was read. `order`: the transaction that created it. */
  found(batch: BatchId, header: BatchHeader, made: { order: bigint; submittedAt: number }): void;
  /** Told before the ends of these tasks. */
  report(report: ReportFact): void;
  gone(batch: BatchId): void;
}

/** Shared by all batches without children: a million batches of one task each may be pending. */
const NONE: string[] = [];
const NO_RESULTS: readonly ResultName[] = [];

function addChild(tracked: Tracked | undefined, name: string): void {
  if (tracked === undefined || tracked.children === null || tracked.children.includes(name)) return;
  if (tracked.children === NONE) tracked.children = [name];
  else tracked.children.push(name);
}

function removeChild(tracked: Tracked | undefined, name: string): void {
  const at = tracked?.children?.indexOf(name) ?? -1;
  if (at >= 0) tracked?.children?.splice(at, 1);
}
