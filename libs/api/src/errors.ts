/**
 * Every error that the API answers with, as `application/problem+json` (RFC 9457):
 * `{ type: 'urn:drover:error:<code>', title, status, detail, code, requestId, ...data }`. Documents and tests are drawn from
 * this table.
 */
export const API_ERRORS = {
  'invalid-argument': { status: 400, title: 'The request is not valid', data: ['field', 'expected', 'refusal'] },
  'invalid-filter': { status: 400, title: 'The filter cannot be understood', data: ['position'] },
  'invalid-cursor': { status: 400, title: 'The cursor belongs to another list, or is damaged', data: [] },
  unauthenticated: { status: 401, title: 'Who asks is not known', data: [] },
  forbidden: { status: 403, title: 'The caller may not do this', data: ['needs'] },
  'cross-site': { status: 403, title: 'A browser sent this from another site', data: [] },
  disabled: { status: 403, title: 'This action is switched off here', data: ['action'] },
  'not-found': { status: 404, title: 'There is nothing at this address', data: [] },
  'task-not-found': { status: 404, title: 'There is no such task', data: [] },
  'run-not-found': { status: 404, title: 'There is no such run of a flow', data: [] },
  'group-not-found': { status: 404, title: 'There is no such group', data: [] },
  'broadcast-not-found': { status: 404, title: 'There is no such broadcast', data: [] },
  'batch-not-found': { status: 404, title: 'There is no such batch', data: [] },
  'queue-not-found': { status: 404, title: 'There is no such queue', data: [] },
  'worker-not-found': { status: 404, title: 'There is no such worker', data: [] },
  'scheduler-not-found': { status: 404, title: 'There is no such scheduler', data: [] },
  'schedule-not-found': { status: 404, title: 'There is no such schedule', data: [] },
  'limit-not-found': { status: 404, title: 'There is no such limit', data: [] },
  'account-not-found': { status: 404, title: 'There is no such account', data: [] },
  'pool-not-found': { status: 404, title: 'There is no such pool', data: [] },
  'resource-not-found': { status: 404, title: 'There is no such floating resource', data: [] },
  'operation-not-found': { status: 404, title: 'There is no such operation at this replica', data: [] },
  'token-not-found': { status: 404, title: 'There is no such token', data: [] },
  'method-not-allowed': { status: 405, title: 'The address does not take this method', data: ['allowed'] },
  conflict: { status: 409, title: 'What is there does not allow it', data: ['state', 'refusal'] },
  'revision-conflict': { status: 412, title: 'It has been changed meanwhile', data: ['revision'] },
  removed: { status: 410, title: 'Retention has removed it', data: [] },
  'preview-expired': { status: 410, title: 'The preview is too old, or of another replica: make it again', data: [] },
  'payload-too-large': { status: 413, title: 'The request is too large', data: ['limit'] },
  'unsupported-media-type': { status: 415, title: 'The type of the body is not supported', data: ['expected'] },
  misdirected: {
    status: 421,
    title: 'Another replica has it, or the host name is not one of this server',
    data: ['location'],
  },
  'idempotency-mismatch': { status: 422, title: 'The same idempotency key came with another body', data: [] },
  'too-many-requests': { status: 429, title: 'Too many requests of this caller', data: ['retryAfterMs'] },
  internal: { status: 500, title: 'The server has a fault; its log has the request id', data: [] },
  'no-leader': { status: 503, title: 'Nobody leads', data: ['retryAfterMs'] },
  'leader-unreachable': { status: 503, title: 'This replica cannot reach the leader', data: ['retryAfterMs'] },
  'intake-closed': { status: 503, title: 'No new tasks are accepted', data: ['retryAfterMs'] },
  'queue-full': {
    status: 503,
    title: 'The queue, or the tenant, has as many unfinished tasks as it may',
    data: ['retryAfterMs'],
  },
  'zookeeper-unavailable': { status: 503, title: 'There is no connection to ZooKeeper', data: ['retryAfterMs'] },
  'sign-in-unavailable': { status: 503, title: 'Who asks cannot be checked now', data: ['retryAfterMs'] },
  stopping: { status: 503, title: 'This replica stops', data: ['retryAfterMs'] },
  'too-many-waits': { status: 503, title: 'Too many requests wait at this replica', data: ['limit', 'retryAfterMs'] },
  'command-timeout': { status: 504, title: 'The leader did not answer in time', data: [] },
  'unknown-outcome': { status: 504, title: 'It may have happened: repeat it with the same key', data: [] },
} as const satisfies Record<string, ErrorDefinition>;

export interface ErrorDefinition {
  readonly status: number;
  readonly title: string;
  /** Further fields that the answer may have. */
  readonly data: readonly string[];
}

export type ErrorCode = keyof typeof API_ERRORS;

/** The codes that every route may answer with, beside its own. */
export const COMMON_ERRORS = [
  'invalid-argument',
  'unauthenticated',
  'forbidden',
  'cross-site',
  'misdirected',
  'too-many-requests',
  'sign-in-unavailable',
  'stopping',
  'internal',
] as const satisfies readonly ErrorCode[];
