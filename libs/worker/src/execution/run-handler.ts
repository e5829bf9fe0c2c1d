import { InvalidArgumentError, type PayloadSchema, type SchemaInput } from '@drover/core';
import { toHandlers } from '../threads/load-handlers.js';
import { ThreadContext } from '../threads/thread-context.js';
import type { WireNote } from '../threads/messages.js';
import { invoke } from './call-handler.js';
import { endOfReturned } from './result-text.js';

export interface RunHandlerOptions {
  /** Default 1. */
  attempt?: number;
  /** Aborts `ctx.signal`, with its own reason. */
  signal?: AbortSignal;
}

/** A handler's result, with its logs and progress in order. */
export interface HandlerRun<Result> {
  /** As a submitter gets it: through JSON. */
  result: Result;
  progress: { fraction: number; note: string | undefined }[];
  logs: { message: string; fields: Record<string, unknown> }[];
}

type AnyRun<Payload, Result> = (payload: Payload, ...context: never) => Result;

/** The payload that a submitter gives: the schema's input, if there is a schema. */
type PayloadOf<Entry> = Entry extends { schema: infer Schema extends PayloadSchema<unknown, unknown> }
  ? SchemaInput<Schema>
  : Entry extends { run: AnyRun<infer Payload, unknown> } | AnyRun<infer Payload, unknown>
    ? Payload
    : never;
type ResultOf<Entry> = Entry extends { run: AnyRun<never, infer Result> } | AnyRun<never, infer Result>
  ? Awaited<Result>
  : never;

/** Of no batch that there is. */
const TASK = '00000000000000000000000000.0';

/**
 * Runs one handler alone, in this thread, as a worker would: the payload and the result pass through JSON, and the
 * payload through the handler's schema. Rejects with what the handler threw, with `InvalidPayloadError` for a payload
 * that does not fit, with `InvalidArgumentError` for a type without a handler, and with a `TypeError` for handlers that are
 * none, or for a result that JSON cannot carry. A handler that ignores `signal` is waited for.
 */
export async function runHandler<Table extends object, Type extends keyof Table & string>(
  handlers: Table,
  type: Type,
  payload: PayloadOf<Table[Type]>,
  options: RunHandlerOptions = {},
): Promise<HandlerRun<ResultOf<Table[Type]>>> {
  const loaded = toHandlers(handlers);
  const handler = loaded.get(type);
  if (handler === undefined) throw new InvalidArgumentError('type', type, `one of ${[...loaded.keys()].join(', ')}`);
  const notes: WireNote[] = [];
  const context = contextOf(type, options, notes);
  const returned = await invoke(handler, JSON.parse(JSON.stringify(payload ?? null)), context);
  return {
    result: throughJson(returned) as ResultOf<Table[Type]>,
    progress: notes.flatMap(({ progress }) => progress ?? []),
    logs: notes.flatMap(({ log }) => (log === undefined ? [] : [{ message: log.message, fields: log.fields }])),
  };
}

function contextOf(type: string, { attempt = 1, signal }: RunHandlerOptions, notes: WireNote[]): ThreadContext {
  const call = { n: 1, task: TASK, type, attempt, fencingToken: 1n };
  const context = new ThreadContext(call, 'test', { note: (note) => void notes.push(note) });
  const abort = (): void => context.abort(signal?.reason as Error);
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return context;
}

function throughJson(returned: unknown): unknown {
  const end = endOfReturned(returned);
  if (end.outcome === 'succeeded') return JSON.parse(end.result);
  throw new TypeError('error' in end ? end.error.message : end.outcome);
}
