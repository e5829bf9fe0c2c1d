import type { ZooKeeperError } from '../errors.js';
import type { MultiResult, Operation, Stat } from '../port.js';
import type { Answer } from './driver-adapter.js';
import { serverError, type Call } from './driver-errors.js';
import type { Done, JuteStat, NodeException, TransactionResult } from './node-zookeeper-client-api.js';

/** Translates the replies of `node-zookeeper-client` into the types of the port. */

const OP_ERROR = -1;

/** A callback that answers a call, with its value in the port's words. */
export function settle<V, T>(call: Call, answer: Answer<T>, convert: (value: V) => T): Done<V> {
  return (error, value) => {
    if (error) answer.reject(failure(error, call));
    else answer.resolve(convert(value));
  };
}

function failure(error: NodeException, call: Call): ZooKeeperError {
  return serverError(error.code, call);
}

export function multiError(
  error: NodeException,
  results: TransactionResult[],
  operations: readonly Operation[],
): ZooKeeperError {
  const failedIndex = results.findIndex(({ type, err }) => type === OP_ERROR && err !== 0);
  const path = operations[failedIndex]?.path;
  if (path === undefined) return failure(error, { op: 'multi' });
  return serverError(error.code, { op: 'multi', path }, failedIndex);
}

export function resultOf(result: TransactionResult, operation: Operation | undefined): MultiResult['results'][number] {
  if (operation?.op === 'create') return { op: 'create', path: result.path ?? operation.path };
  if (operation?.op === 'set' && result.stat !== undefined) return { op: 'set', stat: statOf(result.stat) };
  return { op: operation?.op === 'delete' ? 'delete' : 'check' };
}

export function statOf(stat: JuteStat): Stat {
  return {
    czxid: stat.czxid.readBigInt64BE(),
    mzxid: stat.mzxid.readBigInt64BE(),
    pzxid: stat.pzxid.readBigInt64BE(),
    ctime: Number(stat.ctime.readBigInt64BE()),
    mtime: Number(stat.mtime.readBigInt64BE()),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: stat.ephemeralOwner.readBigInt64BE(),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}
