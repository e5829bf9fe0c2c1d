import { DEFAULT_TASK_OPTIONS, indexesOf, RecordError } from '@drover/core';
import {
  assignedTasks,
  assignmentPath,
  childOf,
  decodeRecord,
  parseAssignmentName,
  RECORD_VERSION,
  workerAssignmentsPath,
  type AssignmentRecord,
  type Batch,
} from '@drover/protocol';
import type { Log, Metrics } from '@drover/observability';
import { inBackground, uncaught } from '@drover/runtime';
import { isZooKeeperError, nullOn, type WatchEvent, type ZooKeeper, type Znode } from '@drover/zookeeper';
import { Work } from '../run/work.js';
import type { StepReader } from '../steps/step-reader.js';
import type { BatchCache } from './batch-cache.js';
import { readCheckpoints } from './checkpoints.js';

export interface AssignmentWatcherOptions {
  zk: ZooKeeper;
  log: Log;
  metrics: Metrics;
  /** The worker's id of this incarnation. */
  worker: string;
  batches: BatchCache;
  steps: StepReader;
  /** New work, in the order in which it could be read. */
  onWork: (work: Work, record: AssignmentRecord) => void;
  /** The leader has written into an assignment: what it asks for. */
  onNotice: (work: Work, record: AssignmentRecord) => void;
  /** An assignment is gone, and this was not seen to be our own doing. */
  onGone: (work: Work) => void;
  onDraining: (isDraining: boolean) => void;
  /** `/assignments/<worker>` itself is gone: somebody takes this worker for dead. */
  onEvicted: () => void;
}

/**
 * Follows the assignments of this worker: one recursive watch on `/assignments/<worker>`, and one listing that runs at
 * the start and again after each reconnect, because missed events are not replayed. Assignment and batch are read at
 * the same time: the assignment's name says which batch it is of.
 */
export class AssignmentWatcher {
  readonly #options: AssignmentWatcherOptions;
  readonly #root: string;
  /** By assignment name. `null`: being read, or found to be no work. */
  readonly #known = new Map<string, Work | null>();
  readonly #arriving = new Map<string, Promise<void>>();

  constructor(options: AssignmentWatcherOptions) {
    this.#options = options;
    this.#root = workerAssignmentsPath(options.worker);
  }

