import { pipelined } from '@drover/coordination';
import { countOf, RecordError, type BatchId } from '@drover/core';
import type { AssignmentFact } from '@drover/planner';
import {
  assignmentPath,
  decodeRecord,
  encodeEnd,
  encodeRecord,
  parseAssignmentName,
  resultPath,
  ROOTS,
  workerAssignmentsPath,
  workerPath,
  type AssignmentRecord,
  type ChangeRecord,
  type WorkerAssignmentsRecord,
} from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import {
  isZooKeeperError,
  nullOn,
  type ErrorCode,
  type Operation,
  type WatchEvent,
  type Znode,
} from '@drover/zookeeper';
import { endName } from '../commands/operations.js';
import { isProbe } from '../term/room.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { readable } from './readable.js';

interface Directory {
  draining: boolean;
  drainedBy: ChangeRecord | null;
  /**
   * A record of a later release: then this leader hands out nothing to the worker, and does not remove the directory.
   */
  newer: RecordError | null;
  /** Ids of the assignments that are there, as far as this leader knows. */
  readonly ids: Set<string>;
}

const WINDOW = 128;

/**
 * Everything below `/assignments`: the assignments, and the directory of each worker, which the leader collects when
 * the worker is gone and its work taken away. Directories of workers that died under earlier leaders are found at the
 * takeover.
 */
export class Assignments {
  readonly #context: TermContext;
  readonly #present: (worker: string) => boolean;
  readonly #vanished: (assignment: AssignmentFact) => void;
  readonly #out = new Map<string, AssignmentFact>();
  /** Fields of assignments of a leader of a later release, which stay when the assignment is written again. */
  readonly #others = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #directories = new Map<string, Directory>();
  /** Workers whose directories are being removed: when many leave at once, each is removed once. */
  readonly #collecting = new Set<string>();
  /** Assignments whose revocation is under way: `revoked` will be called for each. */
  readonly #revoking = new Set<string>();
  /** Batches of which the takeover found an assignment that it left as it is, and why; for the whole term. */
  readonly #leftAlone = new Map<BatchId, Error>();

  /**
   * `present`: whether there is such a worker now. `vanished` is called when an assignment is gone without `over`: the
   * last report will be told later, or somebody deleted the assignment by hand.
   */
  constructor(
    context: TermContext,
    present: (worker: string) => boolean,
    vanished: (assignment: AssignmentFact) => void,
  ) {
    this.#context = context;
    this.#present = present;
    this.#vanished = vanished;
  }

  /** `undefined`: the assignment is not out, or no longer. */
  get(id: string): AssignmentFact | undefined {
    return this.#out.get(id);
  }

  all(): Iterable<AssignmentFact> {
    return this.#out.values();
  }

  get count(): number {
    return this.#out.size;
  }

  /**
   * Why the takeover left an assignment of the batch as it is: it needs something that this program does not know, or
   * it could be neither read nor taken away. `null`: there was none.
   */
  whyLeftAlone(batch: BatchId): Error | null {
    return this.#leftAlone.get(batch) ?? null;
  }

