import { DroverError } from '@drover/core';
import type { AnyTypes, Drover } from './api.js';
import type { ConnectOptions } from './options.js';

/**
 * Connects. `Types` gives `submit` its payloads and results: `connect<typeof handlers>(...)`, or
 * `connect<{ resize: [Payload, Result] }>(...)`. Rejects with `ConnectTimeoutError` when ZooKeeper cannot be reached in
 * time, and with `InvalidArgumentError`.
 */
export function connect<Types = AnyTypes>(given: string | ConnectOptions): Promise<Drover<Types>> {
  return Promise.reject(new DroverError(`connecting to ${String(given)} is being built`));
}
