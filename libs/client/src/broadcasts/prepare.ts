import { parseBroadcast, validatePayload } from '@drover/core';
import type { PayloadSchemas } from '../options.js';
import { checkRequest } from '../start-request.js';
import { encodePayload } from '../submit/payload.js';
import type { StartBroadcastOptions } from './api.js';
import type { NewBroadcast } from './broadcasts.js';

/** Checks and encodes a broadcast. Rejects with `InvalidArgumentError`, `PayloadTooLargeError` and `InvalidPayloadError`. */
export async function prepareBroadcast(
  { type, payload, options }: { type: string; payload: unknown; options: StartBroadcastOptions },
  schemas: PayloadSchemas,
): Promise<NewBroadcast> {
  const spec = parseBroadcast(type, options, ['id', 'by', 'reason', 'request']);
  const { id, by, reason, request } = options;
  const { json } = encodePayload(type, payload);
  const schema = schemas.get(type);
  // The schema checks the payload as the worker will read it, for example with dates as text.
  if (schema !== undefined) await validatePayload(type, schema, JSON.parse(json));
  return { spec, payload: json, id, asked: { by, reason }, request: checkRequest(request) };
}
