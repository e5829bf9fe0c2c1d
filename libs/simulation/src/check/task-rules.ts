import {
  countOf,
  foldEnd,
  indexesOf,
  NO_PROGRESS,
  taskId,
  type AttemptEnd,
  type BatchId,
  type Outcome,
  type Progress,
  type Range,
  type TaskId,
  type TaskOptions,
} from '@drover/core';
import {
  assignmentName,
  decodeBatch,
  decodeRecord,
  decodeResult,
  keyPath,
  optionsAt,
  parseAssignmentName,
  parseResultName,
  parseTasksPath,
  ROOTS,
  type BatchHeader,
  type ResultName,
} from '@drover/protocol';
import type { Findings } from './findings.js';
import { isOwnId } from './leader-rules.js';
import type { ZnodeChange, ZnodeWrite } from './znode-change.js';

export interface TaskState {
  readonly id: TaskId;
  progress: Progress;
  final: 'succeeded' | 'failed' | 'cancelled' | null;
  /** The assignment that has it now. */
  out: string | null;
  /** The assignment of the next attempt, which was begun beside that one. */
  copy: string | null;
  /** An operator has retried it, at least once. */
  isRequeued: boolean;
  /** It was lost at least twice, the last time by the death of its worker while few workers died. */
  isDeadly: boolean;
  /** Path of its deduplication key; `null`: it has none. */
  guard: string | null;
  successes: number;
  /** Of a draft, and never handed out: it may be removed as it is, and nobody waits for its end. */
  isDraft: boolean;
}

interface BatchState {
  header: BatchHeader;
  readonly tasks: TaskState[];
}

interface AssignmentState {
  readonly worker: string;
  readonly batch: BatchId;
  readonly tasks: readonly Range[];
  readonly attempt: number;
}

/**
 * The rules about every task, checked on the committed transactions alone: one success is accepted, of the attempt that
 * was out; a task is never out twice; attempts grow; a batch is finished and removed only when its tasks have ended.
 */
export class TaskRules {
  readonly #findings: Findings;
  readonly #epoch: () => number;
  readonly #isTimeRight: boolean;
  readonly #batches = new Map<BatchId, BatchState>();
  /** Batches that retention has removed. */
  readonly #removed = new Map<BatchId, BatchState>();
  readonly #assignments = new Map<string, AssignmentState>();
  /** By the number that the client gave the submit. */
  readonly #submits = new Map<number, TaskId>();
  /** By the path of the key, the tasks that it guards. */
  readonly #keys = new Map<string, TaskState[]>();
  /** Tasks that the current transaction changes. */
  readonly #touched = new Set<TaskState>();
  /** ... and requeues, without their keys. */
  readonly #withoutKey: TaskState[] = [];
  /** By path of the assignment, the path of the other attempt at its task. */
  readonly #rivals = new Map<string, string>();
  #count = 0;
  /** Fencing tokens of attempts that were begun beside another one. */
  readonly #copies = new Set<bigint>();
  #preempted = 0;
  #revoked = 0;
  #unended = 0;

  readonly #maxPreemptions: number;

  /** `isTimeRight`: ZooKeeper's clock is not moved. */
  constructor(findings: Findings, epoch: () => number, isTimeRight: boolean, maxPreemptions: number) {
    this.#findings = findings;
    this.#epoch = epoch;
    this.#isTimeRight = isTimeRight;
    this.#maxPreemptions = maxPreemptions;
  }

