import { countOf, isFinal, LIMITS, parseTaskId, RecordError, taskId, type BatchId, type RangeEnd } from '@drover/core';
import type { Refusal } from '@drover/coordination';
import { MAX_REMOVALS, type AssignmentFact, type Command, type RevokeReason } from '@drover/planner';
import {
  batchPath,
  broadcastPartPath,
  decodeBatch,
  decodeRecord,
  keyPath,
  payloadsOf,
  requestKeyPath,
  resultPath,
  workerName,
  type BatchHeader,
} from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { Deaths } from '../facts/deaths.js';
import { readable } from '../facts/readable.js';
import type { WorkersWatcher } from '../facts/workers-watcher.js';
import type { Limits } from '../limits/limits.js';
import { refusedBackoff } from '../term/backoff.decide.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { BatchOrder } from './batch-order.js';
import {
  assignOperations,
  copyOperations,
  finishedHeader,
  moveOperations,
  notifyOperations,
  purgedHeader,
  recordName,
  recordOperations,
  removeOperations,
  reopenedHeader,
  revokeOperations,
  rewriteOperations,
  tellDeadOperations,
  type Asked,
  type KnownError,
} from './operations.js';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** Children that one multi removes: it has room for the fence besides. */
const REMOVE_PIECE = LIMITS.multiOperations - 1;
/** About how many removed failed tasks are counted, at most, before a line of the log tells of them. */
const DEAD_A_LINE = 10_000;

/** A worker from which work is taken for one of these was to end it by itself, and has not. */
const SILENCE: ReadonlySet<RevokeReason> = new Set(['timed-out', 'cancelled', 'exceeded', 'superseded', 'preempted']);

/** Goes in the transaction that removes a batch: the key of the request that made it, the mark below its broadcast. */
interface Beside {
  readonly requestKey?: string | undefined;
  readonly mark?: string | undefined;
}

export interface CommandExecutorOptions {
  context: TermContext;
  tasks: TasksWatcher;
  assignments: Assignments;
  workers: Pick<WorkersWatcher, 'avoid'>;
  deaths: Deaths;
  limits: Pick<Limits, 'before' | 'reserve'>;
  newBatchId: () => BatchId;
}

/**
 * Writes the planner's commands to ZooKeeper, in their order.
 *
 * The term goes on when ZooKeeper refuses a write for a reason of its own (no permission, a quota, too large). Tasks
 * that could not be handed out are free again, and their worker is given nothing for a while. Every other write is
 * repeated until it succeeds, and later commands for the same batch wait for it, because the planner takes it for done.
 * The term ends when a znode that only the leader creates is there already: then somebody writes into the tree by hand.
 */
export class CommandExecutor {
  readonly #context: TermContext;
  readonly #tasks: TasksWatcher;
  readonly #assignments: Assignments;
  readonly #workers: Pick<WorkersWatcher, 'avoid'>;
  readonly #deaths: Deaths;
  readonly #limits: CommandExecutorOptions['limits'];
  readonly #newBatchId: () => BatchId;
  readonly #order: BatchOrder;
  /** Assignments whose workers were asked to hand back. */
  readonly #recalled = new WeakSet<AssignmentFact>();
  /** Failed tasks that were removed and are not logged yet. */
  #dead = { batches: 0, tasks: 0 };
  #removalsRefused = 0;

  constructor({ context, tasks, assignments, workers, deaths, limits, newBatchId }: CommandExecutorOptions) {
    this.#context = context;
    this.#order = new BatchOrder((error) => context.broken(error));
    this.#tasks = tasks;
    this.#assignments = assignments;
    this.#workers = workers;
    this.#deaths = deaths;
    this.#limits = limits;
    this.#newBatchId = newBatchId;
  }

  /** `asked`: the client that asked for the commands that cancel or retry tasks, and its reason. */
  all(commands: readonly Command[], asked: Asked = {}): void {
    this.#logRemoved(commands);
    for (const command of commands) this.#one(command, asked);
  }

  /** Batches that stay, since ZooKeeper refused to remove them. */
  get removalsRefused(): number {
    return this.#removalsRefused;
  }

  /** Resolves when every command so far for these batches is handed to the writer, and none waits to be repeated. */
  async settled(batches: Iterable<BatchId>): Promise<void> {
    await this.#order.settled(batches);
  }

