import { InvalidArgumentError, LIMITS, PayloadTooLargeError } from '@drover/core';

export interface EncodedPayload {
  /** JSON without line breaks: a line of the batch. */
  json: string;
  bytes: number;
}

/**
 * No payload is `null`. Throws `InvalidArgumentError` for what JSON cannot carry (a function, a symbol, a bigint, a
 * cycle) and `PayloadTooLargeError`.
 */
export function encodePayload(type: string, payload: unknown): EncodedPayload {
  if (payload === undefined) return NO_PAYLOAD;
  const json = toJson(type, payload);
  const bytes = Buffer.byteLength(json);
  if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(type, bytes, LIMITS.payloadBytes);
  return { json, bytes };
}

const NO_PAYLOAD: EncodedPayload = Object.freeze({ json: 'null', bytes: 4 });

function toJson(type: string, payload: unknown): string {
  let json: string | undefined;
  let why = `a ${typeof payload}`;
  try {
    json = JSON.stringify(payload);
  } catch (error) {
    why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
  if (json === undefined) throw new InvalidArgumentError('payload', why, `what JSON can carry, for the '${type}' task`);
  return json;
}
