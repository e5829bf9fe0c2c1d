import { DEFAULT_TASK_OPTIONS, type TaskOptions } from '@drover/core';
import { batchPath, decodeBatchHeader, encodeBatch, encodeRecord, keyPath, type BatchHeader } from '@drover/protocol';
import { nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';

/** Writes batches as a client would. */
export class Submitter {
  readonly #zk: ZooKeeper;
  readonly #nextId: () => string;

  constructor(zk: ZooKeeper, nextId: () => string) {
    this.#zk = zk;
    this.#nextId = nextId;
  }

  /** A batch of `count` like tasks; returns its id. */
  async submit(
    count: number,
    options: Partial<TaskOptions> = {},
    queue = 'default',
    needs: string[] = [],
  ): Promise<string> {
    const batch = this.#nextId();
    const group = { type: 'noop', ...DEFAULT_TASK_OPTIONS, ...options, count };
    const header = { queue, count, groups: [group], at: Date.now(), client: 'test', needs };
    const payloads = Array.from({ length: count }, (_, i) => JSON.stringify({ i }));
    const operations: Operation[] = [{ op: 'create', path: batchPath(batch), data: encodeBatch(header, payloads) }];
    if (group.key !== null) {
      const data = encodeRecord('key', { task: `${batch}.0`, queue, key: group.key });
      operations.push({ op: 'create', path: keyPath(queue, group.key), data });
    }
    await this.#zk.multi(operations);
    return batch;
  }

  /**
   * Batches of one task for each type, written many in a transaction; `finished`: as a leader leaves them in the end.
   */
  async submitMany(batches: readonly { queue: string; types: readonly string[] }[], finished = false): Promise<void> {
    const perMulti = Math.max(1, Math.min(200, Math.floor(2_000 / (batches[0]?.types.length ?? 1))));
    for (let from = 0; from < batches.length; from += perMulti)
      await this.#zk.multi(batches.slice(from, from + perMulti).map((batch) => this.#creation(batch, finished)));
  }

  #creation({ queue, types }: { queue: string; types: readonly string[] }, finished: boolean): Operation {
    const groups = types.map((type) => ({ ...DEFAULT_TASK_OPTIONS, type, count: 1 }));
    const header: BatchHeader = { queue, count: types.length, groups, at: Date.now(), client: 'test' };
    const ended = { finished: { at: Date.now(), succeeded: types.length, failed: 0, cancelled: 0 }, kept: [] };
    const payloads = types.map(() => 'null');
    const data = finished ? encodeBatch({ ...header, ...ended }, []) : encodeBatch(header, payloads);
    return { op: 'create', path: batchPath(this.#nextId()), data };
  }

  /** `null`: the batch is not there. */
  async header(batch: string): Promise<BatchHeader | null> {
    const path = batchPath(batch);
    const znode = await nullOn(this.#zk.get(path), 'NO_NODE');
    return znode === null ? null : decodeBatchHeader(path, znode.data);
  }

  /** The counts of the finished batch, for `World.until`. */
  async finished(batch: string): Promise<NonNullable<BatchHeader['finished']> | null> {
    return (await this.header(batch))?.finished ?? null;
  }
}