  /** Whether a task of the batch is out. Takes time that grows with the number of assignments that are out. */
  isOut(batch: BatchId): boolean {
    for (const fact of this.#out.values()) if (fact.batch === batch) return true;
    return false;
  }

  /** The assignments of `worker`. */
  outAt(worker: string): { assignments: number; tasks: number } {
    const ids = this.#directories.get(worker)?.ids ?? new Set<string>();
    let tasks = 0;
    for (const id of ids) tasks += countOf(this.#out.get(id)?.tasks ?? []);
    return { assignments: ids.size, tasks };
  }

  /** The one who asked it to drain; null: nobody has, or nobody knows. */
  drainedBy(worker: string): ChangeRecord | null {
    return this.#directories.get(worker)?.drainedBy ?? null;
  }

  draining(worker: string): boolean {
    const directory = this.#directories.get(worker);
    return directory !== undefined && (directory.draining || directory.newer !== null);
  }

  /** The leader has decided to hand this out: the write is on its way. */
  handedOut(fact: AssignmentFact): void {
    this.#out.set(fact.id, fact);
    this.#directory(fact.worker).ids.add(fact.id);
  }

  /** Fields of the assignment's record that this program does not know. */
  othersOf(id: string): Readonly<Record<string, unknown>> {
    return this.#others.get(id) ?? {};
  }

  /** The last report on the assignment was told to the planner. */
  over({ id, worker }: AssignmentFact): void {
    this.#out.delete(id);
    this.#others.delete(id);
    this.#directories.get(worker)?.ids.delete(id);
  }

  revoking(id: string): void {
    this.#revoking.add(id);
  }

  /** The revocation was applied, or came too late (`applied` is false). */
  revoked(fact: AssignmentFact, applied: boolean): void {
    this.#revoking.delete(fact.id);
    if (!applied) this.#vanished(fact);
  }

  /** A worker has joined. It has made its directory itself; the leader makes one if somebody removed that. */
  workerJoined(worker: string): void {
    if (this.#directories.has(worker)) return;
    this.#directory(worker);
    const path = workerAssignmentsPath(worker);
    this.#background(this.#makeDirectory(path));
  }

  /** ZooKeeper says that the directory of a living worker is not there. */
  directoryMissing(worker: string): void {
    if (this.#present(worker)) this.#background(this.#makeDirectory(workerAssignmentsPath(worker)));
  }

  /** Why the directory of `worker` is left alone; `null`: it is not. */
  newerDirectory(worker: string): RecordError | null {
    return this.#directories.get(worker)?.newer ?? null;
  }

  /**
   * Asks `worker` to drain, or not to drain any more. `null`: done. Otherwise ZooKeeper's refusal: `NO_NODE` if there
   * is no directory, so the worker is gone. Throws `RecordError` if the directory is of a later release.
   */
  async drain(worker: string, draining: boolean, asked: ChangeRecord): Promise<ErrorCode | null> {
    const path = workerAssignmentsPath(worker);
    const { drainedBy: _before, ...kept } = await this.#directoryRecord(worker, path);
    const { newer } = this.#directory(worker);
    if (newer !== null) throw newer;
    const data = encodeRecord('workerAssignments', { ...kept, draining, ...(draining ? { drainedBy: asked } : {}) });
    const answer = await this.#context.writer.attempt([{ op: 'set', path, data }], { urgent: true });
    if (answer === null) return 'CLOSED';
    if (!answer.applied) return answer.code;
    const directory = this.#directory(worker);
    directory.draining = draining;
    directory.drainedBy = draining ? asked : null;
    return null;
  }

  /** The record as it is now, so that fields of a later release are kept; empty: it cannot be read. */
  async #directoryRecord(worker: string, path: string): Promise<Partial<WorkerAssignmentsRecord>> {
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    return znode === null ? {} : (this.#decodeDirectory(this.#directory(worker), path, znode) ?? {});
  }

  #background(done: Promise<unknown>): void {
    inBackground(done, (error) => this.#context.broken(error));
  }

  async #makeDirectory(path: string): Promise<void> {
    const answer = await this.#context.writer.attempt([
      { op: 'create', path, data: encodeRecord('workerAssignments', { draining: false }) },
    ]);
    if (answer === null || answer.applied || answer.code === 'NODE_EXISTS') return;
    if (answer.code === 'NO_NODE') this.#context.fail(`${ROOTS.assignments} was removed`);
    else this.#context.refused(answer);
  }

  event({ type, path }: WatchEvent): void {
    const rest = path.slice(ROOTS.assignments.length + 1);
    const slash = rest.indexOf('/');
    const worker = slash < 0 ? rest : rest.slice(0, slash);
    if (worker === '' || isProbe(path)) return;
    if (slash >= 0) {
      if (type === 'deleted') this.#gone(worker, rest.slice(slash + 1));
    } else if (type === 'created') this.#directory(worker);
    else if (type === 'deleted') this.#directoryGone(worker);
  }

  /** Removes the directories of workers that are gone, as soon as their work is taken away. */
  collect(): void {
    for (const worker of this.#directories.keys()) this.#collectIfDone(worker);
  }

  /**
   * Reads all that is there. For the takeover. An unreadable assignment is revoked, so that nobody can report on it.
   * Throws if that fails, or if a directory cannot be read: its tasks would be assigned twice, and both results
   * accepted.
   */
  async load(): Promise<void> {
    const { zk } = this.#context;
    const workers = await zk.children(ROOTS.assignments);
    const found: { worker: string; id: string }[] = [];
    await pipelined(workers, WINDOW, async (worker) => {
      const path = workerAssignmentsPath(worker);
      const [znode, ids] = await Promise.all([nullOn(zk.get(path), 'NO_NODE'), nullOn(zk.children(path), 'NO_NODE')]);
      if (znode === null) return;
      this.#decodeDirectory(this.#directory(worker), path, znode);
      for (const id of ids ?? []) found.push({ worker, id });
    });
    await pipelined(found, WINDOW, async ({ worker, id }) => {
      const path = assignmentPath(worker, id);
      try {
        const znode = await nullOn(zk.get(path), 'NO_NODE');
        if (znode !== null && this.#context.active()) this.#loaded(worker, id, znode);
      } catch (error) {
        if (!isZooKeeperError(error, 'NO_AUTH') && !(error instanceof RecordError)) throw error;
        reportInvalid(this.#context, path, error);
        await this.#unreadable(worker, id, error);
      }
    });
  }

  /** Throws `RecordError`. */
  #loaded(worker: string, id: string, znode: Znode): void {
    const path = assignmentPath(worker, id);
    const name = parseAssignmentName(id);
    if (name === null) throw new RecordError(path, 'no name of an assignment');
    if (name.epoch >= this.#context.epoch) this.#context.epochUsed(name.epoch);
    const record: AssignmentRecord = decodeRecord('assignment', path, znode.data);
    const {
      v: _v,
      batch,
      tasks,
      attempt,
      epoch: _epoch,
      at,
      recall,
      cancel,
      exceeded,
      superseded,
      preemptGraceMs: _preemptGraceMs,
      timed,
      width,
      use,
      devices,
      preempt,
      rival,
      isCopy,
      ...others
    } = record;
    if (Object.keys(others).length > 0) this.#others.set(id, others);
    const asked = {
      ...(timed && { timed }),
      ...(recall === undefined ? {} : { recall }),
      ...(cancel === undefined ? {} : { cancel }),
      ...(exceeded === undefined ? {} : { exceeded }),
      ...(superseded === undefined ? {} : { superseded }),
      ...(width === undefined ? {} : { width }),
      ...(use === undefined ? {} : { use }),
      ...(devices === undefined ? {} : { devices }),
      ...(preempt === undefined ? {} : { preempt }),
      ...(rival === undefined ? {} : { rival }),
      ...(isCopy && { isCopy }),
    };
    this.handedOut({ id, worker, batch, tasks, attempt, at: this.#context.clock.past(at), ...asked });
  }

  /**
   * An assignment of a later release is kept; garbage is taken away. If the assignment is kept, or ZooKeeper refuses to
   * remove it, its batch is left as it is for this term.
   */
  async #unreadable(worker: string, id: string, error: Error): Promise<void> {
    const batch = parseAssignmentName(id)?.batch;
    if (batch === undefined) return this.#remove(assignmentPath(worker, id));
    const isNewer = error instanceof RecordError && error.isNewer;
    if (!isNewer && (await this.#takeAway(worker, id, batch))) return;
    this.#leftAlone.set(batch, error);
    this.#directory(worker).ids.add(id);
  }

  /**
   * Takes away an unreadable assignment: its tasks and their attempt are unknown. An end without tasks says so to later
   * leaders, which give the batch's next attempts higher numbers.
   */
  async #takeAway(worker: string, id: string, batch: BatchId): Promise<boolean> {
    const { clock, leader, writer } = this.#context;
    const deletion: Operation = { op: 'delete', path: assignmentPath(worker, id) };
    const data = encodeEnd({ worker: leader, leader: true, attempt: 0, at: clock.now(), ends: [] });
    const answer = await writer.attempt([deletion, { op: 'create', path: resultPath(batch, endName(id)), data }]);
    if (answer === null || answer.applied) return true;
    const isDeletion = answer.failedIndex === 0;
    if (isDeletion && answer.code === 'NO_NODE') return true;
    if (isDeletion || !['NO_NODE', 'NODE_EXISTS'].includes(answer.code)) {
      this.#context.refused(answer);
      return false;
    }
    // The batch is gone, or has such an end already: only the deletion is left to do.
    await this.#remove(deletion.path);
    return true;
  }

  #decodeDirectory(directory: Directory, path: string, znode: Znode): WorkerAssignmentsRecord | null {
    try {
      const record = decodeRecord('workerAssignments', path, znode.data);
      directory.draining = record.draining;
      directory.drainedBy = record.drainedBy ?? null;
      return record;
    } catch (error) {
      reportInvalid(this.#context, path, error);
      directory.newer = error instanceof RecordError && error.isNewer ? error : null;
      return null;
    }
  }

  #directory(worker: string): Directory {
    const known = this.#directories.get(worker);
    if (known !== undefined) return known;
    const directory: Directory = { draining: false, drainedBy: null, newer: null, ids: new Set<string>() };
    this.#directories.set(worker, directory);
    return directory;
  }

  #gone(worker: string, id: string): void {
    const fact = this.#out.get(id);
    if (fact === undefined) this.#directories.get(worker)?.ids.delete(id);
    else {
      this.over(fact);
      if (!this.#revoking.has(id)) this.#vanished(fact);
    }
    this.#collectIfDone(worker);
  }

  #directoryGone(worker: string): void {
    this.#directories.delete(worker);
    if (this.#present(worker)) this.workerJoined(worker);
  }

  #collectIfDone(worker: string): void {
    const directory = this.#directories.get(worker);
    if (directory?.ids.size !== 0 || directory.newer !== null) return;
    if (this.#present(worker) || this.#collecting.has(worker)) return;
    this.#collecting.add(worker);
    this.#collect(worker)
      .catch((error: unknown) => this.#context.broken(error))
      .finally(() => this.#collecting.delete(worker));
  }

  async #remove(path: string): Promise<void> {
    const answer = await this.#context.writer.attempt([{ op: 'delete', path }]);
    if (answer?.applied === false && answer.code !== 'NO_NODE') this.#context.refused(answer);
  }

  async #collect(worker: string): Promise<void> {
    const { writer, zk } = this.#context;
    const path = workerAssignmentsPath(worker);
    // The worker may have just joined: this leader knows of its directory, and is still reading its registration.
    if ((await zk.exists(workerPath(worker))) !== null || !this.#context.active()) return;
    const answer = await writer.attempt([{ op: 'delete', path }]);
    if (answer === null || answer.applied || answer.code === 'NO_NODE') return;
    if (answer.code !== 'NOT_EMPTY') {
      this.#context.refused(answer);
      return;
    }
    // Somebody else than a leader has put something into the directory.
    const ids = (await nullOn(zk.children(path), 'NO_NODE')) ?? [];
    const strange = ids.filter((id) => !this.#out.has(id));
    if (!this.#context.active() || strange.length === 0) return;
    for (const id of strange) reportInvalid(this.#context, assignmentPath(worker, id), 'no assignment of a leader');
    await Promise.all(strange.map((id) => this.#remove(assignmentPath(worker, id))));
    if (this.#context.active()) await this.#remove(path);
  }
}
