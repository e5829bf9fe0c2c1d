import { validatePayload, type TaskOptions } from '@drover/core';
import type { PayloadSchemas, SubmitOptions } from '../options.js';
import { encodePayload } from './payload.js';
import type { OptionsResolver } from './task-options.js';

/** A task that was checked and encoded: it can be written. */
export interface PreparedTask {
  queue: string;
  options: TaskOptions;
  payload: string;
  bytes: number;
}

export interface Given {
  type: unknown;
  payload: unknown;
  options: SubmitOptions | undefined;
}

/** How a client prepares tasks. */
export interface PrepareContext {
  resolver: OptionsResolver;
  schemas: PayloadSchemas;
  /** Names that options may have; those of `SubmitOptions` where left out. */
  names?: readonly string[];
}

/**
 * Checks and encodes a task. Returns a promise only if the type has a schema that is asynchronous. The payload is
 * written as it was given; the worker converts it by the schema. Throws, or rejects with, `InvalidArgumentError`,
 * `PayloadTooLargeError` and `InvalidPayloadError`.
 */
export function prepare(given: Given, context: PrepareContext): PreparedTask | Promise<PreparedTask> {
  const { queue, options } = context.resolver.resolve(given.type, given.options, context.names);
  const { type } = options;
  const { json, bytes } = encodePayload(type, given.payload);
  const prepared = { queue, options, payload: json, bytes };
  const schema = context.schemas.get(type);
  if (schema === undefined) return prepared;
  // The schema checks the payload as the worker will read it, for example with dates as text.
  const valid = validatePayload(type, schema, JSON.parse(json));
  return valid instanceof Promise ? valid.then(() => prepared) : prepared;
}
