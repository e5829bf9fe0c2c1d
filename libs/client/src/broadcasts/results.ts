import { checkOptions, isBatchId, taskId, TaskNotFoundError, type BatchId } from '@drover/core';
import { BroadcastNotFoundError } from '@drover/inspect';
import { batchPath, broadcastPath, childOf, decodeBatchHeader, decodeBroadcast } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { nullOn, type Znode, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { checkSignal } from '../submit/task-options.js';
import { TaskHandle, type TaskHome } from '../task.js';
import type { TaskEnding } from '../api.js';
import type { BroadcastResult, BroadcastResultsOptions } from './api.js';

interface ResultsHome {
  connection: Connection;
  runtime: Runtime;
  tasks: TaskHome;
}

/**
 * Follows one broadcast: a watch on its znode tells of batches that come, and of its end. Each batch is read once, and its
 * tasks are awaited as any others. `all`: those that are told of new sessions.
 */
export async function* broadcastResults(
  id: BatchId,
  options: BroadcastResultsOptions,
  home: ResultsHome,
  all: Set<Following>,
): AsyncGenerator<BroadcastResult, void> {
  checkOptions(options, ['signal', 'joiners']);
  checkSignal(options.signal);
  const following = new Following(id, home, options);
  all.add(following);
  try {
    await following.begin();
    for (;;) {
      const result = await following.next();
      if (result === null) return;
      yield result;
    }
  } finally {
    all.delete(following);
    following.end();
  }
}

export class Following {
  readonly #id: BatchId;
  readonly #path: string;
  readonly #home: ResultsHome;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #batches = new Set<BatchId>();
  readonly #ready: BroadcastResult[] = [];
  /** Tasks that are awaited, and batches that are being read. */
  #open = 0;
  /** Nothing more comes that is waited for. */
  #isFinished = false;
  readonly #joiners: boolean;
  #failure: { error: unknown } | null = null;
  #wake: () => void = () => undefined;
  #close: () => void = () => undefined;
  /** Looks are made one after the other; one more is due. */
  #looking = false;
  #lookAgain = false;

  constructor(id: BatchId, home: ResultsHome, { signal, joiners = true }: BroadcastResultsOptions) {
    this.#joiners = joiners;
    this.#id = id;
    this.#path = broadcastPath(id);
    this.#home = home;
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  async begin(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', () => this.#fail(this.#signal.reason), { once: true });
    await this.#watch();
  }

  /** The session is new: it has no watches yet. */
  sessionRenewed(): void {
    this.#inBackground(this.#watch());
  }

  /** `null`: there are no more. */
  async next(): Promise<BroadcastResult | null> {
    for (;;) {
      const result = this.#ready.shift();
      if (result !== undefined) return result;
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#isFinished && this.#open === 0) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  end(): void {
    this.#stop.abort();
    this.#close();
  }

  async #watch(): Promise<void> {
    const { connection, runtime } = this.#home;
    const look = (): void => this.#look();
    const act = async (zk: ZooKeeper): Promise<void> => {
      const watch = await zk.watch(this.#path, 'recursive', {
        event: ({ path }) => {
          if (path === this.#path || childOf(this.#path, path) !== null) look();
        },
        reset: look,
      });
      this.#close();
      this.#close = () => void watch.close().catch(() => undefined);
      if (this.#stop.signal.aborted) this.#close();
    };
    await withHandle(connection, runtime, act, this.#signal);
    look();
  }

  #look(): void {
    this.#lookAgain = true;
    if (!this.#looking) this.#inBackground(this.#lookUntilCurrent());
  }

  async #lookUntilCurrent(): Promise<void> {
    const { connection, runtime } = this.#home;
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#signal.aborted) {
        this.#lookAgain = false;
        await withHandle(connection, runtime, (zk) => this.#read(zk), this.#signal);
      }
    } finally {
      this.#looking = false;
    }
  }

  /** The record first: a broadcast that is finished has all its batches, and one that is `reached` those of its first workers. */
  async #read(zk: ZooKeeper): Promise<void> {
    const znode = (await nullOn(zk.get(this.#path), 'NO_NODE')) ?? (await this.#afterSync(zk));
    if (znode === null) throw new BroadcastNotFoundError(this.#id);
    const { finished, reached } = decodeBroadcast(this.#path, znode.data).record;
    const names = (await nullOn(zk.children(this.#path), 'NO_NODE')) ?? [];
    const fresh = names.filter((name) => isBatchId(name) && !this.#batches.has(name));
    await Promise.all(fresh.map((batch) => this.#follow(zk, batch)));
    this.#isFinished = finished !== undefined || (!this.#joiners && reached !== undefined);
    this.#wake();
  }

  async #afterSync(zk: ZooKeeper): Promise<Znode | null> {
    await zk.sync(this.#path);
    return nullOn(zk.get(this.#path), 'NO_NODE');
  }

  async #follow(zk: ZooKeeper, batch: BatchId): Promise<void> {
    const path = batchPath(batch);
    const znode = await nullOn(zk.get(path), 'NO_NODE');
    if (znode === null || this.#batches.has(batch)) return;
    const { groups, broadcast } = decodeBatchHeader(path, znode.data);
    this.#batches.add(batch);
    (broadcast?.workers ?? []).forEach((worker, index) => {
      this.#open++;
      const task = new TaskHandle(this.#home.tasks, { id: batch, groups }, index, false);
      this.#inBackground(this.#await(worker, taskId(batch, index), task));
    });
  }

  async #await(worker: string, id: string, task: TaskHandle<unknown>): Promise<void> {
    try {
      const ending = await task.ending({ signal: this.#signal });
      this.#ready.push(resultOf(worker, id, ending));
    } catch (error) {
      // Retention was faster than the reader.
      if (!(error instanceof TaskNotFoundError)) throw error;
    } finally {
      this.#open--;
      this.#wake();
    }
  }

  #inBackground(done: Promise<void>): void {
    done.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}

function resultOf(worker: string, task: string, ending: TaskEnding): BroadcastResult {
  const { attempt } = ending;
  const common = { worker, task, attempt };
  switch (ending.state) {
    case 'succeeded':
      return { ...common, state: ending.state, result: ending.result };
    case 'failed':
      return { ...common, state: ending.state, error: ending.error };
    case 'cancelled':
      return { ...common, state: ending.state, ...(ending.reason !== undefined && { reason: ending.reason }) };
  }
}