  /** Work that is in this worker's hands. */
  *works(): Generator<Work> {
    for (const work of this.#known.values()) if (work !== null) yield work;
  }

  /** The assignment is over. */
  forget(work: Work): void {
    work.isOver = true;
    if (this.#known.get(work.name) === work) this.#known.delete(work.name);
  }

  /** Watches, then lists. Rejects where the connection broke. */
  async start(): Promise<void> {
    await this.#options.zk.watch(this.#root, 'recursive', {
      event: (event) => this.#seen(event),
      reset: () => inBackground(this.#relist(), uncaught),
    });
    await this.list();
  }

  /** Finds what came, went and changed while nobody watched. */
  async list(): Promise<void> {
    // Only what was known before the listing was asked for can be missing from it.
    const before = [...this.#known.keys()];
    const listing = nullOn(this.#options.zk.children(this.#root), 'NO_NODE');
    const [names] = await Promise.all([listing, this.#tolerant(this.#root, this.#readOwn())]);
    if (names === null) {
      this.#options.onEvicted();
      return;
    }
    const there = new Set(names);
    for (const name of before) if (!there.has(name)) this.#gone(name);
    await Promise.all(
      names.map((name) => this.#tolerant(assignmentPath(this.#options.worker, name), this.#look(name))),
    );
  }

  #look(name: string): Promise<void> {
    return this.#known.has(name) ? this.#reread(name) : this.#arrive(name);
  }

  /** An invalid znode, or one that is already gone, does not fail the listing; a broken connection does. */
  async #tolerant(path: string, done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      if (isBroken(error)) throw error;
      this.#failed(path, error);
    }
  }

  /** A reconnect that breaks again is followed by another. */
  async #relist(): Promise<void> {
    try {
      await this.list();
    } catch (error) {
      this.#failed(this.#root, error);
    }
  }

  #seen(event: WatchEvent): void {
    if (event.path === this.#root) {
      if (event.type === 'deleted') this.#options.onEvicted();
      else if (event.type === 'changed') this.#background(this.#root, this.#readOwn());
      return;
    }
    const name = childOf(this.#root, event.path);
    if (name === null) return;
    if (event.type === 'deleted') this.#gone(name);
    else if (event.type === 'created' && !this.#known.has(name)) this.#background(event.path, this.#arrive(name));
    else if (event.type === 'changed') this.#background(event.path, this.#reread(name));
  }

  #gone(name: string): void {
    const work = this.#known.get(name);
    if (work === undefined) return;
    if (work === null) this.#known.delete(name);
    else this.#options.onGone(work);
  }

  async #readOwn(): Promise<void> {
    const znode = await nullOn(this.#options.zk.get(this.#root), 'NO_NODE');
    if (znode === null) return;
    const { draining } = decodeRecord('workerAssignments', this.#root, znode.data);
    this.#options.onDraining(draining);
  }

  #arrive(name: string): Promise<void> {
    this.#known.set(name, null);
    const arrived = this.#read(name).finally(() => this.#arriving.delete(name));
    this.#arriving.set(name, arrived);
    return arrived;
  }

  async #read(name: string): Promise<void> {
    const path = assignmentPath(this.#options.worker, name);
    const batchId = parseAssignmentName(name)?.batch;
    if (batchId === undefined) throw new RecordError(path, 'is not the name of an assignment');
    const [znode, found] = await Promise.allSettled([this.#options.zk.get(path), this.#options.batches.get(batchId)]);
    if (!this.#known.has(name)) return; // gone meanwhile
    try {
      await this.#accept(name, path, valueOf(znode), found);
    } catch (error) {
      // After a broken connection the listing finds it again. A znode that is not an assignment stays known, so that it
      // is logged only once.
      if (!(error instanceof RecordError)) this.#known.delete(name);
      throw error;
    }
  }

  async #accept(name: string, path: string, znode: Znode, found: PromiseSettledResult<Batch>): Promise<void> {
    const { record, newer } = recordOf(path, znode);
    let batch = batchOf(found);
    const refusal = newer ?? newerOf(found);
    if (refusal !== null) this.#failed(refusal.path, refusal);
    else if (!hasPayloads(batch, record)) {
      this.#options.batches.forget(record.batch);
      [batch] = (await Promise.allSettled([this.#options.batches.get(record.batch)])).map(batchOf) as [Batch];
    }
    const { header } = batch;
    const isOfSteps = refusal === null && (header.of !== undefined || header.draft !== undefined);
    const steps = isOfSteps ? await this.#options.steps.read(header, record.tasks) : null;
    const left = record.checkpoints === undefined ? undefined : await readCheckpoints(this.#options.zk, record);
    if (!this.#known.has(name)) return;
    const work = new Work(path, record, znode.stat.czxid, batch, refusal, steps, left);
    this.#known.set(name, work);
    this.#options.onWork(work, record);
  }

  async #reread(name: string): Promise<void> {
    const path = assignmentPath(this.#options.worker, name);
    const znode = await nullOn(this.#options.zk.get(path), 'NO_NODE');
    // Its first reading is older than this one, and is heeded first.
    await this.#arriving.get(name)?.catch(() => undefined);
    const work = this.#known.get(name);
    if (znode === null || work === undefined || work === null) return;
    this.#options.onNotice(work, decodeRecord('assignment', path, znode.data));
  }

  #background(path: string, done: Promise<void>): void {
    done.catch((error: unknown) => this.#failed(path, error));
  }

  /** Garbage is told and skipped; a broken connection is followed by a listing. */
  #failed(path: string, error: unknown): void {
    if (isBroken(error)) return;
    const isGone = isZooKeeperError(error, 'NO_NODE') && error.path === path;
    if (isGone) return;
    this.#options.log.event('record.invalid', { path, reason: String(error) });
    this.#options.metrics.count('drover_invalid_records_total', {});
  }
}

const isBroken = (error: unknown): boolean => isZooKeeperError(error, 'CONNECTION_LOSS', 'SESSION_EXPIRED', 'CLOSED');

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** `newer`: why nothing of the assignment may be run here; it says all the same which tasks it is of. Throws `RecordError`. */
function recordOf(path: string, { data }: Znode): { record: AssignmentRecord; newer: RecordError | null } {
  try {
    return { record: decodeRecord('assignment', path, data), newer: null };
  } catch (error) {
    const tasks = error instanceof RecordError && error.isNewer ? assignedTasks(path, data) : null;
    if (tasks === null) throw error;
    return { record: { v: RECORD_VERSION, epoch: 0, at: 0, ...tasks }, newer: error as RecordError };
  }
}

/** Why nothing of the batch may be run here; `null`: it may. */
function newerOf(found: PromiseSettledResult<Batch>): RecordError | null {
  const error: unknown = found.status === 'rejected' ? found.reason : null;
  return error instanceof RecordError && error.isNewer ? error : null;
}

/**
 * A batch that cannot be read stands for one without payloads: its tasks are rejected, rather than out for ever. Throws
 * what ZooKeeper gave as the reason where it was not read at all.
 */
function batchOf(settled: PromiseSettledResult<Batch>): Batch {
  if (settled.status === 'rejected' && settled.reason instanceof RecordError) return UNREADABLE;
  return valueOf(settled);
}
const UNREADABLE: Batch = {
  header: {
    ...{ queue: '', at: 0, client: '', count: Number.MAX_SAFE_INTEGER },
    groups: [{ ...DEFAULT_TASK_OPTIONS, type: '', count: Number.MAX_SAFE_INTEGER }],
  },
  payload: () => undefined,
};

/** A batch that was finished and then retried has been rewritten: what was cached may be the shorter one. */
function hasPayloads(batch: Batch, record: AssignmentRecord): boolean {
  if (batch.header.of !== undefined) return true;
  for (const index of indexesOf(record.tasks)) if (batch.payload(index) === undefined) return false;
  return true;
}
