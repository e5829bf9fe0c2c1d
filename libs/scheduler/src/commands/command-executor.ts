import { countOf, isFinal, LIMITS, RecordError, taskId, type BatchId, type RangeEnd } from '@drover/core';
import type { Refusal } from '@drover/coordination';
import { MAX_REMOVALS, type AssignmentFact, type Command, type Tally } from '@drover/planner';
import { batchPath, decodeBatch, decodeRecord, keyPath, type BatchHeader } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { Deaths } from '../facts/deaths.js';
import { readable } from '../facts/readable.js';
import type { WorkersWatcher } from '../facts/workers-watcher.js';
import { backoff } from '../term/backoff.decide.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { BatchOrder } from './batch-order.js';
import {
  assignOperations,
  finishedHeader,
  notifyOperations,
  recordName,
  recordOperations,
  removeOperations,
  reopenedHeader,
  revokeOperations,
  rewriteOperations,
  type Asked,
} from './operations.js';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** Room for the fence and for what else the multi carries. */
const REMOVE_PIECE = LIMITS.multiOperations - 1;
/** Removed failed tasks that one line of the log tells of, at most about. */
const DEAD_A_LINE = 10_000;

/** Delay before a refused write is repeated. */
const AGAIN = { firstMs: 500, longestMs: 60_000 };

export interface CommandExecutorOptions {
  context: TermContext;
  tasks: TasksWatcher;
  assignments: Assignments;
  workers: Pick<WorkersWatcher, 'avoid'>;
  deaths: Deaths;
}

/**
 * Makes the planner's commands true in ZooKeeper, in their order.
 *
 * Where ZooKeeper refuses one for what it is (no permission there, a quota, too large) the term goes on. Tasks that could
 * not be handed out are free again, and their worker is given nothing for a while. Everything else is tried again until it
 * is done, and what follows in the same batch waits for it: the planner believes that it has been done. Refusals that
 * tell of somebody who writes into the tree by hand end the term where names of ours are there already.
 */
export class CommandExecutor {
  readonly #context: TermContext;
  readonly #tasks: TasksWatcher;
  readonly #assignments: Assignments;
  readonly #workers: Pick<WorkersWatcher, 'avoid'>;
  readonly #deaths: Deaths;
  readonly #order: BatchOrder;
  /** Failed tasks that were removed, and not yet told. */
  #dead = { batches: 0, tasks: 0 };

  constructor({ context, tasks, assignments, workers, deaths }: CommandExecutorOptions) {
    this.#context = context;
    this.#order = new BatchOrder((error) => context.broken(error));
    this.#tasks = tasks;
    this.#assignments = assignments;
    this.#workers = workers;
    this.#deaths = deaths;
  }

  /** `asked`: who asked for what is cancelled or set to run again among them, and why. */
  all(commands: readonly Command[], asked: Asked = {}): void {
    this.#logRemoved(commands);
    for (const command of commands) this.#one(command, asked);
  }

  /** Resolves when every command so far of these batches is handed to the writer, and none waits to be tried again. */
  async settled(batches: Iterable<BatchId>): Promise<void> {
    await this.#order.settled(batches);
  }

