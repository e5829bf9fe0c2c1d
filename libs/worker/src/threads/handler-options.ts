import {
  checkOptions,
  HANDLER_OPTION_NAMES,
  InvalidArgumentError,
  isPayloadSchema,
  parseConditions,
  parseDemand,
  parseHeartbeat,
  parseRetry,
  parseTimeout,
  parseType,
  type HandlerKind,
  type HandlerOptions,
  type PayloadSchema,
  type Run,
} from '@drover/core';
import { show } from '../execution/thrown.js';
import type { LoadedHandler } from './load-handlers.js';

/** An entry of a handlers module, before it is checked. */
type Entry = Partial<Record<(typeof HANDLER_OPTION_NAMES)[number], unknown>>;
const KINDS: readonly unknown[] = ['io', 'compute'] satisfies HandlerOptions['kind'][];

/** One entry of a default export. Throws a `TypeError` or an `InvalidArgumentError` that names it and says what is wrong. */
export function toHandler(type: string, entry: unknown): LoadedHandler {
  parseType(type);
  const at = `handler '${type}'`;
  const handler = (typeof entry === 'function' ? { run: entry } : entry) as Entry | null | undefined;
  if (typeof handler?.run !== 'function')
    throw new TypeError(`${at}: expected a function, or an object with a function 'run', got ${show(entry)}`);
  checkOptions(handler, HANDLER_OPTION_NAMES, at);
  const { kind = 'io', timeout, heartbeat, retry, schema, concurrency, resources, where } = handler;
  if (!KINDS.includes(kind)) throw new InvalidArgumentError(`${at}: kind`, kind, "'io' or 'compute'");
  // Only clients heed them; a mistake is told here too.
  if (resources !== undefined) parseDemand(`${at}: resources`, resources);
  if (where !== undefined) parseConditions(`${at}: where`, where);
  return {
    description: {
      type,
      kind: kind as HandlerKind,
      timeoutMs: parseTimeout(`${at}: timeout`, timeout),
      heartbeatMs: parseHeartbeat(`${at}: heartbeat`, heartbeat),
      retry: parseRetry(`${at}: retry`, retry),
      concurrency: concurrency === undefined ? null : parseConcurrency(`${at}: concurrency`, concurrency),
    },
    run: handler.run as Run<unknown, unknown>,
    schema: toSchema(at, schema),
    hooks: null,
  };
}

/** Throws `InvalidArgumentError`. */
export function parseConcurrency(argument: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError(argument, value, 'a whole number from 1');
}

function toSchema(at: string, schema: unknown): PayloadSchema | null {
  if (schema === undefined) return null;
  if (isPayloadSchema(schema)) return schema;
  throw new TypeError(
    `${at}: schema: expected one that implements Standard Schema, such as one of zod, got ${show(schema)}`,
  );
}
