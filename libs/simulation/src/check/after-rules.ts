import { FAILURES, indexesOf, parseTaskId, taskId, type AfterMode, type TaskId } from '@drover/core';
import { decodeBatchHeader, decodeRecord, decodeResult, optionsAt, parseTasksPath, ROOTS } from '@drover/protocol';
import type { Findings } from './findings.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange } from './znode-change.js';

interface Dependant {
  readonly task: TaskState;
  readonly after: readonly TaskId[];
  readonly mode: AfterMode;
}

/**
 * A task that is to run after others is handed out for the first time when all of them have ended as they should, and none
 * is refused for a task that is there and has not ended. Told by the committed transactions alone, after `TaskRules` has
 * seen them.
 */
export class AfterRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #waiting = new Map<TaskId, Dependant>();
  /** They had ended at some time; somebody may have retried them since. */
  readonly #hadEnded = new Set<TaskId>();

  constructor(findings: Findings, taskOf: (batch: string, index: number) => TaskState | undefined) {
    this.#findings = findings;
    this.#taskOf = taskOf;
  }

  see({ writes, isSessionEnd }: ZnodeChange): void {
    if (isSessionEnd) return;
    for (const write of writes) {
      if (write.op !== 'create') continue;
      const { path, data } = write;
      const at = parseTasksPath(path);
      if (path.startsWith(`${ROOTS.assignments}/`) && path.split('/').length === 4) this.#assigned(path, data);
      else if (at?.result === null) this.#submitted(at.batch, path, data);
      else if (at !== null) this.#reported(at.batch, path, data);
    }
  }

  #submitted(batch: string, path: string, data: Buffer): void {
    const { count, groups } = decodeBatchHeader(path, data);
    for (let index = 0; index < count; index++) {
      const { after, afterMode: mode } = optionsAt(groups, index);
      const task = this.#taskOf(batch, index);
      if (after !== null && task !== undefined) this.#waiting.set(task.id, { task, after, mode });
    }
  }

  #assigned(path: string, data: Buffer): void {
    const { batch, tasks } = decodeRecord('assignment', path, data);
    for (const index of indexesOf(tasks)) {
      const id = taskId(batch, index);
      const dependant = this.#waiting.get(id);
      this.#waiting.delete(id);
      // Somebody wanted it at once.
      if (dependant === undefined || dependant.task.isRequeued) continue;
      for (const other of dependant.after) this.#hasEndedWell(dependant, other);
    }
  }

  #hasEndedWell({ task, mode }: Dependant, other: TaskId): void {
    const final = this.#final(other);
    const isGood = final === 'succeeded' || (mode === 'ended' && (final !== null || this.#hadEnded.has(other)));
    this.#findings.expect(
      isGood,
      () => `task ${task.id} was handed out before ${other}, which has ${final ?? 'not ended'}`,
    );
  }

  #reported(batch: string, path: string, data: Buffer): void {
    for (const { index, line } of decodeResult(path, data).ends) {
      const id = taskId(batch, index);
      if (this.#taskOf(batch, index)?.final !== null) this.#hadEnded.add(id);
      if (line === null || !('error' in line) || line.error.name !== FAILURES.DEPENDENCY) continue;
      const after = this.#waiting.get(id)?.after ?? [];
      const isFor = after.find((other) => line.error.message.includes(other)) ?? '';
      this.#findings.expect(
        this.#final(isFor) !== null,
        () => `task ${id} was refused for ${isFor}, which is there and has not ended`,
      );
    }
  }

  /** Undefined: there is no such task. */
  #final(id: TaskId): TaskState['final'] | undefined {
    const at = parseTaskId(id);
    return at === null ? undefined : this.#taskOf(at.batch, at.index)?.final;
  }
}