  #one(command: Command, asked: Asked): void {
    switch (command.kind) {
      case 'assign':
        return this.#assign(command);
      case 'copy':
        return this.#inOrder(command.assignment.batch, () => this.#aside(this.#copy(command)));
      case 'reserve':
        return this.#limits.reserve(command);
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
      case 'move':
        return this.#inOrder(command.batch, () => this.#move(command, asked));
      case 'tell-dead':
        return this.#inOrder(command.batch, () => this.#tellDead(command));
      case 'purge':
        return this.#inOrder(command.batch, () => this.#purge(command));
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

  /** The operations of `step` are handed to the writer: later commands for its batch need not wait for the answer. */
  #aside(step: Promise<void>): undefined {
    inBackground(step, (error) => this.#context.broken(error));
  }

  #inOrder(batch: BatchId, step: () => Promise<void> | undefined): void {
    this.#order.run(batch, () => (this.#context.active() ? step() : undefined));
  }

  /** If the batch was finished, it is opened again first. */
  #assign(command: CommandOf<'assign'>): void {
    const { writer, epoch } = this.#context;
    const { assignment } = command;
    this.#assignments.handedOut(assignment);
    const refused = (refusal: Refusal): void => this.#assignRefused(assignment, refusal);
    const write = (): undefined => {
      writer.write(assignOperations(command, epoch, this.#checkpointsFor(assignment)), {
        key: assignment.batch,
        refused,
      });
    };
    const header = this.#tasks.header(assignment.batch);
    const reserved = this.#limits.before(assignment, header);
    this.#inOrder(assignment.batch, () =>
      reserved === null
        ? write()
        : reserved.then((isAlive) => (isAlive && this.#context.active() ? write() : undefined)),
    );
  }

  /** Begins an attempt beside another one. If that is gone meanwhile, or ZooKeeper refuses, nothing is begun. */
  async #copy(command: CommandOf<'copy'>): Promise<void> {
    const { writer, planner, epoch, clock } = this.#context;
    const { assignment, beside } = command;
    this.#assignments.handedOut(assignment);
    const others = this.#othersOf(beside);
    const operations = copyOperations(command, epoch, others, this.#checkpointsFor(assignment));
    const answer = await writer.attempt(operations, { key: assignment.batch });
    if (answer?.applied !== false || !this.#context.active()) return;
    if (answer.code !== 'NO_NODE') this.#context.refused(answer);
    this.#assignments.over(assignment);
    const { id, batch, attempt } = assignment;
    planner.result({ batch, assignment: id, ends: [], attempt, at: clock.now(), last: true });
    this.#context.replan();
  }

  /** Fields of the assignment that stay as they are when it is written again. */
  #othersOf(assignment: AssignmentFact): Readonly<Record<string, unknown>> {
    const checkpoints = this.#checkpointsFor(assignment);
    return { ...(checkpoints && { checkpoints }), ...this.#assignments.othersOf(assignment.id) };
  }

  /** The results in which earlier attempts have left something for these tasks. */
  #checkpointsFor({ attempt, batch, tasks }: AssignmentFact): [number, string][] | undefined {
    return attempt > 1 ? this.#tasks.checkpoints.of(batch, tasks) : undefined;
  }

  /** The assignment was not created: its tasks are free again, and no worker has begun them. */
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

  /** Writes operations that are repeated after a refusal until they succeed. */
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
    if (await this.#pause(1)) await this.#untilApplied(batch, operations, 2);
  }

  /** `tries`: how often it will have been tried with the first one here. */
  async #untilApplied(batch: BatchId, operations: Operation[], tries = 1): Promise<void> {
    for (; ; tries++) {
      const answer = await this.#context.writer.attempt(operations, { key: batch });
      if (answer === null || answer.applied || this.#isSettled(answer)) return;
      this.#context.refused(answer);
      if (!(await this.#pause(tries))) return;
    }
  }

  /** After so many tries. False: the term is over. */
  #pause(tries: number): Promise<boolean> {
    return this.#context.later(refusedBackoff(tries));
  }

  /**
   * Whether repeating is of no use: the batch was removed by hand, or a name of the leader is taken, which ends the
   * term.
   */
  #isSettled({ code, path }: Refusal): boolean {
    if (code === 'NODE_EXISTS') this.#context.fail(`${path} is there already`);
    return code === 'NO_NODE' || code === 'NODE_EXISTS';
  }

