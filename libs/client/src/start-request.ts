import { createHash } from 'node:crypto';
import { InvalidArgumentError, parseTaskId, RecordError, type BatchId } from '@drover/core';
import { decodeRecord, encodeRecord, requestKeyPath } from '@drover/protocol';
import { nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';
import { BatchConflictError } from './errors.js';

/**
 * The request that starts a run or a broadcast, where it may be repeated: as long as what it has started is kept, the same key
 * starts nothing else. Costs a znode, which the leader removes with what was started.
 */
export interface StartRequest {
  /** A text of 1 to 256 characters. */
  key: string;
  /** Of what the request says: a repeated one is told from another one by it. A text of 1 to 64 characters. */
  fingerprint: string;
}

/** The same, checked; `node`: as `requestKeyPath` takes it. */
export interface CheckedRequest {
  readonly node: string;
  readonly fingerprint: string;
}

const LONGEST = { key: 256, fingerprint: 64 } as const;

/** Throws `InvalidArgumentError`. */
export function checkRequest(given: StartRequest | undefined): CheckedRequest | null {
  if (given === undefined) return null;
  for (const [name, longest] of Object.entries(LONGEST)) {
    const text: unknown = given[name as keyof typeof LONGEST];
    if (typeof text !== 'string' || text === '' || text.length > longest)
      throw new InvalidArgumentError(`request.${name}`, text, `a text of 1 to ${longest} characters`);
  }
  return { node: createHash('sha256').update(given.key).digest('hex').slice(0, 40), fingerprint: given.fingerprint };
}

/** Fields of the record that is started under a key. */
export const requestFields = (request: CheckedRequest | null): { request?: string; requestKey?: string } =>
  request === null ? {} : { request: request.fingerprint, requestKey: request.node };

/** Says that the request has started this. */
export function requestOperation({ node }: CheckedRequest, id: BatchId): Operation {
  return {
    op: 'create',
    path: requestKeyPath(node),
    data: encodeRecord('key', { task: `${id}.0`, queue: '', key: node }),
  };
}

/**
 * The id of what an earlier request of this key has started; null: there is none, or it was removed just now. `readRequest` gives the
 * field `request` of a record; null: it is gone. Throws `BatchConflictError` where that was another request.
 */
export async function startedBefore(
  zk: ZooKeeper,
  { node, fingerprint }: CheckedRequest,
  readRequest: (id: BatchId) => Promise<{ request?: string | undefined } | null>,
): Promise<BatchId | null> {
  const path = requestKeyPath(node);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const id = parseTaskId(decodeRecord('key', path, znode.data).task)?.batch;
  if (id === undefined) throw new RecordError(path, 'it names nothing that was started');
  const found = await readRequest(id);
  if (found === null) {
    // The leader removes the key before what it names.
    if ((await nullOn(zk.get(path), 'NO_NODE')) === null) return null;
    throw new RecordError(path, `${id}, which it names, is gone: somebody removed it by hand; use another key`);
  }
  if (found.request !== fingerprint) throw new BatchConflictError(id);
  return id;
}
