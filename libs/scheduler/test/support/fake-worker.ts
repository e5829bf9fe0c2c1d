import { indexesOf, RecordError, type RangeEnd } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import {
  assignmentPath,
  decodeRecord,
  encodeRecord,
  encodeResult,
  encodeFailure,
  encodeSucceeded,
  hasLine,
  parseAssignmentName,
  resultName,
  resultPath,
  workerAssignmentsPath,
  workerId,
  workerPath,
  type AssignmentRecord,
  type ResultName,
  type StepReport,
} from '@drover/protocol';
import { Changes } from '@drover/testing';
import { connectZooKeeper, nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';

export interface FakeWorkerOptions {
  name: string;
  capacity: number;
  types: string[];
  /** Default: nothing. */
  understands?: string[];
  /** Don't report by itself: the test says when and what. */
  hold: boolean;
}

export interface Held {
  id: string;
  record: AssignmentRecord;
}

/** A worker as the leader sees it, written with the raw client: it "runs" tasks by reporting how they ended. */
export class FakeWorker {
  readonly id: string;
  readonly zk: ZooKeeper;
  /** Assignments that it has and has not reported on. */
  readonly held = new Map<string, Held>();
  /** How often each task was begun. */
  readonly begun = new Map<string, number>();
  /** Reports that ZooKeeper rejected. */
  rejected = 0;
  readonly #options: FakeWorkerOptions;
  readonly #changes = new Changes();

  private constructor(zk: ZooKeeper, options: FakeWorkerOptions) {
    this.zk = zk;
    this.id = workerId(options.name, zk.sessionId);
    this.#options = options;
  }

  static async start(connect: string, options: Partial<FakeWorkerOptions> & { name: string }): Promise<FakeWorker> {
    const zk = connectZooKeeper({ connect, runtime: systemRuntime, sessionTimeoutMs: 10_000 });
    await zk.connected();
    const worker = new FakeWorker(zk, { capacity: 4, types: ['noop'], hold: false, ...options });
    await worker.#register();
    return worker;
  }

  async #register(): Promise<void> {
    const { name, capacity, types, understands } = this.#options;
    const host = { host: 'test', pid: 1, version: '0', startedAt: 0 };
    const record = { name, ...host, capacity, weight: 1, labels: {}, types, ...(understands && { understands }) };
    await this.zk.multi([
      {
        op: 'create',
        path: workerAssignmentsPath(this.id),
        data: encodeRecord('workerAssignments', { draining: false }),
      },
      {
        op: 'create',
        path: workerPath(this.id),
        data: encodeRecord('worker', { ...record, state: 'accepting', running: [] }),
        mode: 'ephemeral',
      },
    ]);
    await this.zk.watch(workerAssignmentsPath(this.id), 'recursive', {
      event: ({ type, path }) => {
        const id = path.split('/')[3];
        if (id !== undefined && type !== 'deleted') void this.#take(id);
        else if (id !== undefined && this.held.delete(id)) this.#changes.wake();
      },
      reset: () => undefined,
    });
  }

  async #take(id: string): Promise<void> {
    const path = assignmentPath(this.id, id);
    const znode = await nullOn(this.zk.get(path), 'NO_NODE', 'CONNECTION_LOSS', 'CLOSED', 'SESSION_EXPIRED');
    if (znode === null) return;
    const record = readAssignment(path, znode.data);
    if (record === null) return;
    if (!this.held.has(id))
      for (const index of indexesOf(record.tasks)) {
        const task = `${record.batch}.${index}`;
        this.begun.set(task, (this.begun.get(task) ?? 0) + 1);
      }
    this.held.set(id, { id, record });
    this.#changes.wake();
    if (!this.#options.hold) await this.succeed({ id, record });
  }

  /** Resolves with the first answer that is not null, asking again whenever an assignment comes, changes or goes. */
  until<T>(ask: () => T | null): Promise<T> {
    return this.#changes.until(ask);
  }

  /** The first assignment that it holds. */
  next(accept: (held: Held) => boolean = () => true): Promise<Held> {
    return this.until(() => [...this.held.values()].find(accept) ?? null);
  }

  /** Everything it still holds from `held` on succeeds. */
  async succeed(held: Held): Promise<boolean> {
    const ends = held.record.tasks.map(([from, to]): RangeEnd => ({ from, to, outcome: 'succeeded' }));
    return this.report(held, ends, 'ok');
  }

  /** The last report on `held`, or with `part` a number and `last` false one on the way. False: it was rejected. */
  async report(
    held: Held,
    ends: RangeEnd[],
    part: ResultName['part'] = 0,
    last = true,
    says: StepReport = {},
  ): Promise<boolean> {
    const operations = this.reportOperations(held, ends, part, last, says);
    const done = await nullOn(this.zk.multi(operations), 'NO_NODE', 'CLOSED', 'SESSION_EXPIRED', 'CONNECTION_LOSS');
    if (done === null) this.rejected++;
    if (last) this.held.delete(held.id);
    return done !== null;
  }

  reportOperations(
    held: Held,
    ends: RangeEnd[],
    part: ResultName['part'],
    last: boolean,
    says: StepReport = {},
  ): Operation[] {
    const origin = parseAssignmentName(held.id);
    if (origin === null) throw new Error(`${held.id} is no assignment`);
    const { batch, attempt } = held.record;
    const lines = ends.flatMap(({ from, to, outcome }) =>
      hasLine(outcome)
        ? Array.from({ length: to - from }, () => (outcome === 'succeeded' ? encodeSucceeded('null', 1) : FAILURE))
        : [],
    );
    const data = encodeResult({ worker: this.id, attempt, at: Date.now(), ends, ...says }, lines);
    const path = assignmentPath(this.id, held.id);
    return [
      { op: 'create', path: resultPath(batch, resultName({ ...origin, part })), data },
      last ? { op: 'delete', path } : { op: 'check', path, version: 'any' },
    ];
  }

  /** From here on it reports by itself, beginning with the tasks that it holds. */
  async release(): Promise<void> {
    this.#options.hold = false;
    await Promise.all([...this.held.values()].map((held) => this.succeed(held)));
  }

  /** Tasks that it holds, as `batch.index`. */
  tasks(): string[] {
    return [...this.held.values()].flatMap(({ record }) =>
      [...indexesOf(record.tasks)].map((index) => `${record.batch}.${index}`),
    );
  }

  /** Its session ends; what it held is lost. */
  async stop(): Promise<void> {
    await this.zk.close();
  }
}

/** `null`: somebody has overwritten it. */
function readAssignment(path: string, data: Uint8Array): AssignmentRecord | null {
  try {
    return decodeRecord('assignment', path, data);
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}

const FAILURE = encodeFailure({ name: 'Error', message: 'it failed', retryable: true }, 1);
