import type { AnyHandlers, ClientInterceptor, Duration, PayloadSchema, SubmitOptions, TaskId } from '@drover/core';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { TlsSource, ZooKeeperFactory } from '@drover/zookeeper';
import type { ClientWarning } from './warnings.js';

export type { SubmitOptions } from '@drover/core';

export interface ConnectOptions {
  /** `host:port[,host:port...][/chroot]`; the chroot is `/drover` if none is given. */
  zk: string;
  /** A function is called for every attempt to connect: it may read files that are replaced while the client runs. */
  tls?: TlsSource | undefined;
  /** E.g. `{ scheme: 'digest', credentials: 'user:password' }`. */
  auth?: readonly { scheme: string; credentials: string | Uint8Array }[] | undefined;
  /** Default 10 s. */
  sessionTimeout?: Duration | undefined;
  /** How long `connect` tries before it gives up. Default 10 s. */
  connectTimeout?: Duration | undefined;
  /** How long a command (cancel, retry, drain, queue settings) waits for the leader's answer. Default 10 s. */
  commandTimeout?: Duration | undefined;
  /** Written into every batch, for operators. Default: host and process id. */
  name?: string | undefined;
  runtime?: Runtime | undefined;
  log?: Log | undefined;
  /** The registry of its metrics, such as one made with `createMetrics()`. Default: none. */
  metrics?: Metrics | undefined;
  limits?: Partial<ClientLimits> | undefined;
  /** Called once for each thing that works but is probably a mistake. Default: a warning of the process. */
  onWarning?: ((warning: ClientWarning) => void) | undefined;
  /**
   * The handlers of the workers: gives `submit` its types, and payloads are checked by those handlers' schemas before
   * anything is written (`InvalidPayloadError`).
   */
  handlers?: AnyHandlers | undefined;
  /** Schemas by task type, if the handlers themselves are not at hand; with both, those of the handlers win. */
  schemas?: Record<string, PayloadSchema<unknown, unknown>> | undefined;
  /** Hooks around submits, such as those of tracing; see docs/traces.md. Default: none. */
  interceptors?: readonly ClientInterceptor[] | undefined;
  /** Another driver. One that cannot do everything serves for reading only. */
  driver?: ZooKeeperFactory | undefined;
}

/** Requester and reason of a command: the leader stores both with the change, and logs them. */
export interface AskOptions {
  /** The requester: at most 128 characters. */
  by?: string | undefined;
  /** The reason: at most 1,024 characters. */
  reason?: string | undefined;
}

/** Limits of the tasks and bytes that one client holds, so that neither it nor ZooKeeper is flooded. */
export interface ClientLimits {
  /** Tasks of one batch. At most (and by default) 500. */
  batchTasks: number;
  /** Payload bytes of one batch; a larger task makes a batch of its own. Default 64 KiB. */
  batchBytes: number;
  /** Batches written and not yet acknowledged. Default 16. */
  batchesInFlight: number;
  /**
   * Tasks of `submit` that are not written yet: a submit beyond them is refused with `TooManyUnwrittenError`. A program
   * that awaits each `submit` stays far below. Default 500,000.
   */
  unwrittenTasks: number;
  /** ... and their payloads in bytes. Default 256 MiB. */
  unwrittenBytes: number;
  /** The most tasks by which `submitMany` and `run` read ahead of those that they have yielded. Default 20,000. */
  aheadTasks: number;
  /** ... and by so many bytes of payloads. Default 32 MiB. */
  aheadBytes: number;
  /**
   * Results that were read with those of other tasks and not asked for yet, in bytes per batch; further ones are read
   * again when they are asked for. Default 8 MiB.
   */
  keptResultBytes: number;
}

/**
 * Whether a task may be submitted without a payload: its type includes `undefined` or `null`. The handler gets `null`
 * then.
 */
export type IsOptional<Payload> = undefined extends Payload ? true : null extends Payload ? true : false;

/** One task of `submitMany` and `run`. */
export type TaskInput<Type extends string = string, Payload = unknown> = SubmitOptions & {
  type: Type;
} & (IsOptional<Payload> extends true ? { payload?: Payload } : { payload: Payload });

/** Schemas of payloads, by task type. */
export type PayloadSchemas = ReadonlyMap<string, PayloadSchema<unknown, unknown>>;

export interface ResultOptions {
  /** Rejects with `ResultTimeoutError` after this long; the task goes on. Default: waits as long as it takes. */
  timeout?: Duration | undefined;
  /** Rejects with the signal's reason; the task goes on. */
  signal?: AbortSignal | undefined;
  /**
   * Whether a superseded task has the result of the one that ran in its place. Default true; false: it rejects with
   * `TaskCancelledError`, whose `supersededBy` names that task.
   */
  follow?: boolean | undefined;
}

export interface RunOptions extends SubmitOptions {
  /** Called for each task as soon as it is durable, before it has run; `index` as in `FinishedTask`. */
  onSubmitted?: ((task: { id: TaskId; index: number; deduplicated: boolean }) => void) | undefined;
  /** Ends the iteration with the signal's reason; submitted tasks go on. */
  signal?: AbortSignal | undefined;
}