  async #revoke(command: CommandOf<'revoke'>): Promise<void> {
    const { clock, planner, log, metrics, flow, silentWorkers } = this.#context;
    const { assignment, reason } = command;
    const at = clock.now();
    this.#assignments.revoking(assignment.id);
    const applied = await this.#takeAway(command, at);
    if (applied === null || !this.#context.active()) return;
    const { id, worker, batch, attempt } = assignment;
    this.#assignments.revoked(assignment, applied);
    // The worker may have reported some of the tasks before the assignment was taken away. This leader has seen the
    // event by now, since events come in the order of the transactions, but it may still have to read the report. The
    // report takes precedence over the ends that are written here.
    await this.#tasks.caughtUp();
    if (!this.#context.active()) return;
    if (!applied) planner.assignmentGone(id);
    else {
      planner.result({ batch, assignment: id, ends: command.ends, attempt, at, last: true });
      const header = this.#tasks.header(batch);
      if (header !== undefined) {
        this.#deaths.taken({ batch, header, attempt, ends: command.ends, isNew: true, worker });
        for (const { from, to, outcome } of command.ends) flow.attemptsEnded(header.queue, outcome, to - from);
      }
      const tasks = countOf(assignment.tasks);
      if (SILENCE.has(reason)) silentWorkers.note({ worker: workerName(worker), at, tasks });
      log.event('assignment.revoked', { assignment: id, worker, tasks, reason });
      metrics.count('drover_revoked_assignments_total', { reason });
    }
    this.#context.replan();
  }

  /** False: too late, the worker's last report was accepted before. `null`: the term is over. */
  async #takeAway(command: CommandOf<'revoke'>, at: number): Promise<boolean | null> {
    const { writer } = this.#context;
    const { batch } = command.assignment;
    let { ends } = command;
    for (let tries = 1; ; tries++) {
      const answer = await writer.attempt(revokeOperations({ ...command, ends }, at), { key: batch });
      if (answer === null || answer.applied) return answer?.applied ?? null;
      const isThere = answer.failedIndex !== 0;
      if (!isThere && answer.code === 'NO_NODE') return false;
      // The batch is gone, or has this end already: the ends need not be written.
      if (isThere && ends.length > 0 && ['NO_NODE', 'NODE_EXISTS'].includes(answer.code)) ends = [];
      else {
        this.#context.refused(answer);
        if (!(await this.#pause(tries))) return null;
      }
    }
  }

  #countRecall({ recall, assignment }: CommandOf<'notify'>): void {
    if (!recall || this.#recalled.has(assignment)) return;
    this.#recalled.add(assignment);
    this.#context.metrics.count('drover_recalled_tasks_total', {}, countOf(assignment.tasks));
  }

  async #notify(command: CommandOf<'notify'>): Promise<void> {
    const { writer, planner, epoch } = this.#context;
    this.#countRecall(command);
    const others = this.#othersOf(command.assignment);
    const operations = notifyOperations(command, epoch, others);
    const answer = await writer.attempt(operations, { key: command.assignment.batch });
    if (answer?.applied !== false || !this.#context.active()) return;
    // The worker is not told: the tasks that it should abort are taken away from it when their time is over.
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

  /**
   * Only a leader deletes keys. So the key is still as it was read when the multi is applied, or the fence refuses it.
   */
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
      // An unreadable key names no task, so nothing would ever release it: it is deleted.
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
    const header = finishedHeader(before, command, { at: this.#context.clock.now(), epoch: this.#context.epoch });
    this.#count(command, before);
    if (payloadsOf(header).length > 0) return this.#rewriteWithBody(command.batch, header);
    this.#tasks.rewritten(command.batch, header);
    this.#write(command.batch, rewriteOperations(command.batch, header, null), 'lazily');
    return undefined;
  }

  #reopen({ batch }: CommandOf<'reopen'>): Promise<void> | undefined {
    const before = this.#tasks.header(batch);
    return before === undefined ? undefined : this.#rewriteWithBody(batch, reopenedHeader(before));
  }

  /** If the batch cannot be read the term ends: this leader takes the tasks for moved. */
  async #move(command: CommandOf<'move'>, asked: Asked): Promise<void> {
    const { epoch, leader, clock, zk } = this.#context;
    const { batch, requeued, n } = command;
    const path = batchPath(batch);
    const header = this.#tasks.header(batch);
    const znode = await readable(this.#context, path, zk.get(path));
    if (!this.#context.active()) return;
    if (header === undefined || znode === null) {
      this.#context.fail(`${path}, whose tasks were to be moved, cannot be read`);
      return;
    }
    const context = { epoch, leader, at: clock.now(), ...asked };
    const operations = moveOperations(command, { header, body: decodeBatch(path, znode.data), context });
    for (const each of requeued === null ? [n] : [requeued, n])
      this.#tasks.writing(batch, recordName({ n: each }, epoch));
    if (header.finished !== undefined) this.#tasks.rewritten(batch, reopenedHeader(header));
    this.#write(batch, operations, 'now');
  }

  /** The batch is finished after this only, so it waits for the answer: nobody looks for untold deaths in a finished one. */
  async #tellDead(command: CommandOf<'tell-dead'>): Promise<void> {
    const { epoch, leader, clock } = this.#context;
    const { batch } = command;
    this.#tasks.writing(batch, recordName(command, epoch));
    const errorOf = (index: number): KnownError | null => this.#deaths.errorOf(batch, index);
    const context = { epoch, leader, at: clock.now() };
    await this.#untilApplied(batch, tellDeadOperations(command, this.#newBatchId(), errorOf, context));
  }

  #purge(command: CommandOf<'purge'>): Promise<void> | undefined {
    const before = this.#tasks.header(command.batch);
    return before === undefined ? undefined : this.#rewriteWithBody(command.batch, purgedHeader(before, command));
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
    return children === null ? this.#removeUnknown(batch) : this.#removeWith(batch, children);
  }

  async #removeUnknown(batch: BatchId): Promise<void> {
    const path = batchPath(batch);
    const children = await readable(this.#context, path, this.#context.zk.children(path));
    if (children === null) this.#tasks.forget(batch);
    else if (this.#context.active()) await this.#removeWith(batch, children);
  }

  #removeWith(batch: BatchId, children: readonly string[]): Promise<void> | undefined {
    const { count = 0, requestKey, broadcast } = this.#tasks.header(batch) ?? {};
    this.#context.metrics.count('drover_removed_tasks_total', {}, count);
    this.#tasks.forget(batch);
    const below = children.map((name) => resultPath(batch, name));
    if (requestKey !== undefined) return this.#removeKeyed(batch, requestKey, below);
    const mark = broadcast === undefined ? undefined : broadcastPartPath(broadcast.id, batch);
    this.#removeAll(batch, { mark }, below, mark === undefined ? [] : [{ op: 'delete', path: mark }]);
    return undefined;
  }

  async #removeKeyed(batch: BatchId, requestKey: string, below: readonly string[]): Promise<void> {
    const key = await this.#ownKey(batch, requestKey);
    if (this.#context.active()) this.#removeAll(batch, { requestKey }, below, key);
  }

  #removeAll(batch: BatchId, beside: Beside, below: readonly string[], ofThem: readonly Operation[]): void {
    const refused = (refusal: Refusal): void => this.#removeRefused(batch, beside, refusal);
    const last: Operation[] = [...ofThem, { op: 'delete', path: batchPath(batch) }];
    for (const piece of removeOperations(below, last, REMOVE_PIECE))
      this.#context.writer.writeLazily(piece, { key: batch, refused });
  }

  /**
   * Deletes the key of the request that made the batch, as it was read. Only a leader deletes keys, but a hand may have: then
   * another request may have the key by now, and it stays. Empty: there is none, or it is of another batch.
   */
  async #ownKey(batch: BatchId, requestKey: string): Promise<Operation[]> {
    const path = requestKeyPath(requestKey);
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    if (znode === null) return [];
    try {
      if (parseTaskId(decodeRecord('key', path, znode.data).task)?.batch !== batch) return [];
    } catch (error) {
      reportInvalid(this.#context, path, error);
      if (error instanceof RecordError && error.isNewer) return [];
      // An unreadable key names no batch, so nothing else would ever remove it.
    }
    return [{ op: 'delete', path, version: znode.stat.version }];
  }

  /** The batch is gone, or has a child that this leader does not know. The next leader removes the rest. */
  #removeRefused(batch: BatchId, { requestKey, mark }: Beside, refusal: Refusal): void {
    if (!this.#context.active()) return;
    if (!['NO_NODE', 'NOT_EMPTY'].includes(refusal.code)) return this.#stays(refusal);
    this.#inOrder(batch, async () => {
      const below = await this.#allBelow(batchPath(batch));
      const own = below.splice(-1).map((path): Operation => ({ op: 'delete', path }));
      const key = requestKey === undefined ? [] : await this.#ownKey(batch, requestKey);
      const marks = mark === undefined ? [] : await this.#allBelow(mark);
      const last = [...key, ...marks.map((path): Operation => ({ op: 'delete', path })), ...own];
      if (last.length === 0) return;
      for (const piece of removeOperations(below, last, REMOVE_PIECE)) {
        if (!this.#context.active()) return;
        const answer = await this.#context.writer.attempt(piece, { key: batch });
        if (answer?.applied === false) {
          this.#stays(answer);
          return;
        }
      }
    });
  }

  /** The batch stays until the next leader tries again. */
  #stays(refusal: Refusal): void {
    this.#removalsRefused++;
    this.#context.refused(refusal);
  }

  /** The paths of the znode and of everything below it, children first; empty: there is no such znode. */
  async #allBelow(path: string): Promise<string[]> {
    const names = await readable(this.#context, path, this.#context.zk.children(path));
    if (names === null) return [];
    const below: string[] = [];
    for (const name of names) below.push(...(await this.#allBelow(`${path}/${name}`)));
    return [...below, path];
  }

  #count({ batch, failed, attempts }: CommandOf<'finish'>, header: BatchHeader): void {
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
