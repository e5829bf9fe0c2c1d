import type { Duration } from './duration.js';
import type { GivenWhere } from './placement/parse-conditions.js';
import type { RetryPolicy } from './retry.js';
import type { PayloadSchema, SchemaOutput } from './schema.js';
import type { HandlerTrace } from './trace-context.js';

/** Values that JSON can carry. Handlers take and return them; typed handlers narrow them. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** A fire of a schedule, as its handler sees it. Times are ISO text in UTC: `2026-03-30T00:30:00Z`. */
export interface TaskFire {
  /**
   * `nightly@2026-03-30T00:30:00Z`, with `#t-..` behind it for a trigger, `#b-..` for a back-fill. No two fires have the
   * same one: give it to the systems that you write to, so that they do the same thing once.
   */
  readonly id: string;
  readonly schedule: string;
  /** The time that the schedule names. */
  readonly nominal: string;
  /** When it was due, with spread and jitter. */
  readonly due: string;
  /** `catch-up`: it was due while nobody could fire it. */
  readonly kind: 'time' | 'catch-up' | 'trigger' | 'backfill';
  /** Times that were missed since the fire before. */
  readonly missed: number;
}

/** The place of a task in a run of a flow, as its handler sees it. */
export interface TaskFlow {
  /** `<flow>.<index>`, as `drover flow get` takes it. */
  readonly run: string;
  /** Of the flow. */
  readonly name: string;
  readonly step: string;
  /** Of a map: the item. Of a reduce: the task of its tree. */
  readonly index?: number | undefined;
  /** How often the step was started again by a retry of the run. */
  readonly generation: number;
}

/** The number of this shard, and how many there are. */
export interface TaskShard {
  readonly index: number;
  readonly of: number;
}

/** In the place of the result of an item that failed. */
export interface FailedItem {
  readonly error: { readonly name: string; readonly message: string };
}

/** A flow that a handler may become: what `flow()` of `@drover/flow` gives. */
export interface FlowToBecome<Input = unknown> {
  readonly name: string;
  readonly text: string;
  readonly types?: { readonly input: Input };
}

/** The second argument of a handler, beside the payload. */
export interface TaskContext {
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Grows with every new attempt of the same task, also across leaders: it is the zxid of the transaction that created
   * the assignment, so ZooKeeper orders the tokens. Pass it to the systems that you write to, so that they can refuse
   * writes of an older attempt.
   */
  readonly fencingToken: bigint;
  /** Of a task that a schedule made: which of its fires it is. Absent: no schedule made it. */
  readonly fire?: TaskFire | undefined;
  /** Of a step of a flow: which. Absent: it is none. */
  readonly flow?: TaskFlow | undefined;
  /** Of a task of `drover.sharded`: which shard it is. Absent: it is none. */
  readonly shard?: TaskShard | undefined;
  /** Of a task that is traced: give it to the services that you call. Absent: it is not. */
  readonly trace?: HandlerTrace | undefined;
  /**
   * The devices that it has while it runs, by resource: `{ gpu: ['0', '3'] }`. A part of a device names it as well. Empty: it
   * asked for none.
   */
  readonly devices: Readonly<Record<string, readonly string[]>>;
  /**
   * Aborted when the attempt is to end: its reason is an error whose `cause` says why. `timeout` · `cancelled` · `revoked`:
   * its result would be refused · `preempted`: it makes room for others, and goes on with its checkpoint later ·
   * `outrun`: another attempt of the task was faster · `stopping`: the worker stops.
   */
  readonly signal: AbortSignal;
  /** The worker's name. */
  readonly worker: string;
  /**
   * Labels of the worker, by which tasks choose it: `labels.set('model', 'm2')`. They are told within two seconds, and hold for
   * all its tasks; `null` takes back what handlers have set. Throws `InvalidArgumentError`.
   */
  readonly labels: { set(name: string, value: string | null): void };
  log(message: string, fields?: Record<string, unknown>): void;
  /**
   * `fraction` from 0 to 1; seen by `drover get` within about two seconds. Each call is a sign of life for `heartbeat`, also
   * one that says the same again.
   */
  progress(fraction: number, note?: string): void;
  /**
   * Leaves something for the next attempt, as JSON of at most 64 KiB: the last value that was given goes with the end of an
   * attempt that is preempted, fails or times out, not with one that is lost with its worker. Throws
   * `InvalidArgumentError` for what JSON cannot carry, and for more.
   */
  checkpoint(value: Json): void;
  /** The value that this attempt has left last, else that of an earlier one; `undefined`: there is none. */
  checkpoint(): Json | undefined;
  /**
   * The step ends with this label, where it succeeds: edges of the flow ask for it. The last one counts. Throws
   * `InvalidArgumentError` for one that the step does not declare, and in a task that is no step.
   */
  label(label: string): void;
  /**
   * Ends the handler: the step counts as skipped, and what depends on it is judged so. `reason` is logged. Throws in any
   * case: `InvalidArgumentError` in a task that is no step.
   */
  skip(reason?: string): never;
  /**
   * The results of all items of a map, in order, read in chunks while they are iterated; a failed item is a `FailedItem`.
   * The step's input must refer to the map (`parsed.results`). Throws `InvalidArgumentError` where it does not.
   */
  results<Result = unknown>(step: string): AsyncIterable<Result | FailedItem>;
  /**
   * Ends the handler: the step ends as a new run of this flow ends, with its result. Throws in any case:
   * `InvalidArgumentError` in a task that is no step, and for an input that is no JSON.
   */
  become<Input>(flow: FlowToBecome<Input>, input: Input): never;
}

