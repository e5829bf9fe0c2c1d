import { DEFAULT_RETRY, TYPE_PATTERN, type Handler, type RetryPolicy, type Run } from '@drover/core';
import ms from 'ms';
import type { HandlerDescription } from './messages.js';

/** What a module may hold instead of a `Handler`: nobody has checked it. */
type Entry = Partial<Record<keyof Handler<unknown, unknown>, unknown>>;

export interface LoadedHandler {
  description: HandlerDescription;
  run: Run<unknown, unknown>;
}

/**
 * Imports a handlers module. Throws what the import throws, or a `TypeError` that names the entry of the default export
 * that is not a handler.
 */
export async function loadHandlers(module: string): Promise<Map<string, LoadedHandler>> {
  const { default: table } = (await import(module)) as { default?: unknown };
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw new TypeError('the default export is not an object that maps task types to handlers');
  return new Map(Object.entries(table).map(([type, entry]) => [type, toHandler(type, entry)]));
}

export function toHandler(type: string, entry: unknown): LoadedHandler {
  if (!TYPE_PATTERN.test(type))
    throw new TypeError(`${JSON.stringify(type)} is not a task type: ${TYPE_PATTERN.source}`);
  const handler = (typeof entry === 'function' ? { run: entry } : entry) as Entry | null | undefined;
  if (typeof handler?.run !== 'function')
    throw new TypeError(`handler '${type}': expected a function, or an object with a function 'run'`);
  const { kind = 'io', timeout, retry } = handler;
  if (kind !== 'io' && kind !== 'compute')
    throw new TypeError(`handler '${type}': kind is ${JSON.stringify(kind)}, expected 'io' or 'compute'`);
  return {
    description: { type, kind, timeoutMs: toTimeoutMs(type, timeout), retry: toRetry(type, retry) },
    run: handler.run as Run<unknown, unknown>,
  };
}

function toTimeoutMs(type: string, timeout: unknown): number | null {
  if (timeout === undefined) return null;
  const value = typeof timeout === 'string' ? (ms(timeout as ms.StringValue) as number | undefined) : timeout;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
    throw new TypeError(`handler '${type}': timeout is ${JSON.stringify(timeout)}, expected milliseconds or '30s'`);
  return value;
}

function toRetry(type: string, retry: unknown): RetryPolicy | null {
  if (retry === undefined) return null;
  const policy = { ...DEFAULT_RETRY, ...(retry as Partial<RetryPolicy>) };
  const { kind, delayMs, maxDelayMs, jitter } = policy;
  const isPolicy =
    ['constant', 'linear', 'exponential'].includes(kind) &&
    delayMs >= 0 &&
    maxDelayMs >= 0 &&
    jitter >= 0 &&
    jitter <= 1;
  if (isPolicy) return { kind, delayMs, maxDelayMs, jitter };
  throw new TypeError(
    `handler '${type}': retry is ${JSON.stringify(retry)}, expected kind constant, linear or exponential, ` +
      'delayMs and maxDelayMs of at least 0, jitter from 0 to 1',
  );
}
