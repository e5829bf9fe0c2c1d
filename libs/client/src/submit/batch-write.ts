import { featuresOf, taskId, type BatchId, type TaskId } from '@drover/core';
import { batchPath, decodeRecord, encodeBatch, encodeRecord, keyPath, type TracedTasks } from '@drover/protocol';
import { isZooKeeperError, nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';
import { groupsOf, type BatchRef, type Entry } from './batch-builder.js';

/** The origin that every batch of this client carries; `traces`: of its tasks that are sampled. */
export interface Origin {
  queue: string;
  client: string;
  at: number;
  traces?: TracedTasks[];
}

/** The tasks that hold keys of the batch, or why a holder cannot be read, by index in the batch. */
export type TakenKeys = Map<number, { task: TaskId } | { error: unknown }>;

/** A batch as it goes to ZooKeeper. Encoded once, however often it is tried. */
export class BatchWrite {
  readonly ref: BatchRef;
  readonly #path: string;
  readonly #data: string;
  readonly #queue: string;
  readonly #keys: readonly { index: number; key: string }[];

  /** `entries`: at least one, all of which need the same features. */
  constructor(id: BatchId, entries: readonly Entry[], origin: Origin) {
    const groups = groupsOf(entries);
    this.ref = { id, groups };
    this.#path = batchPath(id);
    this.#queue = origin.queue;
    this.#keys = entries.flatMap(({ options: { key } }, index) => (key === null ? [] : [{ index, key }]));
    const payloads = entries.map((entry) => entry.payload);
    const header = { ...origin, ...needsOf(entries), count: entries.length, groups };
    this.#data = encodeBatch(header, payloads);
  }

  /**
   * Sends it, as one create, or with keys as one multi. Resolves with `null` when the batch is there, else with the
   * keys that stood in the way (none, where they were let go meanwhile: send it again).
   */
  async send(zk: ZooKeeper): Promise<TakenKeys | null> {
    try {
      if (this.#keys.length === 0) await zk.create(this.#path, this.#data);
      else await zk.multi(this.#operations());
      return null;
    } catch (error) {
      switch (afterFailedSend(error)) {
        case 'applied':
          return null;
        case 'keys':
          return this.#takenKeys(zk);
        case 'failed':
          throw error;
      }
    }
  }

  #operations(): Operation[] {
    const keys = this.#keys.map(({ index, key }): Operation => {
      const data = encodeRecord('key', { task: taskId(this.ref.id, index), queue: this.#queue, key });
      return { op: 'create', path: keyPath(this.#queue, key), data };
    });
    return [{ op: 'create', path: this.#path, data: this.#data }, ...keys];
  }

  async #takenKeys(zk: ZooKeeper): Promise<TakenKeys> {
    const taken: TakenKeys = new Map();
    const look = async (index: number, path: string): Promise<void> => {
      const znode = await nullOn(zk.get(path), 'NO_NODE');
      if (znode !== null) taken.set(index, holderOf(path, znode.data));
    };
    await Promise.all(this.#keys.map(({ index, key }) => look(index, keyPath(this.#queue, key))));
    return taken;
  }
}

/** Mostly nothing. */
function needsOf([first]: readonly Entry[]): { needs?: string[] } {
  const needs = first === undefined ? [] : featuresOf(first.options);
  return needs.length === 0 ? {} : { needs: [...needs] };
}

function holderOf(path: string, data: Uint8Array): { task: TaskId } | { error: unknown } {
  try {
    return { task: decodeRecord('key', path, data).task };
  } catch (error) {
    return { error };
  }
}

/** Meaning of a failed write of a batch. applied: an earlier try had succeeded · keys: some of its keys are taken. */
export type AfterFailedSend = 'applied' | 'keys' | 'failed';

/**
 * The batch's create comes first in the multi, and its id was drawn for it alone: if that is what exists, then an
 * earlier try whose reply was lost did it, keys included. If a later operation failed, another task holds that key.
 */
export function afterFailedSend(error: unknown): AfterFailedSend {
  if (!isZooKeeperError(error, 'NODE_EXISTS')) return 'failed';
  return (error.failedIndex ?? 0) === 0 ? 'applied' : 'keys';
}
