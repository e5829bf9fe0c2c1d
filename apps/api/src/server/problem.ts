import { API_ERRORS } from '@drover/api';
import { ApiError } from '../api-error.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The body of an error's answer. */
export function problemOf(error: ApiError, requestId: string): Record<string, unknown> {
  const { code, status, message, data } = error;
  return {
    type: `urn:drover:error:${code}`,
    title: API_ERRORS[code].title,
    status,
    detail: message,
    code,
    requestId,
    ...data,
  };
}

/** Headers that belong to an error. */
export function problemHeaders({ code, data }: ApiError): Record<string, string> {
  const { retryAfterMs, allowed } = data as { retryAfterMs?: number; allowed?: readonly string[] };
  return {
    'cache-control': 'no-store',
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
    ...(code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="drover"' } : {}),
    ...(allowed === undefined ? {} : { allow: allowed.join(', ') }),
  };
}

/** Refusals of fastify, in our words. Pure. Null: it is none of its refusals. */
export function refusalOf(error: unknown): ApiError | null {
  const { code = '', statusCode = 0, message = '' } = error as { code?: string; statusCode?: number; message?: string };
  const known = REFUSALS[code];
  if (known !== undefined) return known(message);
  return statusCode >= 400 && statusCode < 500 ? new ApiError('invalid-argument', message) : null;
}

const MOST_BYTES = 8 * 1024 * 1024;
export { MOST_BYTES };

const invalid = (detail: string) => (): ApiError =>
  new ApiError('invalid-argument', detail, { field: 'body', expected: 'JSON' });
const REFUSALS: Readonly<Record<string, ((message: string) => ApiError) | undefined>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new ApiError(
      'payload-too-large',
      `the body is larger than ${MOST_BYTES} bytes, the most that one request may have`,
      {
        limit: MOST_BYTES,
      },
    ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => unsupported(['application/json']),
  FST_ERR_CTP_EMPTY_JSON_BODY: invalid('the body is empty; expected JSON, {} at least'),
  FST_ERR_CTP_INVALID_JSON_BODY: invalid('the body is not JSON'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: invalid('the body is of another length than Content-Length says'),
};

export const unsupported = (expected: readonly string[]): ApiError =>
  new ApiError('unsupported-media-type', `the body must be ${expected.join(' or ')}: say so in Content-Type`, {
    expected,
  });
