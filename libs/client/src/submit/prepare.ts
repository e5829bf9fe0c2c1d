import type { TaskOptions } from '@drover/core';
import type { SubmitOptions } from '../options.js';
import { encodePayload } from './payload.js';
import type { OptionsResolver } from './task-options.js';

/** A task that was checked and encoded: what can be wrong with it has been said. */
export interface PreparedTask {
  queue: string;
  options: TaskOptions;
  payload: string;
  bytes: number;
}

/** Throws `InvalidArgumentError` and `PayloadTooLargeError`. */
export function prepare(
  resolver: OptionsResolver,
  type: string,
  payload: unknown,
  given: SubmitOptions | undefined,
): PreparedTask {
  const queue = resolver.queue(given);
  const options = resolver.options(type, given);
  const { json, bytes } = encodePayload(type, payload);
  return { queue, options, payload: json, bytes };
}
