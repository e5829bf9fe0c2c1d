/** Thrown for an answer that is not 2xx. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, message: string, retryAfterMs: number | undefined) {
    super(message);
    this.status = status;
    this.retryable = status >= 500 || PASSING.includes(status);
    this.retryAfterMs = retryAfterMs;
  }
}
const PASSING = [408, 425, 429];

/** The reason why this worker refused a request before it was sent. */
export type BlockedBy = 'address' | 'port' | 'redirect';

/** Thrown for a request that this worker does not send: another attempt would be refused again. */
export class HttpBlockedError extends Error {
  override readonly name = 'HttpBlockedError';
  readonly retryable = false;
  readonly blockedBy: BlockedBy;
  constructor(blockedBy: BlockedBy, message: string) {
    super(message);
    this.blockedBy = blockedBy;
  }
}

/** A URL for people: without the credentials that may stand in it. */
export function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search}`;
}
