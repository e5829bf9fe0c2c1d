import { ERROR_CODES, ZooKeeperError, type ErrorCode, type Outcome } from '../errors.js';

const NAMES = new Map<number, ErrorCode>();
for (const [name, code] of Object.entries(ERROR_CODES)) if (name !== 'OK') NAMES.set(code, name as ErrorCode);

/** Answers that do not say whether the request was carried out. Every other error is a refusal. */
const DOUBTFUL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SYSTEM_ERROR',
  'RUNTIME_INCONSISTENCY',
  'DATA_INCONSISTENCY',
  'CONNECTION_LOSS',
  'OPERATION_TIMEOUT',
  'REQUEST_TIMEOUT',
]);

export function errorCodeOf(serverCode: number): ErrorCode {
  return NAMES.get(serverCode) ?? 'UNKNOWN';
}

/** The error for an answer of the server with the code `serverCode`, known to this library or not. */
export function serverError(serverCode: number, op: string, path?: string, failedIndex?: number): ZooKeeperError {
  const code = errorCodeOf(serverCode);
  const outcome: Outcome = DOUBTFUL.has(code) ? 'unknown' : 'not-applied';
  return new ZooKeeperError({
    code,
    serverCode,
    op,
    outcome,
    ...(path === undefined ? {} : { path }),
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });
}
