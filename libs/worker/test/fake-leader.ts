import { batchIds, DEFAULT_TASK_OPTIONS, toRanges, type BatchId, type Range, type TaskOptions } from '@drover/core';
import { ensureLayout } from '@drover/coordination';
import { systemRuntime } from '@drover/runtime';
import {
  assignmentName,
  assignmentPath,
  batchPath,
  decodeRecord,
  decodeResult,
  encodeBatch,
  encodeRecord,
  parseResultName,
  resultPath,
  workerAssignmentsPath,
  workerPath,
  type AssignmentRecord,
  type BatchHeader,
  type TaskEnd,
  type WorkerRecord,
} from '@drover/protocol';
import { Changes, type Teardown } from '@drover/testing';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';

export interface FakeTask extends Partial<TaskOptions> {
  type: string;
  payload?: unknown;
}

export interface Assigned {
  worker: string;
  name: string;
  path: string;
  batch: BatchId;
  tasks: readonly Range[];
  attempt: number;
  epoch: number;
  /** The zxid of the transaction that created it. */
  zxid: bigint;
}

export interface Reported {
  /** `ok`, or the number of the part. */
  part: string;
  worker: string;
  ends: TaskEnd[];
}

export type Notice = Pick<
  AssignmentRecord,
  'recall' | 'cancel' | 'exceeded' | 'preempt' | 'preemptGraceMs' | 'checkpoints' | 'width' | 'devices' | 'use'
>;

/** The leader's side of the protocol, written anew for tests: it uses no code of the scheduler. */
export class FakeLeader {
  readonly zk: ZooKeeper;
  readonly #newBatchId = batchIds(() => Date.now(), Math.random);
  readonly #changes = new Changes();
  #n = 0;

  private constructor(zk: ZooKeeper) {
    this.zk = zk;
  }

  static async open(t: Teardown, connect: string): Promise<FakeLeader> {
    const options = { connect, runtime: systemRuntime };
    const zk = connectZooKeeper(options);
    t.teardown(() => zk.close());
    await zk.connected();
    await ensureLayout({ zk, factory: connectZooKeeper, options });
    const leader = new FakeLeader(zk);
    const { wake } = leader.#changes;
    await zk.watch('/', 'recursive', { event: wake, reset: wake });
    return leader;
  }

  /** Resolves with the first result of `look`, which is called again after every change in the tree. */
  until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
    return this.#changes.until(look);
  }

  /** Ids of the registered workers of this name. */
  async workers(name = ''): Promise<string[]> {
    return (await this.zk.children('/workers')).filter((id) => id.startsWith(name));
  }

  async worker(name = ''): Promise<string> {
    return this.until(async () => (await this.workers(name))[0]);
  }

  async record(worker: string): Promise<WorkerRecord | null> {
    const znode = await nullOn(this.zk.get(workerPath(worker)), 'NO_NODE');
    return znode === null ? null : decodeRecord('worker', workerPath(worker), znode.data);
  }

  async submit(tasks: readonly FakeTask[], more: Partial<BatchHeader> = {}): Promise<BatchId> {
    const id = this.#newBatchId();
    const groups = tasks.map(({ payload: _payload, ...options }) => ({
      ...DEFAULT_TASK_OPTIONS,
      ...options,
      count: 1,
    }));
    const header = { queue: 'default', count: tasks.length, groups, at: Date.now(), client: 'test', ...more };
    const payloads = tasks.map(({ payload = null }) => JSON.stringify(payload));
    await this.zk.create(batchPath(id), encodeBatch(header, payloads));
    return id;
  }

  /** Hands out all of a batch unless told which. */
  async assign(
    worker: string,
    batch: BatchId,
    indexes: readonly number[],
    attempt = 1,
    notice: Notice = {},
  ): Promise<Assigned> {
    const epoch = 1;
    const name = assignmentName(batch, { epoch, n: this.#n++ });
    const assigned = {
      worker,
      name,
      path: assignmentPath(worker, name),
      batch,
      tasks: toRanges(indexes),
      attempt,
      epoch,
    };
    const { zxid } = await this.zk.create(assigned.path, record(assigned, notice));
    return { ...assigned, zxid };
  }

  /** `more`: of the header of the batch. */
  async give(
    worker: string,
    tasks: readonly FakeTask[],
    attempt = 1,
    more: Partial<BatchHeader> = {},
  ): Promise<Assigned> {
    return this.assign(worker, await this.submit(tasks, more), [...tasks.keys()], attempt);
  }

  /** Asks for something in the assignment itself. */
  async notify(assigned: Assigned, notice: Notice): Promise<void> {
    await this.zk.set(assigned.path, record(assigned, notice));
  }

  async drain(worker: string, draining: boolean): Promise<void> {
    await this.zk.set(workerAssignmentsPath(worker), encodeRecord('workerAssignments', { draining }));
  }

  async isOut(assigned: Assigned): Promise<boolean> {
    return (await this.zk.exists(assigned.path)) !== null;
  }

  /** The results of an assignment so far, in the order of their parts. */
  async reports({ batch, name }: Assigned): Promise<Reported[]> {
    const origin = name.slice(27);
    const names = (await this.zk.children(batchPath(batch))).filter((child) => child.startsWith(`${origin}.`));
    const sorted = names.sort((a, b) => Number(partOf(a)) - Number(partOf(b)));
    return Promise.all(
      sorted.map(async (child) => {
        const path = resultPath(batch, child);
        const { header, ends } = decodeResult(path, (await this.zk.get(path)).data);
        return { part: partOf(child), worker: header.worker, ends };
      }),
    );
  }

  /** Every task's end, by index, when the assignment is over. */
  async ends(assigned: Assigned): Promise<TaskEnd[]> {
    await this.until(async () => !(await this.isOut(assigned)));
    const reports = await this.reports(assigned);
    return reports.flatMap((report) => report.ends).sort((a, b) => a.index - b.index);
  }

  /** The end of the only task of an assignment. */
  async end(assigned: Assigned): Promise<TaskEnd> {
    const [end] = await this.ends(assigned);
    if (end === undefined) throw new Error(`${assigned.name} is over without a result`);
    return end;
  }
}

function record(
  { batch, tasks, attempt, epoch }: Omit<Assigned, 'zxid'>,
  notice: Partial<AssignmentRecord> = {},
): string {
  return encodeRecord('assignment', { batch, tasks, attempt, epoch, at: Date.now(), ...notice });
}

const partOf = (name: string): string => String(parseResultName(name)?.part);
