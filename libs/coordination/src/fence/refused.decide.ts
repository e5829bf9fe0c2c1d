import { isZooKeeperError, type ErrorCode } from '@drover/zookeeper';
import type { Entry } from './pack.decide.js';

/** Pure: decides what to do after ZooKeeper refused a transaction that begins with the check of the fence. */

/** Errors of the session or the connection, not of an operation. */
const OF_THE_SESSION: readonly ErrorCode[] = [
  'CONNECTION_LOSS',
  'SESSION_EXPIRED',
  'SESSION_MOVED',
  'AUTH_FAILED',
  'CLOSED',
];
/** Errors of the request as a whole: neither the server nor this client names an operation. */
const OF_THE_WHOLE: readonly ErrorCode[] = [
  'REQUEST_TOO_LARGE',
  'BAD_ARGUMENTS',
  'MARSHALLING_ERROR',
  'QUOTA_EXCEEDED',
  'NO_AUTH',
  'INVALID_ACL',
];

/** A later epoch began. */
export function isFence(error: unknown): boolean {
  return isZooKeeperError(error, 'BAD_VERSION', 'NO_NODE') && error.failedIndex === 0;
}

/**
 * The refusal in an error. `failedIndex` counts without the fence; -1: the whole transaction. `null`: the outcome is
 * unknown, or the error is not about an operation.
 */
export function refusalOf(error: unknown): { code: ErrorCode; failedIndex: number } | null {
  if (!isZooKeeperError(error) || error.outcome !== 'not-applied' || OF_THE_SESSION.includes(error.code)) return null;
  const { code, failedIndex } = error;
  if (failedIndex === 0) return null;
  if (failedIndex !== undefined) return { code, failedIndex: failedIndex - 1 };
  return OF_THE_WHOLE.includes(code) ? { code, failedIndex: -1 } : null;
}

/** The entry that was refused, the index of the operation in it, and the entries that went with it. */
export function splitRefused<Item extends Entry>(
  packet: readonly Item[],
  failedIndex: number,
): { culprit: Item | null; at: number; others: readonly Item[] } {
  const [only] = packet;
  if (only !== undefined && packet.length === 1) return { culprit: only, at: failedIndex, others: [] };
  let at = failedIndex;
  for (const entry of failedIndex < 0 ? [] : packet) {
    if (at < entry.operations.length) return { culprit: entry, at, others: packet.filter((other) => other !== entry) };
    at -= entry.operations.length;
  }
  return { culprit: null, at: -1, others: packet };
}
