import { countOf, indexesOf, taskId, type BatchId } from '@drover/core';
import {
  assignmentPath,
  parseAssignmentName,
  ROOTS,
  workerAssignmentsPath,
  workerName,
  type LeaderRecord,
  type QueueRecord,
  type StatusRecord,
  type WorkerRecord,
} from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import { childrenOf, readLeader, readOne, readQueues, readStatus, readWorkers } from './records.js';
import type { StoredBatch } from './stored-batch.js';
import type { Out } from './task-view.js';
import { reasonOf } from './wait-reason.js';

/**
 * The facts about tasks that are not in their batch and its results, as read at one time: the workers that have them,
 * or the reason why they wait.
 */
export class Cluster {
  readonly #workers: Map<string, WorkerRecord>;
  readonly #leader: LeaderRecord | null;
  readonly #queues: Map<string, QueueRecord | null>;
  readonly #status: StatusRecord | null;
  /** Names of assignments by batch. */
  readonly #out: Map<BatchId, { worker: string; name: string }[]>;
  /** Reasons by queue and type, since many tasks wait for the same reason. */
  readonly #reasons = new Map<string, string>();

  private constructor(
    workers: Map<string, WorkerRecord>,
    leader: LeaderRecord | null,
    queues: Map<string, QueueRecord | null>,
    status: StatusRecord | null,
    out: Map<BatchId, { worker: string; name: string }[]>,
  ) {
    this.#workers = workers;
    this.#leader = leader;
    this.#queues = queues;
    this.#status = status;
    this.#out = out;
  }

  static async read(zk: ZooKeeper): Promise<Cluster> {
    const reads = [readWorkers(zk), readLeader(zk), readQueues(zk), readStatus(zk), readOut(zk)] as const;
    return new Cluster(...(await Promise.all(reads)));
  }

  /** The tasks of the batch that are out, by index. An assignment with a report among the results is out no longer. */
  async outOf(zk: ZooKeeper, batch: StoredBatch): Promise<Map<number, Out>> {
    const out = new Map<number, Out>();
    const names = this.#out.get(batch.id) ?? [];
    const read = names.map(({ worker, name }) => readOne(zk, 'assignment', assignmentPath(worker, name)));
    const records = await Promise.all(read);
    names.forEach(({ worker, name }, i) => {
      const record = records[i];
      if (record === null || record === undefined) return;
      for (const index of indexesOf(record.tasks)) {
        if (isReported(batch, name, index)) continue;
        const running = this.#runningAt(worker, taskId(batch.id, index), record.attempt);
        out.set(index, { worker: workerName(worker), attempt: record.attempt, at: record.at, running });
      }
    });
    return out;
  }

  /** Why a pending task is not out. */
  reasonOf(type: string, queue: string): string {
    const key = `${queue} ${type}`;
    const reason = this.#reasons.get(key) ?? this.#findReason(type, queue);
    this.#reasons.set(key, reason);
    return reason;
  }

  #findReason(type: string, queue: string): string {
    const settings = this.#queues.get(queue);
    const maxRunning = settings?.maxRunning ?? null;
    const counts = this.#status?.queues[queue];
    return reasonOf(type, queue, {
      leader: this.#leader !== null,
      // The leader says it of a queue whose settings cannot be read.
      queuePaused: settings?.paused ?? counts?.paused ?? false,
      pausedBy: settings?.pausedBy ?? counts?.pausedBy ?? null,
      queueLimit: maxRunning === null ? null : { maxRunning, out: counts?.out ?? counts?.running ?? 0 },
      workers: [...this.#workers.values()],
    });
  }

  #runningAt(worker: string, task: string, attempt: number): Out['running'] {
    const running = this.#workers.get(worker)?.running ?? [];
    return running.find((entry) => entry.task === task && entry.attempt === attempt) ?? null;
  }
}

function isReported(batch: StoredBatch, assignment: string, index: number): boolean {
  const origin = parseAssignmentName(assignment);
  return batch.results.some(({ name, ends }) => name.epoch === origin?.epoch && name.n === origin.n && ends.has(index));
}

async function readOut(zk: ZooKeeper): Promise<Map<BatchId, { worker: string; name: string }[]>> {
  const out = new Map<BatchId, { worker: string; name: string }[]>();
  const workers = await childrenOf(zk, ROOTS.assignments);
  const names = await Promise.all(workers.map((worker) => childrenOf(zk, workerAssignmentsPath(worker))));
  workers.forEach((worker, i) => {
    for (const name of names[i] ?? []) {
      const batch = parseAssignmentName(name)?.batch;
      if (batch === undefined) continue;
      const known = out.get(batch);
      if (known === undefined) out.set(batch, [{ worker, name }]);
      else known.push({ worker, name });
    }
  });
  return out;
}

/** How many tasks are out at the worker. */
export async function countOut(zk: ZooKeeper, worker: string): Promise<number> {
  const names = await childrenOf(zk, workerAssignmentsPath(worker));
  const records = await Promise.all(names.map((name) => readOne(zk, 'assignment', assignmentPath(worker, name))));
  return records.reduce((sum, record) => sum + (record === null ? 0 : countOf(record.tasks)), 0);
}
