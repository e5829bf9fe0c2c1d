import { pipelined } from '@drover/coordination';
import type { BatchId } from '@drover/core';
import {
  assignmentName,
  batchPath,
  BUCKETS,
  compareResultNames,
  parseResultName,
  parseTasksPath,
  resultName,
  resultPath,
  ROOTS,
  type BatchHeader,
  type ResultName,
} from '@drover/protocol';
import type { WatchEvent, Znode } from '@drover/zookeeper';
import { isProbe } from '../term/room.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { readBatch, readEnds, spentFact } from './batch-facts.js';
import type { AssignmentFact, EndFact, ResultFact } from '@drover/planner';
import { inBackground } from '@drover/runtime';
import type { Assignments } from './assignments.js';
import type { Deaths } from './deaths.js';
import { LoadPace, merged, portions } from './load-order.js';
import { readable, readMany } from './readable.js';
import { SharedParts } from './shared-parts.js';

/** Directories that are listed at a time at the takeover, and results that one request reads. */
const LIST_WINDOW = 4;
const RESULTS_A_READ = 16;

interface Tracked {
  /** `null`: not read yet, or unreadable. */
  header: BatchHeader | null;
  /** Results that were heard of before the header was read; `null` once it is. */
  waiting: readonly ResultName[] | null;
  /** Names of all its children; `null`: not all of them are known. Most batches have none, or one. */
  children: string[] | null;
}

/**
 * What happens below `/tasks`, told to the planner: batches (one read each), and results (no read where the name says
 * it all). A batch that cannot be read is skipped until it changes.
 */
export class TasksFeed {
  readonly #context: TermContext;
  readonly #assignments: Assignments;
  readonly #deaths: Deaths;
  readonly #batches = new Map<BatchId, Tracked>();
  #newestEpoch = 0;
  readonly #shared = new SharedParts();
  readonly #reading = new Set<Promise<void>>();

  constructor(context: TermContext, assignments: Assignments, deaths: Deaths) {
    this.#context = context;
    this.#assignments = assignments;
    this.#deaths = deaths;
  }

  /** `undefined`: there is no such batch, or it cannot be read. */
  header(batch: BatchId): BatchHeader | undefined {
    return this.#batches.get(batch)?.header ?? undefined;
  }

  /** It was rewritten by us. */
  rewritten(batch: BatchId, header: BatchHeader): void {
    const tracked = this.#batches.get(batch);
    if (tracked !== undefined) tracked.header = header;
  }

  /** Names of everything below it, where they are known without asking. */
  childrenOf(batch: BatchId): readonly string[] | null {
    return this.#batches.get(batch)?.children ?? null;
  }

