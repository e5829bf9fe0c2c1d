import { featuresOf, taskId, type BatchId, type TaskId } from '@drover/core';
import {
  batchPath,
  decodeRecord,
  encodeBatch,
  encodeRecord,
  keyPath,
  REQUEST_KEY,
  requestKeyPath,
  type TracedTasks,
} from '@drover/protocol';
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

/** The request that makes the batch, where it may be repeated. */
export interface NamedRequest {
  /** Its fingerprint. */
  request: string;
  /** Its key, as a hash, if the batch's id does not follow from it: it becomes a znode beside the batch. */
  requestKey?: string;
}

type WrittenEntry = Pick<Entry, 'options' | 'payload'>;

/** A batch as it goes to ZooKeeper. Encoded once, however often it is tried. */
export class BatchWrite {
  readonly ref: BatchRef;
  readonly #path: string;
  readonly #data: string;
  readonly #queue: string;
  readonly #requestKey: string | undefined;
  readonly #keys: readonly { index: number; key: string }[];

  /** `entries`: at least one. */
  constructor(id: BatchId, entries: readonly WrittenEntry[], origin: Origin, named?: NamedRequest) {
    const groups = groupsOf(entries);
    this.ref = { id, groups };
    this.#path = batchPath(id);
    this.#queue = origin.queue;
    this.#requestKey = named?.requestKey;
    this.#keys = entries.flatMap(({ options: { key } }, index) => (key === null ? [] : [{ index, key }]));
    const payloads = entries.map((entry) => entry.payload);
    const header = { ...origin, ...needsOf(entries, named), count: entries.length, groups, ...named };
    this.#data = encodeBatch(header, payloads);
  }

  /**
   * Sends it, as one create, or with keys as one multi. Resolves with `null` when the batch is there, else with the
   * keys that stood in the way (none, where they were let go meanwhile: send it again).
   */
  async send(zk: ZooKeeper): Promise<TakenKeys | null> {
    try {
      await this.create(zk);
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

  /** Once. With `NODE_EXISTS` and `failedIndex` 0 the batch is there, with 1 the key of a named request, if it has one. */
  async create(zk: ZooKeeper): Promise<void> {
    const [batch, ...others] = this.#operations();
    if (others.length === 0) await zk.create(this.#path, this.#data);
    else if (batch !== undefined) await zk.multi([batch, ...others]);
  }

  /** The tasks that hold keys of the batch now. */
  takenKeys(zk: ZooKeeper): Promise<TakenKeys> {
    return this.#takenKeys(zk);
  }

  #operations(): Operation[] {
    const requestKey = this.#requestKey;
    const keys = this.#keys.map(({ index, key }): Operation => {
      const data = encodeRecord('key', { task: taskId(this.ref.id, index), queue: this.#queue, key });
      return { op: 'create', path: keyPath(this.#queue, key), data };
    });
    const named: Operation[] = requestKey === undefined ? [] : [this.#requestOperation(requestKey)];
    return [{ op: 'create', path: this.#path, data: this.#data }, ...named, ...keys];
  }

  #requestOperation(requestKey: string): Operation {
    const data = encodeRecord('key', { task: taskId(this.ref.id, 0), queue: '', key: requestKey });
    return { op: 'create', path: requestKeyPath(requestKey), data };
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

/** Mostly nothing. Of a submitter's batch all tasks need the same. */
function needsOf(entries: readonly WrittenEntry[], named?: NamedRequest): { needs?: string[] } {
  const ofTasks = named === undefined ? entries.slice(0, 1) : entries;
  const needs = ofTasks.flatMap(({ options }) => featuresOf(options));
  if (named?.requestKey !== undefined) needs.push(REQUEST_KEY);
  return needs.length === 0 ? {} : { needs: [...new Set(needs)].sort() };
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
