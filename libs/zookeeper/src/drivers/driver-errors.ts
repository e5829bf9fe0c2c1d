import { messageOf } from '@drover/runtime';
import { errorCodeOf } from '../client/server-errors.js';
import { ZooKeeperError, type ErrorCode, type Outcome } from '../errors.js';

/** The largest request that a server takes by default (`jute.maxbuffer`); it cuts the connection at one byte more. */
const MAX_REQUEST_BYTES = 1_048_575;
/** Header, lengths, versions and the open ACL: never more than this for one operation. */
const OVERHEAD_BYTES = 96;

/** Codes that say nothing about whether the request was done. */
const UNKNOWN_OUTCOMES = new Set<ErrorCode>(['CONNECTION_LOSS', 'OPERATION_TIMEOUT', 'SESSION_EXPIRED', 'CLOSED']);

export interface Call {
  op: string;
  path?: string;
}

export function serverError(serverCode: number, call: Call, failedIndex?: number): ZooKeeperError {
  const code = errorCodeOf(serverCode);
  const outcome: Outcome = UNKNOWN_OUTCOMES.has(code) ? 'unknown' : 'not-applied';
  return new ZooKeeperError({
    ...call,
    code,
    serverCode,
    outcome,
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });
}

export function badArguments(call: Call, cause: unknown): ZooKeeperError {
  return new ZooKeeperError({
    ...call,
    code: 'BAD_ARGUMENTS',
    outcome: 'not-applied',
    message: messageOf(cause),
    cause,
  });
}

/** The error of a call that `driver` does not support, and another driver does. */
export function unsupported(driver: string, call: Call, what = call.op): ZooKeeperError {
  const message = `driver '${driver}' has no ${what}; use driver 'drover'`;
  return new ZooKeeperError({ ...call, code: 'UNSUPPORTED', outcome: 'not-applied', message });
}

/** Throws `REQUEST_TOO_LARGE` before a server would cut the connection, and with it all that is pipelined behind. */
export function refuseLargeRequest(call: Call, parts: readonly { path: string; data?: Uint8Array }[]): void {
  const bytes = parts.reduce((sum, { path, data }) => sum + OVERHEAD_BYTES + path.length + (data?.length ?? 0), 0);
  if (bytes <= MAX_REQUEST_BYTES) return;
  const message = `about ${String(bytes)} bytes, the limit is ${String(MAX_REQUEST_BYTES)}; split it`;
  throw new ZooKeeperError({ ...call, code: 'REQUEST_TOO_LARGE', outcome: 'not-applied', message });
}