  /** We are writing a result, and its batch may be finished before the event of it comes. */
  writing(batch: BatchId, result: string): void {
    addChild(this.#batches.get(batch), result);
  }

  /** It is being removed by us: what is told of it from here on is an echo. */
  forget(batch: BatchId): void {
    this.#batches.delete(batch);
  }

  /** Of the results that the takeover found. */
  get newestEpoch(): number {
    return this.#newestEpoch;
  }

  get count(): number {
    return this.#batches.size;
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

  /** Reads everything there is, the oldest batches first. For the takeover. Returns how many tasks. */
  async load(): Promise<number> {
    const pace = new LoadPace();
    const batches = portions(merged(await this.#list()), () => pace.portion);
    let tasks = 0;
    await pipelined(
      batches,
      () => pace.window,
      async (some) => {
        if (!this.#context.active()) return;
        const count = await this.#load(some, pace);
        tasks += count;
      },
    );
    return tasks;
  }

  /** The batches of each bucket, in their order. */
  async #list(): Promise<BatchId[][]> {
    const lists: BatchId[][] = [];
    await pipelined(BUCKETS, LIST_WINDOW, async (bucket) => {
      const path = `${ROOTS.tasks}/${bucket}`;
      const names = (await readable(this.#context, path, this.#context.zk.children(path))) ?? [];
      const batches = names.filter((name) => parseTasksPath(`${path}/${name}`) !== null);
      lists.push(batches.sort());
      if (batches.length === names.length) return;
      for (const name of names)
        if (!batches.includes(name)) reportInvalid(this.#context, `${path}/${name}`, 'no place of a batch');
    });
    return lists;
  }

  /** Reads some batches with all their results, which are told in their order. Returns how many tasks. */
  async #load(batches: readonly BatchId[], pace: LoadPace): Promise<number> {
    const begun: { batch: BatchId; tracked: Tracked }[] = [];
    for (const batch of batches) {
      const tracked = this.#begin(batch);
      if (tracked !== null) begun.push({ batch, tracked });
    }
    const paths = begun.map(({ batch }) => batchPath(batch));
    const znodes = await readMany(this.#context, paths);
    const results: Promise<void>[] = [];
    let tasks = 0;
    begun.forEach(({ batch, tracked }, at) => {
      const znode = znodes[at] ?? null;
      pace.read(znode?.stat.dataLength ?? 0);
      const children = this.#batchRead(batch, tracked, znode);
      const header = this.header(batch);
      tasks += header?.count ?? 0;
      if (children === 0 || header === undefined) return;
      if (header.finished === undefined) results.push(this.#loadResults(batch, tracked));
      else tracked.children = null;
    });
    await Promise.all(results);
    return tasks;
  }

  async #loadResults(batch: BatchId, tracked: Tracked): Promise<void> {
    const path = batchPath(batch);
    const names = (await readable(this.#context, path, this.#context.zk.children(path))) ?? [];
    for (const name of names) addChild(tracked, name);
    const results = names.map((name) => this.#parse(batch, name)).filter((name) => name !== null);
    for (const { epoch } of results) this.#newestEpoch = Math.max(this.#newestEpoch, epoch);
    for (const some of portions(results.sort(compareResultNames), () => RESULTS_A_READ))
      await this.#readResults(batch, some);
  }

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
    this.#batchRead(batch, tracked, await readable(this.#context, path, this.#context.zk.get(path)));
  }

  /** It is going to be read. `null`: it is known. */
  #begin(batch: BatchId): Tracked | null {
    if (this.#batches.has(batch)) return null;
    const tracked: Tracked = { header: null, waiting: NO_RESULTS, children: NONE };
    this.#batches.set(batch, tracked);
    return tracked;
  }

  /** Returns the number of its children; 0 where it is none of ours any more. */
  #batchRead(batch: BatchId, tracked: Tracked, znode: Znode | null): number {
    if (!this.#context.active() || this.#batches.get(batch) !== tracked) return 0;
    if (znode === null) {
      this.#batches.delete(batch);
      return 0;
    }
    const path = batchPath(batch);
    const waiting = tracked.waiting ?? [];
    tracked.waiting = null;
    const read = this.#decode(path, () => readBatch(batch, path, znode, this.#shared));
    if (read === null) return 0;
    tracked.header = read.header;
    this.#context.planner.batch(read.fact);
    this.#context.loaded();
    for (const name of waiting) this.#result(batch, name);
    this.#context.replan();
    return znode.stat.numChildren;
  }

  #batchDeleted(batch: BatchId): void {
    if (this.#batches.get(batch) === undefined) return;
    this.#batches.delete(batch);
    this.#deaths.forget(batch);
    this.#context.planner.batchGone(batch);
    this.#context.replan();
  }

  #resultCreated(batch: BatchId, text: string): void {
    const tracked = this.#batches.get(batch);
    // Without a batch it is an echo of a removal, or below a batch that was deleted at once.
    if (tracked === undefined) return;
    addChild(tracked, text);
    const name = this.#parse(batch, text);
    // What this term wrote itself took effect when it was written.
    if (name === null || (name.part === 'end' && name.epoch === this.#context.epoch)) return;
    if (tracked.waiting !== null) tracked.waiting = [...tracked.waiting, name];
    else if (tracked.header !== null) this.#result(batch, name);
  }

  #parse(batch: BatchId, text: string): ResultName | null {
    const name = parseResultName(text);
    if (name === null) reportInvalid(this.#context, resultPath(batch, text), 'no name of a result');
    return name;
  }

  #result(batch: BatchId, name: ResultName): void {
    const id = assignmentName(batch, name);
    const known = name.part === 'ok' ? this.#assignments.get(id) : undefined;
    if (known === undefined) return this.#track(this.#readResults(batch, [name]));
    this.#assignments.over(known);
    const ends = known.tasks.map(([from, to]): EndFact => ({ from, to, outcome: 'succeeded' }));
    const at = this.#context.clock.now();
    this.#tell({ batch, assignment: id, ends, attempt: known.attempt, at, last: true, ...spentFact(name.spent) });
  }

  /**
   * It was deleted, and not by a revocation of ours. Its last report has been told, or is being read; what the planner
   * has heard no end of when that is done has ended unknown: the report is garbage, or somebody deleted the assignment by
   * hand.
   */
  assignmentVanished({ id, batch, attempt }: AssignmentFact): void {
    const at = this.#context.clock.now();
    const told = this.caughtUp().then(() => {
      this.#tell({ batch, assignment: id, ends: [], attempt, at, last: true });
    });
    inBackground(told, (error) => this.#context.broken(error));
  }

  #tell(fact: ResultFact): void {
    if (!this.#context.active()) return;
    const { planner, metrics } = this.#context;
    planner.result(fact);
    for (const { from, to, outcome } of fact.ends === 'all' ? [] : fact.ends)
      metrics.count('drover_ended_attempts_total', { outcome }, to - from);
    this.#context.replan();
  }

  async #readResults(batch: BatchId, names: readonly ResultName[]): Promise<void> {
    const paths = names.map((name) => resultPath(batch, resultName(name)));
    const znodes = await readMany(this.#context, paths);
    names.forEach((name, at) => this.#resultRead(batch, name, znodes[at] ?? null));
  }

  #resultRead(batch: BatchId, name: ResultName, znode: Znode | null): void {
    const header = this.header(batch);
    if (!this.#context.active() || header === undefined || znode === null) return;
    const path = resultPath(batch, resultName(name));
    const assignment = assignmentName(batch, name);
    // Whether a numbered part is the last one its znode does not tell: that the assignment is gone when this answer comes
    // may be a later part's doing. `assignmentVanished` settles it, once every part has been read.
    const last = name.part === 'ok' || name.part === 'end';
    const read = this.#decode(path, () => readEnds(path, znode.data, header.count));
    // Of a report that cannot be read this much is known: the assignment is over.
    const { attempt, ends, ...spent } = read ?? { attempt: 0, ends: [] };
    if (read !== null || last) this.#tell({ batch, assignment, ends, attempt, at: znode.stat.ctime, last, ...spent });
    this.#deaths.reported({ batch, header, attempt, ends }, path, znode.data);
  }

  /** `null`, and reported, where the record is not what it should be. */
  #decode<T>(path: string, decode: () => T): T | null {
    try {
      return decode();
    } catch (error) {
      reportInvalid(this.#context, path, error);
      return null;
    }
  }
}

/** Shared by all that have none: a million batches of one task each may be pending. */
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