  /** `undefined`: it never was in ZooKeeper. */
  task(batch: BatchId, index: number): TaskState | undefined {
    return (this.#batches.get(batch) ?? this.#removed.get(batch))?.tasks[index];
  }

  isRemoved(batch: BatchId): boolean {
    return this.#removed.has(batch);
  }

  /** All that ever were. */
  get count(): number {
    return this.#count;
  }

  /** Assignments that somebody else than their worker has deleted. */
  get revoked(): number {
    return this.#revoked;
  }

  /** By paths of assignments: each names the other. */
  areRivals(assignment: string, other: string): boolean {
    return this.#rivals.get(assignment) === other && this.#rivals.get(other) === assignment;
  }

  /** Attempts that were begun beside one that went on. */
  get copies(): number {
    return this.#copies.size;
  }

  /** By the fencing token. */
  isOfCopy(token: bigint): boolean {
    return this.#copies.has(token);
  }

  /** Attempts that made room for others. */
  get preempted(): number {
    return this.#preempted;
  }

  get unendedCount(): number {
    return this.#unended;
  }

  unended(): TaskState[] {
    return [...this.#batches.values()].flatMap(({ tasks }) =>
      tasks.filter(({ final, isDraft }) => final === null && !isDraft),
    );
  }

  get batches(): number {
    return this.#batches.size;
  }

  get assignments(): number {
    return this.#assignments.size;
  }

  see(change: ZnodeChange): void {
    if (change.isSessionEnd) return;
    for (const write of change.writes) this.#write(write, change);
    // The transaction that deletes an assignment must also account for its tasks.
    for (const { op, path } of change.writes)
      if (op === 'delete' && isAssignment(path)) this.#assignmentGone(path, change);
    // One that is cancelled with that transaction needs none.
    for (const { id, final } of this.#withoutKey.splice(0))
      this.#findings.expect(final !== null, () => `task ${id} was requeued without its key`);
    for (const task of this.#touched) {
      this.#isInOnePlace(task);
      this.#isOnlyOne(task);
    }
    this.#touched.clear();
  }

  /** A task is exactly one of pending, out (at an assignment that exists) and ended. */
  #isInOnePlace({ id, out, final }: TaskState): void {
    if (out === null) return;
    this.#findings.expect(this.#assignments.has(out), () => `task ${id} is out at ${out}, which is not there`);
    this.#findings.expect(final === null, () => `task ${id} has ${final ?? ''}, and is out at ${out}`);
  }

  #write(write: ZnodeWrite, change: ZnodeChange): void {
    const { op, path } = write;
    if (op === 'create' && isAssignment(path)) this.#assigned(path, write.data, change);
    if (isAssignment(path)) this.#rivalled(write);
    if (op === 'delete' && path.startsWith(`${ROOTS.keys}/`) && path.split('/').length === 4) this.#keyGone(path);
    const at = parseTasksPath(path);
    if (at === null) return;
    if (at.result === null) {
      if (op === 'create') this.#submitted(at.batch, path, write.data, change);
      else if (op === 'set') this.#rewritten(at.batch, path, write.data);
      else if (op === 'delete') this.#batchGone(at.batch);
    } else if (op === 'create') this.#reported(at.batch, at.result, path, write.data, change);
  }

