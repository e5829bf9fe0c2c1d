import { BatchConflictError, type StartRequest } from '@drover/client';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { fingerprintOf, requestNameOf } from '../submit/idempotency.decide.js';
import { written } from './asked.js';
import type { Asked } from './handler.js';

/**
 * The key of a request that starts something, from its `Idempotency-Key`; null: it has none. Its body
 * tells a repeated request from another one. Throws `ApiError`.
 */
function requestOf({ headers, caller, body }: Asked): StartRequest | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  const text = Array.isArray(header) ? header.join(',') : header;
  return { key: requestNameOf(text, `${caller.auth}\0${caller.name}`), fingerprint: fingerprintOf(body) };
}

/** Starts something, once for each `Idempotency-Key`. Throws `ApiError`, and as `act`. */
export async function startedOnce<T>(
  asked: Asked,
  context: ApiContext,
  act: (options: { request?: StartRequest }) => Promise<T>,
): Promise<T> {
  const request = requestOf(asked);
  try {
    return await written(context, () => act(request === null ? {} : { request }));
  } catch (error) {
    if (request === null || !(error instanceof BatchConflictError)) throw error;
    throw new ApiError(
      'idempotency-mismatch',
      'the Idempotency-Key was used for another request: use a new key for a new request',
    );
  }
}

const NONE = {};
const REPLAY = { 'Idempotent-Replay': 'true' };

/** The header of an answer to a repeated request. */
export const replayOf = (isReplay: boolean): Record<string, string> => (isReplay ? REPLAY : NONE);
