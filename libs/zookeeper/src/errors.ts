/** ZooKeeper's error codes by name (`org.apache.zookeeper.KeeperException.Code`), and three of the client's own. */
export const ERROR_CODES = {
  OK: 0,
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  DATA_INCONSISTENCY: -3,
  CONNECTION_LOSS: -4,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATION_TIMEOUT: -7,
  BAD_ARGUMENTS: -8,
  NEW_CONFIG_NO_QUORUM: -13,
  RECONFIG_IN_PROGRESS: -14,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_CALLBACK: -113,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  SESSION_MOVED: -118,
  NOT_READ_ONLY: -119,
  EPHEMERAL_ON_LOCAL_SESSION: -120,
  NO_WATCHER: -121,
  REQUEST_TIMEOUT: -122,
  RECONFIG_DISABLED: -123,
  SESSION_CLOSED_REQUIRE_SASL_AUTH: -124,
  QUOTA_EXCEEDED: -125,
  THROTTLED: -127,
} as const;

/** `UNKNOWN` is any code of the server that this table lacks; `CLOSED`: `close()` was called here. */
export type ErrorCode =
  Exclude<keyof typeof ERROR_CODES, 'OK'> | 'UNKNOWN' | 'CLOSED' | 'REQUEST_TOO_LARGE' | 'UNSUPPORTED';

/**
 * The outcome of a failed request. `not-applied`: the server refused it, or it never left this process. `unknown`: it
 * was sent and no answer came (a write may or may not have been done).
 */
export type Outcome = 'not-applied' | 'unknown';

export interface ZooKeeperErrorDetails {
  code: ErrorCode;
  /** The server's error code, if it gave one. */
  serverCode?: number;
  /** Name of the operation, e.g. `create`. */
  op: string;
  /** The path as the caller gave it, without the chroot. */
  path?: string;
  outcome: Outcome;
  /** For a multi: the index of the operation that failed; its own code is `code`. */
  failedIndex?: number;
  /** The size of the request, with `REQUEST_TOO_LARGE`, if it is too large for the servers but not for the protocol. */
  requestBytes?: number;
  message?: string;
  cause?: unknown;
}

/** The one class of errors of this library. Compare `code`; never parse the message. */
export class ZooKeeperError extends Error {
  override readonly name = 'ZooKeeperError';
  readonly code: ErrorCode;
  readonly serverCode: number | undefined;
  readonly op: string;
  readonly path: string | undefined;
  readonly outcome: Outcome;
  readonly failedIndex: number | undefined;
  readonly requestBytes: number | undefined;

  constructor(details: ZooKeeperErrorDetails) {
    const at = details.path === undefined ? '' : ` ${details.path}`;
    const where = details.failedIndex === undefined ? '' : ` (operation ${details.failedIndex} of the multi)`;
    const number = details.code === 'UNKNOWN' && details.serverCode !== undefined ? ` ${details.serverCode}` : '';
    const why = details.message === undefined ? '' : `: ${details.message}`;
    super(`${details.op}${at}: ${details.code}${number}${where}${why}`, { cause: details.cause });
    this.code = details.code;
    this.serverCode = details.serverCode;
    this.op = details.op;
    this.path = details.path;
    this.outcome = details.outcome;
    this.failedIndex = details.failedIndex;
    this.requestBytes = details.requestBytes;
  }
}

/** Whether `error` is ZooKeeper's, and one of `codes` where any are given. */
export function isZooKeeperError(error: unknown, ...codes: ErrorCode[]): error is ZooKeeperError {
  return error instanceof ZooKeeperError && (codes.length === 0 || codes.includes(error.code));
}

/** Resolves as `promise`, or with `null` if it fails with one of `codes`: for failures that the caller expects. */
export async function nullOn<T>(promise: Promise<T>, ...codes: ErrorCode[]): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isZooKeeperError(error, ...codes)) return null;
    throw error;
  }
}

/**
 * For calls that need not succeed, such as the deletion of an ephemeral znode, which goes with the session anyway:
 * ignores every `ZooKeeperError`. Throws any other error: that is a fault of the program.
 */
export function needNotSucceed(error: unknown): void {
  if (!isZooKeeperError(error)) throw error;
}
