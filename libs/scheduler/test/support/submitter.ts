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
  async submit(count: number, options: Partial<TaskOptions> = {}, queue = 'default'): Promise<string> {
    const batch = this.#nextId();
    const group = { type: 'noop', ...DEFAULT_TASK_OPTIONS, ...options, count };
    const header = { queue, count, groups: [group], at: Date.now(), client: 'test' };
    const payloads = Array.from({ length: count }, (_, i) => JSON.stringify({ i }));
    const operations: Operation[] = [{ op: 'create', path: batchPath(batch), data: encodeBatch(header, payloads) }];
    if (group.key !== null) {
      const data = encodeRecord('key', { task: `${batch}.0`, queue, key: group.key });
      operations.push({ op: 'create', path: keyPath(queue, group.key), data });
    }
    await this.#zk.multi(operations);
    return batch;
  }

  /** `null`: the batch is not there. */
  async header(batch: string): Promise<BatchHeader | null> {
    const path = batchPath(batch);
    const znode = await nullOn(this.#zk.get(path), 'NO_NODE');
    return znode === null ? null : decodeBatchHeader(path, znode.data);
  }

  /** For `World.until`: the counts of the finished batch. */
  async finished(batch: string): Promise<NonNullable<BatchHeader['finished']> | null> {
    return (await this.header(batch))?.finished ?? null;
  }
}