export type Run<Payload, Result> = (payload: Payload, context: TaskContext) => Promise<Result> | Result;

/** `io` (default): many at a time in one thread. `compute`: one at a time per thread. Neither can block the session. */
export type HandlerKind = 'io' | 'compute';

/** The names of a handler's options, for checks. */
export const HANDLER_OPTION_NAMES = [
  'run',
  'kind',
  'timeout',
  'heartbeat',
  'retry',
  'schema',
  'concurrency',
  'resources',
  'where',
] as const;

export interface HandlerOptions {
  kind?: HandlerKind;
  /** Used if the task was submitted without a timeout; milliseconds or `30s`. */
  timeout?: Duration;
  /**
   * Used if the task was submitted without one: an attempt is over, as timed out, when it calls `ctx.progress` for so
   * long not once. Milliseconds or `30s`.
   */
  heartbeat?: Duration;
  retry?: Partial<RetryPolicy>;
  /**
   * At most so many tasks of the type run at a time at one worker; its other places are for other types. Default: as many
   * as it has places. A worker may be started with another number.
   */
  concurrency?: number;
  /**
   * Resources that each of its tasks needs, where the submit names none: `{ gpu: 1, memory: '8GiB' }`. A client fills them in
   * that was given the handlers: `connect(zk, { handlers })`.
   */
  resources?: GivenDemand;
  /** Conditions on labels of the worker, where the submit has none; filled in by such a client too. */
  where?: GivenWhere;
}

/** Amounts of resources as people write them; names are of small letters, such as `licence.x`. */
export interface GivenDemand {
  /** Processors: 0.5, 4. */
  readonly cpu?: number | `${number}`;
  /** Bytes, or with a unit. */
  readonly memory?: number | `${number}${'' | ByteUnit}`;
  readonly disk?: number | `${number}${'' | ByteUnit}`;
  /** Devices, or a part of one: 1/k. */
  readonly gpu?: number | `${number}`;
  /** Places of the worker; default 1. */
  readonly slots?: number | `${number}`;
  readonly [resource: string]: number | string | undefined;
}
type ByteUnit = 'B' | 'KiB' | 'MiB' | 'GiB' | 'TiB' | 'kB' | 'MB' | 'GB' | 'TB';

export interface Handler<Payload, Result> extends HandlerOptions {
  run: Run<Payload, Result>;
  /** Checks the payload before `run`, which gets the schema's output. */
  schema?: PayloadSchema<unknown, Payload>;
}

/** A handler whose payload has the type of its schema. */
export interface SchemaHandler<Schema extends PayloadSchema<unknown, unknown>, Result> extends HandlerOptions {
  schema: Schema;
  run: Run<SchemaOutput<Schema>, Result>;
}

/** Maps a task type to its payload and its result: `{ resize: [Payload, Result] }`. */
export type TaskTypes = Record<string, [payload: unknown, result: unknown]>;
/** The same for an interface, which has no index. */
type TaskTypesOf<Types> = Record<keyof Types, [payload: unknown, result: unknown]>;

export type Handlers<Types extends TaskTypesOf<Types>> = {
  [Type in keyof Types]: Run<Types[Type][0], Types[Type][1]> | Handler<Types[Type][0], Types[Type][1]>;
};

/** A table of handlers with any types of payloads. */
export type AnyHandlers = Record<string, AnyRun | AnyHandler>;
type AnyRun = Run<never, unknown>;
interface AnyHandler extends HandlerOptions {
  run: AnyRun;
  schema?: PayloadSchema<unknown, unknown>;
}

/** Makes a misspelt option of a handler an error of the compiler. */
type OnlyOptions<Entry> = Record<Exclude<keyof Entry, keyof AnyHandler>, never>;
type Checked<Entry> = Entry extends (...args: never) => unknown
  ? Entry
  : Exclude<keyof Entry, keyof AnyHandler> extends never
    ? Entry extends { schema: infer Schema extends PayloadSchema<unknown, unknown> }
      ? SchemaHandler<Schema, unknown>
      : Entry
    : OnlyOptions<Entry>;

/**
 * Gives worker and client their types. Three forms:
 * - every handler has a schema, its payload has the schema's type: `defineHandlers({ resize: { schema, run } })`
 * - types are written down: `defineHandlers<{ resize: [Payload, Result] }>({ ... })`
 * - each handler says its own: `defineHandlers({ ping, resize: defineHandler({ schema, run }) })`, where `ping` is a
 *   function with a typed parameter
 */
export function defineHandlers<
  Schemas extends Record<string, PayloadSchema<unknown, unknown>>,
  Table extends { [Type in keyof Schemas]: SchemaHandler<Schemas[Type], unknown> },
>(
  handlers: { [Type in keyof Schemas]: SchemaHandler<Schemas[Type], unknown> } & Table & {
      [Type in keyof Table]: OnlyOptions<Table[Type]>;
    },
): Table;
export function defineHandlers<Types extends TaskTypesOf<Types>>(handlers: Handlers<Types>): Handlers<Types>;
export function defineHandlers<Table extends AnyHandlers>(
  handlers: Table & { [Type in keyof Table]: Checked<Table[Type]> },
): Table;
export function defineHandlers(handlers: unknown): unknown {
  return handlers;
}

/** One handler whose payload has the type of its schema, for a table with handlers of other kinds beside it. */
export function defineHandler<Schema extends PayloadSchema<unknown, unknown>, Result>(
  handler: SchemaHandler<Schema, Result>,
): SchemaHandler<Schema, Result> {
  return handler;
}