  #one(command: Command, asked: Asked): void {
    switch (command.kind) {
      case 'assign':
        return this.#assign(command);
      case 'revoke':
        return this.#inOrder(command.assignment.batch, () => this.#aside(this.#revoke(command)));
      case 'notify':
        return this.#inOrder(command.assignment.batch, () => this.#aside(this.#notify(command)));
      case 'record':
        return this.#inOrder(command.batch, () => this.#record(command, asked));
      case 'release-key':
        return this.#inOrder(command.batch, () => this.#releaseKey(command));
      case 'finish':
        return this.#inOrder(command.batch, () => this.#finish(command));
      case 'reopen':
        return this.#inOrder(command.batch, () => this.#reopen(command));
      case 'remove':
        return this.#inOrder(command.batch, () => this.#remove(command));
    }
  }

  /** Runs `step` after the earlier commands of the batch. If it rejects, the term ends. */
  inOrder(batch: BatchId, step: () => Promise<void>): void {
    this.#order.run(batch, step);
  }

  /** Its operations are handed in: what follows in its batch need not wait for the answer. */
  #aside(step: Promise<void>): undefined {
    inBackground(step, (error) => this.#context.broken(error));
  }

  #inOrder(batch: BatchId, step: () => Promise<void> | undefined): void {
    this.#order.run(batch, () => (this.#context.active() ? step() : undefined));
  }

  /** Not before the batch is opened again, where it had been finished. */
  #assign(command: CommandOf<'assign'>): void {
    const { writer, epoch, metrics } = this.#context;
    const { assignment } = command;
    this.#assignments.handedOut(assignment);
    const refused = (refusal: Refusal): void => this.#assignRefused(assignment, refusal);
    this.#inOrder(assignment.batch, () => {
      writer.write(assignOperations(command, epoch), { key: assignment.batch, refused });
      return undefined;
    });
    const queue = this.#tasks.header(assignment.batch)?.queue ?? '';
    metrics.count('drover_assigned_tasks_total', { queue }, countOf(assignment.tasks));
  }

  /** There is no such assignment, so its tasks are free again; nobody has begun them. */
  #assignRefused(assignment: AssignmentFact, refusal: Refusal): void {
    const { planner, clock, room } = this.#context;
    if (!this.#context.active()) return;
    if (refusal.code === 'NODE_EXISTS') return this.#context.fail(`${refusal.path} is there already`);
    this.#context.refused(refusal);
    this.#assignments.over(assignment);
    if (refusal.code === 'NO_NODE') this.#assignments.directoryMissing(assignment.worker);
    if (!room.full) this.#workers.avoid(assignment.worker);
    const { id, batch, attempt } = assignment;
    const ends = assignment.tasks.map(([from, to]): RangeEnd => ({ from, to, outcome: 'returned' }));
    planner.result({ batch, assignment: id, ends, attempt, at: clock.now(), last: true });
    this.#context.replan();
  }

  /** Writes what may be refused, but must be true in the end. */
  #write(batch: BatchId, operations: Operation[], how: 'now' | 'lazily'): void {
    const { writer } = this.#context;
    const options = { key: batch, refused: (refusal: Refusal) => this.#refused(batch, operations, refusal) };
    if (how === 'now') writer.write(operations, options);
    else writer.writeLazily(operations, options);
  }

  #refused(batch: BatchId, operations: Operation[], refusal: Refusal): void {
    if (!this.#context.active() || this.#isSettled(refusal)) return;
    this.#context.refused(refusal);
    this.#inOrder(batch, () => this.#again(batch, operations));
  }

  async #again(batch: BatchId, operations: Operation[]): Promise<void> {
    for (let tries = 1; await this.#context.later(backoff(tries, AGAIN.firstMs, AGAIN.longestMs)); tries++) {
      const answer = await this.#context.writer.attempt(operations, { key: batch });
      if (answer === null || answer.applied || this.#isSettled(answer)) return;
      this.#context.refused(answer);
    }
  }

  /** Nothing is left to be tried: the batch was removed by hand, or the term ends because a name of ours is taken. */
  #isSettled({ code, path }: Refusal): boolean {
    if (code === 'NODE_EXISTS') this.#context.fail(`${path} is there already`);
    return code === 'NO_NODE' || code === 'NODE_EXISTS';
  }

  async #revoke(command: CommandOf<'revoke'>): Promise<void> {
    const { clock, planner, log, metrics } = this.#context;
    const { assignment, reason } = command;
    const at = clock.now();
    this.#assignments.revoking(assignment.id);
    const applied = await this.#takeAway(command, at);
    if (applied === null || !this.#context.active()) return;
    const { id, worker, batch, attempt } = assignment;
    this.#assignments.revoked(assignment, applied);
    // A part may have been accepted before it was taken away. We have heard of it by now, for events come in the order of
    // the transactions, and what it says goes before our ends; but it may be still to be read.
    await this.#tasks.caughtUp();
    if (!this.#context.active()) return;
    if (!applied) planner.assignmentGone(id);
    else {
      planner.result({ batch, assignment: id, ends: command.ends, attempt, at, last: true });
      const header = this.#tasks.header(batch);
      if (header !== undefined) this.#deaths.taken({ batch, header, attempt, ends: command.ends, isNew: true });
      log.event('assignment.revoked', { assignment: id, worker, tasks: countOf(assignment.tasks), reason });
      metrics.count('drover_revoked_assignments_total', { reason });
    }
    this.#context.replan();
  }

  /** False: it came too late, the last report was accepted. `null`: the term is over. */
  async #takeAway(command: CommandOf<'revoke'>, at: number): Promise<boolean | null> {
    const { writer } = this.#context;
    const { batch } = command.assignment;
    let { ends } = command;
    for (let tries = 1; ; tries++) {
      const answer = await writer.attempt(revokeOperations({ ...command, ends }, at), { key: batch });
      if (answer === null || answer.applied) return answer?.applied ?? null;
      const isThere = answer.failedIndex !== 0;
      if (!isThere && answer.code === 'NO_NODE') return false;
      // The batch itself is gone, or its end stands there: there is nowhere to write the ends, and nobody to read them.
      if (isThere && ends.length > 0 && ['NO_NODE', 'NODE_EXISTS'].includes(answer.code)) ends = [];
      else {
        this.#context.refused(answer);
        if (!(await this.#context.later(backoff(tries, AGAIN.firstMs, AGAIN.longestMs)))) return null;
      }
    }
  }

  async #notify(command: CommandOf<'notify'>): Promise<void> {
    const { writer, planner, epoch } = this.#context;
    const others = this.#assignments.othersOf(command.assignment.id);
    const operations = notifyOperations(command, epoch, others);
    const answer = await writer.attempt(operations, { key: command.assignment.batch });
    if (answer?.applied !== false || !this.#context.active()) return;
    // The worker does not hear of it: what is to be aborted is taken away when its time is over.
    if (answer.code !== 'NO_NODE') {
      this.#context.refused(answer);
      return;
    }
    planner.assignmentGone(command.assignment.id);
    this.#context.replan();
  }

  #record(command: CommandOf<'record'>, asked: Asked): undefined {
    const { epoch, leader, clock } = this.#context;
    const { batch, attempt, ends } = command;
    const header = this.#tasks.header(batch);
    if (header !== undefined) this.#deaths.taken({ batch, header, attempt, ends, isNew: true });
    this.#tasks.writing(batch, recordName(command, epoch));
    this.#write(batch, recordOperations(command, { epoch, leader, at: clock.now(), ...asked }), 'now');
  }

  /** Nobody but a leader deletes keys, so what was read is still so when the multi is applied, unless we are fenced. */
  async #releaseKey({ queue, key, batch, index }: CommandOf<'release-key'>): Promise<void> {
    const { zk, writer, planner } = this.#context;
    // A retry may have taken the key again before this release had its turn.
    const state = planner.stateOf({ batch, index }) ?? 'ended';
    if (state !== 'ended' && !isFinal(state)) return;
    const path = keyPath(queue, key);
    const znode = await readable(this.#context, path, zk.get(path));
    if (znode === null || !this.#context.active()) return;
    try {
      if (decodeRecord('key', path, znode.data).task !== taskId(batch, index)) return;
    } catch (error) {
      reportInvalid(this.#context, path, error);
      if (error instanceof RecordError && error.isNewer) return;
      // It guards nothing that anybody could name: better no key than one that is never free again.
    }
    const released = writer.attempt([{ op: 'delete', path, version: znode.stat.version }], { key: batch });
    this.#aside(
      released.then((answer) => {
        if (answer?.applied === false && answer.code !== 'NO_NODE') this.#context.refused(answer);
      }),
    );
  }

  #finish(command: CommandOf<'finish'>): Promise<void> | undefined {
    const before = this.#tasks.header(command.batch);
    if (before === undefined) return undefined;
    const header = finishedHeader(before, command, this.#context.clock.now());
    this.#count(command, before);
    if (command.failed.length > 0) return this.#rewriteWithBody(command.batch, header);
    this.#tasks.rewritten(command.batch, header);
    this.#write(command.batch, rewriteOperations(command.batch, header, null), 'lazily');
    return undefined;
  }

  #reopen({ batch }: CommandOf<'reopen'>): Promise<void> | undefined {
    const before = this.#tasks.header(batch);
    return before === undefined ? undefined : this.#rewriteWithBody(batch, reopenedHeader(before));
  }

  async #rewriteWithBody(batch: BatchId, header: BatchHeader): Promise<void> {
    const path = batchPath(batch);
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    if (znode === null || !this.#context.active()) return;
    let body = null;
    try {
      body = decodeBatch(path, znode.data);
    } catch (error) {
      reportInvalid(this.#context, path, error);
      return;
    }
    this.#rewrite(batch, header, body);
  }

  #rewrite(batch: BatchId, header: BatchHeader, body: Parameters<typeof rewriteOperations>[2]): void {
    this.#tasks.rewritten(batch, header);
    this.#write(batch, rewriteOperations(batch, header, body), 'now');
  }

  #remove({ batch }: CommandOf<'remove'>): Promise<void> | undefined {
    const children = this.#tasks.childrenOf(batch);
    if (children === null) return this.#removeUnknown(batch);
    this.#removeWith(batch, children);
    return undefined;
  }

  async #removeUnknown(batch: BatchId): Promise<void> {
    const path = batchPath(batch);
    const children = await readable(this.#context, path, this.#context.zk.children(path));
    if (children === null) this.#tasks.forget(batch);
    else if (this.#context.active()) this.#removeWith(batch, children);
  }

  #removeWith(batch: BatchId, children: readonly string[]): void {
    const { writer, metrics } = this.#context;
    metrics.count('drover_removed_tasks_total', {}, this.#tasks.header(batch)?.count ?? 0);
    this.#tasks.forget(batch);
    const refused = (refusal: Refusal): void => this.#removeRefused(batch, refusal);
    for (const piece of removeOperations(batch, children, REMOVE_PIECE))
      writer.writeLazily(piece, { key: batch, refused });
  }

  /** The batch has a child that we did not know of, or is gone. The rest waits for the next term. */
  #removeRefused(batch: BatchId, refusal: Refusal): void {
    if (!this.#context.active()) return;
    if (!['NO_NODE', 'NOT_EMPTY'].includes(refusal.code)) return this.#context.refused(refusal);
    this.#inOrder(batch, async () => {
      const paths = await this.#allBelow(batchPath(batch));
      for (let from = 0; from < paths.length && this.#context.active(); from += REMOVE_PIECE) {
        const piece = paths.slice(from, from + REMOVE_PIECE).map((path): Operation => ({ op: 'delete', path }));
        const answer = await this.#context.writer.attempt(piece, { key: batch });
        if (answer?.applied === false) {
          this.#context.refused(answer);
          return;
        }
      }
    });
  }

  /** The znode and everything below it, children first; nothing where it is not there. */
  async #allBelow(path: string): Promise<string[]> {
    const names = await readable(this.#context, path, this.#context.zk.children(path));
    if (names === null) return [];
    const below: string[] = [];
    for (const name of names) below.push(...(await this.#allBelow(`${path}/${name}`)));
    return [...below, path];
  }

  #count(command: CommandOf<'finish'>, header: BatchHeader): void {
    const { metrics } = this.#context;
    const { batch, failed, attempts, succeeded, cancelled } = command;
    const ended: Partial<Tally> = { succeeded, cancelled, failed: failed.length };
    for (const [state, tasks] of Object.entries(ended))
      if (tasks > 0) metrics.count('drover_finished_tasks_total', { state }, tasks);
    this.#deaths.finished(batch, header, failed, attempts);
  }

  #logRemoved(commands: readonly Command[]): void {
    const removed = commands.filter((command) => command.kind === 'remove');
    if (removed.length === 0) return;
    const { log } = this.#context;
    let tasks = 0;
    for (const command of removed) {
      tasks += command.tasks;
      this.#dead.batches += Number(command.failed > 0);
      this.#dead.tasks += command.failed;
    }
    log.event('retention.removed', { batches: removed.length, tasks });
    // Removals that are due together are one log line, however many plans they take.
    if (this.#dead.tasks === 0 || (removed.length >= MAX_REMOVALS && this.#dead.tasks < DEAD_A_LINE)) return;
    log.event('retention.dead-removed', this.#dead);
    this.#dead = { batches: 0, tasks: 0 };
  }
}
