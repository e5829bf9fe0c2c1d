import { countOf, LIMITS, taskId, type BatchId } from '@drover/core';
import { MAX_REMOVALS, type Command, type Tally } from '@drover/planner';
import { batchPath, decodeBatch, decodeRecord, keyPath, optionsAt, type BatchHeader } from '@drover/protocol';
import { nullOn } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import type { TasksFeed } from '../facts/tasks-feed.js';
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
} from './operations.js';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** Room for the fence and for what else the multi carries. */
const REMOVE_PIECE = LIMITS.multiOperations - 1;
/** Removed failed tasks that one line of the log tells of, at most about. */
const DEAD_A_LINE = 10_000;

/** Makes the planner's commands true in ZooKeeper, in their order. */
export class CarryOut {
  readonly #context: TermContext;
  readonly #tasks: TasksFeed;
  readonly #assignments: Assignments;
  readonly #order = new BatchOrder();
  /** Failed tasks that were removed, and not yet told. */
  #dead = { batches: 0, tasks: 0 };

  constructor(context: TermContext, tasks: TasksFeed, assignments: Assignments) {
    this.#context = context;
    this.#tasks = tasks;
    this.#assignments = assignments;
  }

  all(commands: readonly Command[]): void {
    for (const command of commands) this.#one(command);
    this.#logRemoved(commands);
  }

  /** Resolves when every command so far is handed to the writer. */
  async settled(): Promise<void> {
    await this.#order.settled();
  }

