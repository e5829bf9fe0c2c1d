import type { TaskFailure } from '@drover/core';

/** Errors of services that have too much to do, as clients of them call them. */
const NAMES: ReadonlySet<string> = new Set([
  'OverloadError',
  'OverloadedError',
  'ServerBusyError',
  'ServiceUnavailable',
  'ServiceUnavailableError',
  'SlowDown',
  'ThrottlingError',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsError',
  'TooManyRequestsException',
]);
/** Their message says the status that came. */
const OF_HTTP: ReadonlySet<string> = new Set(['HttpStatusError', 'RetryLater']);

/** Whether a service refused an attempt because it has too much to do: 429 and 503, or such a name. */
export const isOverload = ({ name, message }: Pick<TaskFailure, 'name' | 'message'>): boolean =>
  NAMES.has(name) || (OF_HTTP.has(name) && /\b(429|503)\b/.test(message));
