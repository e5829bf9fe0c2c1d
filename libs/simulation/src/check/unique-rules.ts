import { indexesOf, isLeaderDecided, parseTaskId, taskId, type TaskId, type UniquePolicy } from '@drover/core';
import { decodeBatchHeader, decodeRecord, decodeResult, optionsAt, parseTasksPath, ROOTS } from '@drover/protocol';
import type { Findings } from './findings.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange } from './znode-change.js';

interface UniqueTask {
  readonly task: TaskState;
  readonly unique: UniquePolicy;
  /** The transaction of its submit, and its place in that. */
  readonly zxid: bigint;
  readonly index: number;
  /** The transaction that handed it out last; null: it never was. */
  outAt: bigint | null;
  winner: TaskId | null;
}

/**
 * Of the tasks of a unique key one is handed out at a time; one that was superseded never again; and once more after: for
 * each of them a task of its key was handed out after its submit, unless that ended otherwise. Told by the committed
 * transactions alone, after `TaskRules` has seen them.
 */
export class UniqueRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #tasks = new Map<TaskId, UniqueTask>();
  /** By queue and key; those that may still go out. */
  readonly #keys = new Map<string, Set<UniqueTask>>();
  #superseded = 0;

  constructor(findings: Findings, taskOf: (batch: string, index: number) => TaskState | undefined) {
    this.#findings = findings;
    this.#taskOf = taskOf;
  }

  /** How many tasks ended so. */
  get superseded(): number {
    return this.#superseded;
  }

  see({ writes, zxid, isSessionEnd }: ZnodeChange): void {
    if (isSessionEnd) return;
    for (const write of writes) {
      if (write.op !== 'create') continue;
      const at = parseTasksPath(write.path);
      if (write.path.startsWith(`${ROOTS.assignments}/`) && write.path.split('/').length === 4)
        this.#assigned(write.path, write.data, zxid);
      else if (at?.result === null) this.#submitted(at.batch, write.path, write.data, zxid);
      else if (at !== null) this.#reported(at.batch, write.path, write.data);
    }
  }

  #submitted(batch: string, path: string, data: Buffer, zxid: bigint): void {
    const { queue, count, groups } = decodeBatchHeader(path, data);
    for (let index = 0; index < count; index++) {
      const { unique } = optionsAt(groups, index);
      const task = this.#taskOf(batch, index);
      if (!isLeaderDecided(unique) || task === undefined) continue;
      const entry: UniqueTask = { task, unique, zxid, index, outAt: null, winner: null };
      this.#tasks.set(task.id, entry);
      const name = `${queue} ${unique.key}`;
      this.#keys.set(name, (this.#keys.get(name) ?? new Set()).add(entry));
    }
  }

  #assigned(path: string, data: Buffer, zxid: bigint): void {
    const { batch, tasks } = decodeRecord('assignment', path, data);
    for (const index of indexesOf(tasks)) {
      const entry = this.#tasks.get(taskId(batch, index));
      if (entry === undefined) continue;
      this.#findings.expect(
        entry.winner === null,
        () => `task ${entry.task.id} was handed out after ${entry.winner ?? ''} had superseded it`,
      );
      this.#isAlone(entry);
      entry.outAt = zxid;
    }
  }

  #isAlone(entry: UniqueTask): void {
    for (const others of this.#keys.values()) {
      if (!others.has(entry)) continue;
      for (const other of others) {
        const { id, final, out, progress } = other.task;
        if (final !== null) others.delete(other);
        const isRunning = final === null && (out !== null || progress.attempt > 0);
        if (other !== entry)
          this.#findings.expect(
            !isRunning,
            () => `task ${entry.task.id} was handed out beside ${id} of its unique key`,
          );
      }
      others.add(entry);
    }
  }

  #reported(batch: string, path: string, data: Buffer): void {
    for (const { index, outcome, line } of decodeResult(path, data).ends) {
      const entry = this.#tasks.get(taskId(batch, index));
      if (entry === undefined) continue;
      if (outcome === 'requeued') entry.winner = null;
      // The first word counts: it may have ended before it heard of the one that was to run in its place.
      if (outcome !== 'superseded' || entry.task.final !== 'cancelled') continue;
      const winner = line !== null && 'winner' in line ? line.winner : '';
      this.#findings.expect(parseTaskId(winner) !== null, () => `task ${entry.task.id} was superseded by '${winner}'`);
      entry.winner = winner;
      this.#superseded++;
    }
  }

  /** When every task has ended. */
  checkEnds(): void {
    for (const entry of this.#tasks.values()) {
      const last = this.#lastOf(entry);
      if (entry.winner === null || last?.task.final !== 'succeeded') continue;
      // A submit in a window without a trailing run is dropped.
      const isDropped = entry.unique.mode === 'throttle' && !entry.unique.trailing;
      const isAfter = last.outAt !== null && last.outAt > entry.zxid;
      this.#findings.expect(
        isAfter || isDropped,
        () => `task ${entry.task.id} was superseded, and ${last.task.id} was handed out before its submit`,
      );
    }
  }

  #lastOf(entry: UniqueTask): UniqueTask | null {
    const seen = new Set<UniqueTask>();
    let last = entry;
    while (last.winner !== null) {
      if (seen.has(last)) {
        this.#findings.add(`task ${entry.task.id} was superseded by itself in the end`);
        return null;
      }
      seen.add(last);
      const next = this.#tasks.get(last.winner);
      if (next === undefined) {
        this.#findings.add(`task ${last.task.id} was superseded by ${last.winner}, which never was`);
        return null;
      }
      last = next;
    }
    return last;
  }
}