  #one(command: Command): void {
    switch (command.kind) {
      case 'assign':
        return this.#assign(command);
      case 'revoke':
        return this.#inOrder(command.assignment.batch, () => this.#aside(this.#revoke(command)));
      case 'notify':
        return this.#inOrder(command.assignment.batch, () => this.#aside(this.#notify(command)));
      case 'record':
        return this.#inOrder(command.batch, () => this.#record(command));
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

  /** Its operations are handed in: what follows in its batch need not wait for the answer. */
  #aside(step: Promise<void>): undefined {
    void step.catch((error: unknown) => this.#context.broken(error));
  }

  #inOrder(batch: BatchId, step: () => Promise<void> | undefined): void {
    this.#order.run(batch, () =>
      this.#context.active() ? step()?.catch((error: unknown) => this.#context.broken(error)) : undefined,
    );
  }

  /** Not before the batch is opened again, where it had been finished. */
  #assign(command: CommandOf<'assign'>): void {
    const { writer, epoch, metrics } = this.#context;
    const { assignment } = command;
    this.#assignments.handedOut(assignment);
    this.#inOrder(assignment.batch, () => {
      writer.write(assignOperations(command, epoch));
      return undefined;
    });
    const queue = this.#tasks.header(assignment.batch)?.queue ?? '';
    metrics.count('drover_assigned_tasks_total', { queue }, countOf(assignment.tasks));
  }

  async #revoke(command: CommandOf<'revoke'>): Promise<void> {
    const { writer, clock, planner, log, metrics } = this.#context;
    const { assignment, reason } = command;
    const at = clock.now();
    this.#assignments.revoking(assignment.id);
    let answer = await writer.attempt(revokeOperations(command, at));
    // The batch itself is gone: there is nowhere to write the ends, and nobody to read them.
    if (answer?.applied === false && answer.failedIndex === 1)
      answer = await writer.attempt(revokeOperations({ ...command, ends: [] }, at));
    if (answer === null || !this.#context.active()) return;
    const { id, worker, batch, attempt } = assignment;
    this.#assignments.revoked(assignment, answer.applied);
    // A part may have been accepted before it was taken away. We have heard of it by now, for events come in the order of
    // the transactions, and what it says goes before our ends; but it may be still to be read.
    await this.#tasks.caughtUp();
    if (!this.#context.active()) return;
    if (!answer.applied) planner.assignmentGone(id);
    else {
      planner.result({ batch, assignment: id, ends: command.ends, attempt, at, last: true });
      log.event('assignment.revoked', { assignment: id, worker, tasks: countOf(assignment.tasks), reason });
      metrics.count('drover_revoked_assignments_total', { reason });
    }
    this.#context.replan();
  }

  async #notify(command: CommandOf<'notify'>): Promise<void> {
    const { writer, planner, epoch } = this.#context;
    const answer = await writer.attempt(notifyOperations(command, epoch));
    if (answer?.applied !== false || !this.#context.active()) return;
    planner.assignmentGone(command.assignment.id);
    this.#context.replan();
  }

  #record(command: CommandOf<'record'>): undefined {
    const { writer, epoch, leader, clock } = this.#context;
    this.#tasks.writing(command.batch, recordName(command, epoch));
    writer.write(recordOperations(command, epoch, leader, clock.now()));
  }

  /** Nobody but a leader deletes keys, so what was read is still so when the multi is applied, unless we are fenced. */
  async #releaseKey({ queue, key, batch, index }: CommandOf<'release-key'>): Promise<void> {
    const { zk, writer } = this.#context;
    const path = keyPath(queue, key);
    const znode = await nullOn(zk.get(path), 'NO_NODE');
    if (znode === null || !this.#context.active()) return;
    try {
      if (decodeRecord('key', path, znode.data).task !== taskId(batch, index)) return;
    } catch (error) {
      // It guards nothing that anybody could name: better no key than one that is never free again.
      reportInvalid(this.#context, path, error);
    }
    void writer.attempt([{ op: 'delete', path, version: znode.stat.version }]);
  }

  #finish(command: CommandOf<'finish'>): Promise<void> | undefined {
    const before = this.#tasks.header(command.batch);
    if (before === undefined) return undefined;
    const header = finishedHeader(before, command, this.#context.clock.now());
    this.#count(command, before);
    if (command.failed.length > 0) return this.#rewriteWithBody(command.batch, header);
    this.#tasks.rewritten(command.batch, header);
    this.#context.writer.writeLazily(rewriteOperations(command.batch, header, null));
    return undefined;
  }

  #reopen({ batch }: CommandOf<'reopen'>): Promise<void> | undefined {
    const before = this.#tasks.header(batch);
    return before === undefined ? undefined : this.#rewriteWithBody(batch, reopenedHeader(before));
  }

  async #rewriteWithBody(batch: BatchId, header: BatchHeader): Promise<void> {
    const path = batchPath(batch);
    const znode = await nullOn(this.#context.zk.get(path), 'NO_NODE');
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
    this.#context.writer.write(rewriteOperations(batch, header, body));
  }

  #remove({ batch }: CommandOf<'remove'>): Promise<void> | undefined {
    const children = this.#tasks.childrenOf(batch);
    if (children === null) return this.#removeUnknown(batch);
    this.#removeWith(batch, children);
    return undefined;
  }

  async #removeUnknown(batch: BatchId): Promise<void> {
    const children = await nullOn(this.#context.zk.children(batchPath(batch)), 'NO_NODE');
    if (children === null) this.#tasks.forget(batch);
    else if (this.#context.active()) this.#removeWith(batch, children);
  }

  #removeWith(batch: BatchId, children: readonly string[]): void {
    const { writer, metrics } = this.#context;
    metrics.count('drover_removed_tasks_total', {}, this.#tasks.header(batch)?.count ?? 0);
    this.#tasks.forget(batch);
    for (const piece of removeOperations(batch, children, REMOVE_PIECE)) writer.writeLazily(piece);
  }

  #count(command: CommandOf<'finish'>, header: BatchHeader): void {
    const { log, metrics } = this.#context;
    const { batch, failed, attempts, succeeded, cancelled } = command;
    const ended: Partial<Tally> = { succeeded, cancelled, failed: failed.length };
    for (const [state, tasks] of Object.entries(ended))
      if (tasks > 0) metrics.count('drover_finished_tasks_total', { state }, tasks);
    failed.forEach((index, i) => {
      const { type } = optionsAt(header.groups, index);
      log.event('task.dead', { task: taskId(batch, index), type, attempts: attempts[i] ?? 1 });
    });
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
    // What is due together goes in one line, however many plans it takes.
    if (this.#dead.tasks === 0 || (removed.length >= MAX_REMOVALS && this.#dead.tasks < DEAD_A_LINE)) return;
    log.event('retention.dead-removed', this.#dead);
    this.#dead = { batches: 0, tasks: 0 };
  }
}