  #submitted(batch: BatchId, path: string, data: Buffer, { writes }: ZnodeChange): void {
    const decoded = decodeBatch(path, data);
    const { header } = decoded;
    this.#findings.expect(!this.#removed.has(batch), () => `batch ${batch} came back after its removal`);
    const isDraft = header.draft !== undefined;
    const tasks = Array.from({ length: header.count }, (_, index) => ({ ...newTask(taskId(batch, index)), isDraft }));
    for (const [index, task] of tasks.entries()) {
      this.#submittedOnce(task, decoded.payload(index));
      const { key } = optionsAt(header.groups, index);
      if (key === null) continue;
      const guard = keyPath(header.queue, key);
      task.guard = guard;
      const isGuarded = takes(writes, guard);
      this.#findings.expect(isGuarded, () => `task ${task.id} was submitted without its key`);
      this.#touched.add(task);
      this.#keys.set(guard, [...(this.#keys.get(guard) ?? []), task]);
    }
    this.#batches.set(batch, { header, tasks });
    this.#count += tasks.length;
    if (!isDraft) this.#unended += tasks.length;
  }

  /** One submit makes one task, however often the client repeats the write. */
  #submittedOnce({ id }: TaskState, payload: string | undefined): void {
    const { submit } = JSON.parse(payload ?? '{}') as { submit?: number };
    if (submit === undefined) return;
    const before = this.#submits.get(submit);
    this.#findings.expect(before === undefined, () => `one submit made two tasks: ${before ?? ''} and ${id}`);
    this.#submits.set(submit, id);
  }

  /** A key guards its task until that has ended. */
  #keyGone(path: string): void {
    for (const { id, final } of this.#keys.get(path) ?? [])
      if (final === null) this.#findings.add(`the key of task ${id} was removed before the task ended`);
  }

  /** At most one of the tasks with the same key is unfinished. */
  #isOnlyOne({ guard }: TaskState): void {
    if (guard === null) return;
    const unfinished = (this.#keys.get(guard) ?? []).filter(({ final }) => final === null);
    const ids = (): string => unfinished.map(({ id }) => id).join(', ');
    this.#findings.expect(unfinished.length <= 1, () => `tasks of one key are unfinished at the same time: ${ids()}`);
  }

  #rewritten(batch: BatchId, path: string, data: Buffer): void {
    const state = this.#batches.get(batch);
    if (state === undefined) return;
    const { header } = decodeBatch(path, data);
    const wasFinished = state.header.finished !== undefined;
    state.header = header;
    if (header.finished === undefined) {
      if (wasFinished) this.#reopened(state);
      return;
    }
    const count = { succeeded: 0, failed: 0, cancelled: 0 };
    for (const { id, final } of state.tasks) {
      if (final === null) this.#findings.add(`batch ${batch} was finished, task ${id} has not ended`);
      else count[final]++;
    }
    const { succeeded, failed, cancelled } = header.finished;
    for (const index of indexesOf(header.cancelled ?? []))
      if (state.tasks[index]?.final !== 'cancelled') this.#findings.add(`task ${index} of ${batch} was not cancelled`);
    const agrees = succeeded === count.succeeded && failed === count.failed && cancelled === count.cancelled;
    this.#findings.expect(
      agrees,
      () => `batch ${batch} was finished with ${JSON.stringify(header.finished)}, it is ${JSON.stringify(count)}`,
    );
  }

  /** Some of the failed tasks that the batch has kept will run again; a record of the leader says which. */
  #reopened({ header, tasks }: BatchState): void {
    for (const [at, index] of (header.kept ?? []).entries()) {
      const task = tasks[index];
      if (task === undefined) continue;
      this.#findings.expect(task.final === 'failed', () => `task ${task.id} was kept as failed, it is not`);
      const before = task.progress.attempt;
      const attempt = header.attempts?.[at] ?? before;
      this.#findings.expect(attempt >= before, () => `task ${task.id}: attempt ${attempt} is kept, it had ${before}`);
    }
  }

  #batchGone(batch: BatchId): void {
    const state = this.#batches.get(batch);
    if (state === undefined) return;
    this.#batches.delete(batch);
    this.#removed.set(batch, state);
    for (const { id, final, isDraft } of state.tasks)
      this.#findings.expect(final !== null || isDraft, () => `task ${id} was removed before it ended`);
  }

  #rivalled(write: ZnodeWrite): void {
    const { op, path } = write;
    if (op === 'check') return;
    const rival = op === 'delete' ? undefined : decodeRecord('assignment', path, write.data).rival;
    if (rival === undefined) this.#rivals.delete(path);
    else this.#rivals.set(path, `${ROOTS.assignments}/${rival}`);
  }

  #assigned(path: string, data: Buffer, change: ZnodeChange): void {
    const [, , worker = '', name = ''] = path.split('/');
    const { batch, tasks, attempt, rival, isCopy } = decodeRecord('assignment', path, data);
    const epoch = parseAssignmentName(name)?.epoch;
    this.#findings.expect(epoch === this.#epoch(), () => `assignment ${name} was made in epoch ${this.#epoch()}`);
    this.#assignments.set(name, { worker, batch, tasks, attempt });
    for (const index of indexesOf(tasks)) {
      const task = this.#batches.get(batch)?.tasks[index];
      if (task === undefined) this.#findings.add(`assignment ${name} is of a task that is not there: ${index}`);
      else if (isCopy === true) this.#copied(task, { name, path, attempt, rival: rival ?? '' }, change);
      else this.#handedOut(task, name, attempt);
    }
    if (this.#isTimeRight) this.#isAlone(worker);
  }

  /** No task that may have killed two workers is beside another one, unless it has waited for long. */
  #isAlone(worker: string): void {
    const out = [...this.#assignments]
      .filter(([, assignment]) => assignment.worker === worker)
      .flatMap(([name, { batch, tasks }]) => this.#tasksOf(batch, tasks).filter((task) => task.out === name));
    const deadly = out.find(({ isDeadly }) => isDeadly);
    const beside = (): string => out.map(({ id }) => id).join(', ');
    this.#findings.expect(
      deadly === undefined || out.length === 1,
      () => `task ${deadly?.id ?? ''} was lost twice, and is at ${worker} beside others: ${beside()}`,
    );
  }

  #tasksOf(batch: BatchId, tasks: readonly Range[]): TaskState[] {
    return [...indexesOf(tasks)].map((index) => this.task(batch, index)).filter((task) => task !== undefined);
  }

  #handedOut(task: TaskState, name: string, attempt: number): void {
    const { id, out, final, progress } = task;
    this.#findings.expect(out === null, () => `task ${id} was assigned twice at the same time: ${out ?? ''}, ${name}`);
    this.#findings.expect(final === null, () => `task ${id} was assigned (${name}) after it had ${final ?? ''}`);
    const grows = attempt > progress.attempt;
    this.#findings.expect(grows, () => `task ${id}: attempt ${attempt} (${name}) after ${progress.attempt}`);
    task.out = name;
    if (task.isDraft) this.#unended++;
    task.isDraft = false;
    this.#touched.add(task);
  }

  /** A copy is the next attempt of a task that is out, at another worker, and both are told of each other in one transaction. */
  #copied(
    task: TaskState,
    { name, path, attempt, rival }: { name: string; path: string; attempt: number; rival: string },
    { zxid, writes }: ZnodeChange,
  ): void {
    const { id, out, copy, final, progress } = task;
    this.#copies.add(zxid);
    this.#findings.expect(copy === null, () => `task ${id} has two copies: ${copy ?? ''}, ${name}`);
    this.#findings.expect(final === null, () => `task ${id} was copied (${name}) after it had ${final ?? ''}`);
    const other = `${ROOTS.assignments}/${rival}`;
    const beside = rival.slice(rival.indexOf('/') + 1);
    this.#findings.expect(beside === out, () => `${name} is a copy of ${rival}, task ${id} is out at ${out ?? 'none'}`);
    const of = this.#assignments.get(beside);
    this.#findings.expect(
      attempt > progress.attempt && attempt === (of?.attempt ?? 0) + 1 && !path.includes(`/${of?.worker ?? ''}/`),
      () => `${name} is attempt ${attempt} of task ${id}, beside attempt ${of?.attempt ?? 'none'} of ${rival}`,
    );
    const isTold = writes.some((write) => write.op === 'set' && write.path === other);
    this.#findings.expect(isTold, () => `${name} is a copy of ${rival}, which was not told`);
    task.copy = name;
    this.#touched.add(task);
  }

  #reported(batch: BatchId, result: string, path: string, data: Buffer, change: ZnodeChange): void {
    const name = parseResultName(result);
    const state = this.#batches.get(batch);
    if (name === null || state === undefined) {
      this.#findings.add(`a result of no batch: ${path}`);
      return;
    }
    const { header, ends } = decodeResult(path, data);
    const assignment = assignmentName(batch, name);
    if (name.part !== 'end') this.#ownReport(assignment, name, header.attempt, change);
    for (const end of ends) {
      const task = state.tasks[end.index];
      if (task === undefined) this.#findings.add(`${path} tells of a task that is not there: ${end.index}`);
      else {
        if (name.part !== 'end') this.#endedAt(task, assignment);
        if (end.outcome === 'succeeded' && task.copy !== null) this.#outran(task, assignment, change);
        const hadCopy = task.copy !== null;
        leave(task, assignment);
        this.#fold(state, task, { ...end, attempt: header.attempt }, change);
        // The loser is taken away, and nothing is told of it.
        if (hadCopy && task.final !== null) Object.assign(task, { out: null, copy: null });
        if (end.outcome !== 'returned')
          task.isDeadly = end.outcome === 'lost' && header.death !== undefined && task.progress.losses > 1;
      }
    }
  }

  /** A worker's report counts only while the assignment is there, and it is its own. */
  #ownReport(id: string, { part }: ResultName, attempt: number, { sessionId, writes }: ZnodeChange): void {
    const known = this.#assignments.get(id);
    if (known === undefined) {
      this.#findings.add(`a result was accepted for ${id}, which is not out`);
      return;
    }
    const path = `${ROOTS.assignments}/${known.worker}/${id}`;
    const isTied = writes.some((write) => write.path === path && (write.op === 'delete' || write.op === 'check'));
    this.#findings.expect(isTied, () => `a result of ${id} was written without its assignment`);
    this.#findings.expect(isOwnId(known.worker, sessionId), () => `a result of ${id} was written by somebody else`);
    const isIts = known.attempt === attempt;
    this.#findings.expect(isIts, () => `a result of ${id}.${part} is of attempt ${attempt}, not ${known.attempt}`);
  }

  #endedAt(task: TaskState, assignment: string): void {
    const { id, out, copy, final } = task;
    const isIts = out === assignment || copy === assignment;
    this.#findings.expect(isIts, () => `${assignment} told an end of task ${id}, out at ${out ?? 'none'}`);
    this.#findings.expect(final === null, () => `${assignment} told an end of task ${id}, which had ${final ?? ''}`);
  }

  /** Of two attempts at once the copy succeeds only with the end of the other. */
  #outran({ id, out, copy }: TaskState, assignment: string, { writes }: ZnodeChange): void {
    if (assignment !== copy) return;
    const isOver = writes.some(({ op, path }) => op === 'delete' && path.endsWith(`/${out ?? ''}`));
    this.#findings.expect(isOver, () => `${assignment} succeeded, a copy of task ${id}, and ${out ?? ''} is left`);
  }

  #fold({ header }: BatchState, task: TaskState, end: AttemptEnd & { index: number }, { writes }: ZnodeChange): void {
    const { index, outcome } = end;
    this.#touched.add(task);
    const { progress, final } = task;
    const verdict = foldEnd({ progress, isOver: final !== null }, end, () => optionsAt(header.groups, index), task.id);
    if (verdict === null) return;
    this.#endsInTime(task, outcome, optionsAt(header.groups, index));
    task.progress = verdict.progress;
    if (outcome === 'requeued') {
      task.isRequeued = true;
      const { guard } = task;
      const hasKey = guard === null || takes(writes, guard);
      if (!hasKey) this.#withoutKey.push(task);
      this.#finish(task, null);
    } else if (verdict.state === 'succeeded' || verdict.state === 'failed' || verdict.state === 'cancelled')
      this.#finish(task, verdict.state);
    if (outcome === 'succeeded') task.successes++;
    if (outcome === 'preempted') this.#preempted++;
    const { preemptions } = task.progress;
    const isBound = preemptions <= this.#maxPreemptions;
    this.#findings.expect(isBound, () => `task ${task.id} made room for others ${preemptions} times`);
    this.#findings.expect(task.successes <= 1, () => `task ${task.id} succeeded ${task.successes} times`);
  }

  /** Only what may expire or has a deadline ends so, and nothing expires that may have begun. */
  #endsInTime({ id, progress }: TaskState, outcome: Outcome, { expiresMs, deadlineMs }: TaskOptions): void {
    if (outcome === 'exceeded') this.#findings.expect(deadlineMs !== null, () => `task ${id} has no deadline`);
    if (outcome !== 'expired') return;
    this.#findings.expect(expiresMs !== null, () => `task ${id} expired, which nobody asked for`);
    this.#findings.expect(progress.attempt === 0, () => `task ${id} expired after attempt ${progress.attempt}`);
  }

  #finish(task: TaskState, final: TaskState['final']): void {
    if (!task.isDraft) this.#unended += Number(final === null) - Number(task.final === null);
    task.final = final;
  }

  #assignmentGone(path: string, { zxid, sessionId }: ZnodeChange): void {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const known = this.#assignments.get(name);
    this.#assignments.delete(name);
    if (known === undefined) return;
    if (!isOwnId(known.worker, sessionId)) this.#revoked++;
    const left = [...indexesOf(known.tasks)].filter((index) => isAt(this.task(known.batch, index), name));
    const text = `${left.length} of ${countOf(known.tasks)} tasks of ${name} have no end, it is gone (zxid ${zxid})`;
    const isAccounted = left.every((index) => this.task(known.batch, index)?.copy === name);
    this.#findings.expect(isAccounted || !this.#batches.has(known.batch), () => text);
    for (const index of left) {
      const task = this.task(known.batch, index);
      if (task !== undefined) leave(task, name);
    }
  }
}

/** Whether the writes create the key, or check that it is still the task's own. */
const takes = (writes: readonly ZnodeWrite[], guard: string): boolean =>
  writes.some(({ op, path }) => path === guard && (op === 'create' || op === 'check'));

const isAt = (task: TaskState | undefined, assignment: string): boolean =>
  task?.out === assignment || task?.copy === assignment;

/** The task is not there any more. Without the attempt that it was a copy of, a copy is the one that has the task. */
function leave(task: TaskState, assignment: string): void {
  if (task.copy === assignment) task.copy = null;
  if (task.out !== assignment) return;
  task.out = task.copy;
  task.copy = null;
}

const isAssignment = (path: string): boolean =>
  path.startsWith(`${ROOTS.assignments}/`) && path.split('/').length === 4;

function newTask(id: TaskId): TaskState {
  return {
    id,
    progress: NO_PROGRESS,
    final: null,
    out: null,
    copy: null,
    isRequeued: false,
    isDeadly: false,
    guard: null,
    successes: 0,
    isDraft: false,
  };
}
