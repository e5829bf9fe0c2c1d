import { indexesOf, taskId, type TaskId } from '@drover/core';
import { decodeBatchHeader, decodeRecord, optionsAt, parseTasksPath, ROOTS } from '@drover/protocol';
import type { Findings } from './findings.js';
import type { RulesOptions } from './rules.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange } from './znode-change.js';

interface Waiting {
  readonly task: TaskState;
  /** When its delay is over, by ZooKeeper's clock. */
  readonly dueAt: number;
  /** ... and `quiet` after that, of mode `debounce`. */
  readonly quietAt: number;
  readonly submittedAt: number;
  /** Of mode `debounce`: so long after the first of a burst it waits no longer. */
  readonly maxMs: number;
  /** Its queue and unique key. */
  readonly key: string | null;
}

/**
 * The clock of a leader may be a little ahead: it runs too fast by one in a thousand at most, and quick answers put it
 * right.
 */
const EARLY_MS = 50;

/**
 * Nothing is handed out for the first time before its delay is over. A debounced task waits until its key was quiet; a burst
 * whose time was over, and which waits for a worker, goes out with the newest task at once: so `quiet` after the oldest one
 * it may. Told by the committed transactions alone, after `TaskRules` has seen them; not where ZooKeeper's clock is moved.
 */
export class WaitRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #options: Pick<RulesOptions, 'serverNowMs' | 'isTimeRight'>;
  readonly #waiting = new Map<TaskId, Waiting>();

  constructor(
    findings: Findings,
    taskOf: (batch: string, index: number) => TaskState | undefined,
    options: Pick<RulesOptions, 'serverNowMs' | 'isTimeRight'>,
  ) {
    this.#findings = findings;
    this.#taskOf = taskOf;
    this.#options = options;
  }

  see({ writes, isSessionEnd }: ZnodeChange): void {
    if (isSessionEnd || !this.#options.isTimeRight) return;
    for (const write of writes) {
      if (write.op !== 'create') continue;
      const { path, data } = write;
      const at = parseTasksPath(path);
      if (path.startsWith(`${ROOTS.assignments}/`) && path.split('/').length === 4) this.#assigned(path, data);
      else if (at?.result === null) this.#submitted(at.batch, path, data);
    }
  }

  #submitted(batch: string, path: string, data: Buffer): void {
    const { queue, count, groups } = decodeBatchHeader(path, data);
    for (let index = 0; index < count; index++) {
      const { delayMs, unique } = optionsAt(groups, index);
      const task = this.#taskOf(batch, index);
      if (task === undefined || (delayMs === 0 && unique === null)) continue;
      const submittedAt = this.#options.serverNowMs();
      const dueAt = submittedAt + delayMs;
      const quietAt = dueAt + (unique?.quietMs ?? 0);
      const key = unique === null ? null : `${queue} ${unique.key}`;
      this.#waiting.set(task.id, { task, submittedAt, dueAt, quietAt, maxMs: unique?.maxMs ?? Infinity, key });
    }
  }

  #assigned(path: string, data: Buffer): void {
    const { batch, tasks } = decodeRecord('assignment', path, data);
    const now = this.#options.serverNowMs() + EARLY_MS;
    for (const index of indexesOf(tasks)) {
      const waiting = this.#waiting.get(taskId(batch, index));
      // Somebody wanted it at once.
      if (waiting === undefined || waiting.task.isRequeued || waiting.task.progress.attempt > 0) continue;
      const { task, dueAt, key, maxMs } = waiting;
      this.#findings.expect(dueAt <= now, () => `task ${task.id} was handed out before its delay was over`);
      const burst = [...this.#waiting.values()].filter((one) => one.key === key && one.task.progress.attempt === 0);
      const quietAt = Math.min(...burst.map((one) => Math.min(one.quietAt, one.submittedAt + maxMs)));
      this.#findings.expect(
        key === null || quietAt <= now,
        () => `task ${task.id} was handed out ${Math.round(quietAt + EARLY_MS - now)} ms before its key was quiet`,
      );
    }
  }
}
