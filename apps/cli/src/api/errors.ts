import type { ErrorCode } from '@drover/api';
import { DroverError, type ErrorCategory } from '@drover/core';

/** Thrown where nobody answers at the URL, or somebody who is not Drover's API. */
export class ApiUnreachableError extends DroverError {
  override readonly name = 'ApiUnreachableError';
  override readonly category = 'unreachable';
}

/** Codes that the caller can mend with other arguments, as the same errors of the client library are. */
const USAGE: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid-argument',
  'invalid-filter',
  'invalid-cursor',
  'run-not-found',
  'group-not-found',
  'broadcast-not-found',
  'worker-not-found',
  'schedule-not-found',
  'limit-not-found',
  'scheduler-not-found',
  'token-not-found',
  'payload-too-large',
  'unsupported-media-type',
]);
const UNREACHABLE: ReadonlySet<string> = new Set<ErrorCode>(['zookeeper-unavailable', 'leader-unreachable']);

/** The cure for a code, where its sentence does not say it. */
const CURES: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthenticated: "give a token: --token-file FILE, or 'drover context set NAME --token-file FILE'",
  forbidden: "'drover token create' makes a token with other roles",
};

/** The answer of the API was an error: `application/problem+json`. */
export class ApiRefusedError extends DroverError {
  override readonly name = 'ApiRefusedError';
  override readonly category: ErrorCategory;
  readonly code: string;
  readonly status: number;
  /** Further fields of the answer. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const { code, detail, title, ...data } = problem;
    const named = typeof code === 'string' ? code : `http-${status}`;
    const said = typeof detail === 'string' ? detail : typeof title === 'string' ? title : 'the API refused it';
    const cure = CURES[named as ErrorCode];
    super(`${said} [${named}]${cure === undefined ? '' : `; ${cure}`}`);
    this.code = named;
    this.status = status;
    this.data = data;
    this.category = USAGE.has(named) ? 'usage' : UNREACHABLE.has(named) ? 'unreachable' : 'failure';
  }
}

export const isRefused = (error: unknown, ...codes: ErrorCode[]): error is ApiRefusedError =>
  error instanceof ApiRefusedError && (codes as string[]).includes(error.code);
