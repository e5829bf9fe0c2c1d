import type {
  BatchId,
  Handler,
  PayloadSchema,
  QueueSettings,
  Run,
  SchemaInput,
  TaskFailure,
  TaskId,
} from '@drover/core';
import type { AskOptions, IsOptional, ResultOptions, RunOptions, SubmitOptions, TaskInput } from './options.js';
import type { ListOptions, QueueView, StatusView, TaskView, WorkerView } from '@drover/inspect';
import type { TaskChange } from './admin/change.js';
import type { Broadcast, Broadcasts, StartBroadcastOptions } from './broadcasts/api.js';
import type { DeadLetters } from './admin/dead.js';
import type { EraseReply } from './admin/erase.js';
import type { WhyView } from './admin/why.js';
import type { Flow, MapGiven } from '@drover/flow';
import type { Health } from '@drover/runtime';
import type { Group, GroupOptions } from './flows/group.js';
import type { MapReduce, ShardedOptions } from './flows/map-reduce.js';
import type { Run as FlowRun } from './flows/run-handle.js';
import type { StartOptions } from './flows/start-options.js';
import type { Runs } from './flows/runs-api.js';
import type { Accounts, Capacity, Pools, Resources, ScaleAdvice } from './definitions/api.js';
import type { Limits } from './limits/api.js';
import type { QueueReply, TaskReply } from './replies.js';
import type { PutBatchOptions, PutBatchReply } from './submit/put-batch.js';
import type { Calendars, Schedules } from './schedules/api.js';
import type { Tokens } from './tokens/api.js';

/** Types of payload and result by task type, from `{ resize: [Payload, Result] }` or from `typeof handlers`. */
export type TypesOf<Given> = { [Type in keyof Given]: PairOf<Given[Type]> };
type PairOf<Entry> = Entry extends readonly [infer Payload, infer Result]
  ? [Payload, Result]
  : Entry extends { schema: infer Schema extends PayloadSchema<unknown, unknown>; run: AnyRun<infer Result> }
    ? [SchemaInput<Schema>, Awaited<Result>]
    : Entry extends Handler<infer Payload, infer Result>
      ? [Payload, Awaited<Result>]
      : Entry extends Run<infer Payload, infer Result>
        ? [Payload, Awaited<Result>]
        : never;
type AnyRun<Result> = (...args: never) => Result;

/** Types by the schemas alone: they give the types of payloads; results are unknown. */
export type TypesOfSchemas<Schemas extends Record<string, PayloadSchema<unknown, unknown>>> = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as with AnyTypes
  [Type in keyof Schemas]: [payload: SchemaInput<Schemas[Type]>, result: any];
};

/** Used when no types are given: any task type, and results that are unchecked, like those of `JSON.parse`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type AnyTypes = Record<string, [payload: unknown, result: any]>;

type TypeName<Types> = keyof Types & string;
type PayloadOf<Types, Type extends keyof Types> = TypesOf<Types>[Type][0];
type ResultOf<Types, Type extends keyof Types> = TypesOf<Types>[Type][1];
/** The inputs of `submitMany` and `run`. */
export type InputOf<Types> = { [Type in TypeName<Types>]: TaskInput<Type, PayloadOf<Types, Type>> }[TypeName<Types>];
type Inputs<Types, Type> = Iterable<InputOf<Types> & { type: Type }> | AsyncIterable<InputOf<Types> & { type: Type }>;

/** The arguments after the type: the payload may be omitted only if it may be `undefined` or `null`. */
type SubmitArguments<Payload> =
  IsOptional<Payload> extends true
    ? [payload?: Payload, options?: SubmitOptions]
    : [payload: Payload, options?: SubmitOptions];

type BroadcastArguments<Payload> =
  IsOptional<Payload> extends true
    ? [payload?: Payload, options?: StartBroadcastOptions]
    : [payload: Payload, options?: StartBroadcastOptions];

type FinishedOf<Types, Type extends TypeName<Types>> =
  string extends TypeName<Types> ? FinishedTask : { [Each in Type]: FinishedTask<ResultOf<Types, Each>, Each> }[Type];
type SubmittedOf<Types, Type extends TypeName<Types>> =
  string extends TypeName<Types> ? SubmittedTask : { [Each in Type]: SubmittedTask<ResultOf<Types, Each>, Each> }[Type];

/** The arguments after the flow: the input may be omitted only if it may be `undefined` or `null`. */
type StartArguments<Input> =
  IsOptional<Input> extends true ? [input?: Input, options?: StartOptions] : [input: Input, options?: StartOptions];

/** A task that is durable. */
export interface Task<Result = unknown> {
  readonly id: TaskId;
  /** True: an unfinished task has the same key. This is that task, and nothing was submitted. */
  readonly deduplicated: boolean;
  /**
   * Waits for the end. Rejects with `TaskFailedError`, `TaskCancelledError`, `TaskNotFoundError` (never there, or
   * removed by retention), `ResultTimeoutError`, `ClientClosedError` or the signal's reason. Of a superseded task it is
   * the result of the task that ran in its place, unless `follow` is false.
   */
  result(options?: ResultOptions): Promise<Result>;
  /**
   * As `result`, but resolves with how the task ended, whichever way: it rejects only where that is not known. A superseded
   * task has ended as `cancelled`: nothing is followed.
   */
  ending(options?: Omit<ResultOptions, 'follow'>): Promise<TaskEnding<Result>>;
  /** Asks the leader. Resolves when the request is durable; a running handler is aborted after that. */
  cancel(): Promise<TaskReply>;
  /** Like `Drover.get`. */
  status(): Promise<TaskView>;
}

/**
 * How a task ended. `worker`: of the last attempt; `null`: it was cancelled while no worker had it. `winner`: the task that
 * runs in its place; `reason`: of the cancel, if there is one.
 */
export type TaskEnding<Result = unknown> = { attempt: number; worker: string | null } & (
  | { state: 'succeeded'; result: Result }
  | { state: 'failed'; error: TaskFailure }
  | { state: 'cancelled'; winner?: TaskId; reason?: string }
);

/** A task that is durable, as `submitMany` yields it. */
export interface SubmittedTask<Result = unknown, Type extends string = string> extends Task<Result> {
  readonly type: Type;
  /** Its index in the input of `submitMany`, from 0. */
  readonly index: number;
}

/** A task that has ended, as `run` yields it. With a typed client `type` decides the type of `result`. */
export type FinishedTask<Result = unknown, Type extends string = string> = {
  id: TaskId;
  type: Type;
  /** Its index in the input of `run`, from 0. */
  index: number;
  deduplicated: boolean;
  attempt: number;
  /** Of the last attempt; `null`: it was cancelled while no worker had it. A superseded task is cancelled: `winner` has its key. `reason`: of the cancel, if there is one. */
  worker: string | null;
} & (
  | { state: 'succeeded'; result: Result }
  | { state: 'failed'; error: TaskFailure }
  | { state: 'cancelled'; winner?: TaskId; reason?: string }
);

export interface Drover<Types = AnyTypes> {
  /** Whether it can reach ZooKeeper, for a probe of the program that it is in: ready while its session lives. */
  readonly health: Health;
  /**
   * Resolves when the task is durable. Rejects with `InvalidArgumentError`, `InvalidPayloadError` (a schema refuses the
   * payload) or `PayloadTooLargeError`: nothing was written; with `TooManyUnwrittenError`, `QueueFullError` or
   * `IntakeClosedError` (too much is under way here, in the queue or of its tenant, or in the whole system),
   * `UnknownLimitError`, `ServerLimitError` (ZooKeeper accepts no request of this size), `ReadOnlyDriverError`,
   * `ClientClosedError`, or a `ZooKeeperError` that waiting cannot mend. A lost connection is no
   * error: the client repeats the write when it is back, and the task is submitted once even if the first try
   * succeeded.
   */
  submit<Type extends TypeName<Types>>(
    type: Type,
    ...given: SubmitArguments<PayloadOf<Types, Type>>
  ): Promise<Task<ResultOf<Types, Type>>>;
  /**
   * Submits as fast as ZooKeeper takes it, reading `tasks` only so far ahead as the limits say, and yields each task
   * when it is durable, in the order given. `defaults` gives the options that a task does not have itself. An input
   * that is refused, here or by the system (`IntakeClosedError`, `QueueFullError`), ends it: nothing more is read, exactly the tasks that
   * are stored are yielded, then the error is thrown.
   */
  submitMany<Type extends TypeName<Types>>(
    tasks: Inputs<Types, Type>,
    defaults?: SubmitOptions,
  ): AsyncIterableIterator<SubmittedOf<Types, Type>>;
  /**
   * Submits like `submitMany` and yields each task when it has ended, in the order in which they end. Memory is
   * bounded: the limits count the tasks that were submitted and not yielded yet. An input that is refused ends it as
   * with `submitMany`, when the others have ended. If the caller leaves the loop, the submitted tasks go on.
   */
  run<Type extends TypeName<Types>>(
    tasks: Inputs<Types, Type>,
    options?: RunOptions,
  ): AsyncIterableIterator<FinishedOf<Types, Type>>;
  /**
   * Submits 1 to 500 tasks of one queue as the batch `id`, a ULID that the caller draws: all or none. Called again with the same
   * tasks it changes nothing and says so, also where the first call ended with an error: so it may be repeated until it succeeds.
   * That holds for as long as the batch is kept. Rejects as `submit`, with `BatchConflictError` where the batch is there with
   * other tasks, and with `KeyTakenError` where an unfinished task has a key of one of them: nothing was submitted.
   */
  putBatch<Type extends TypeName<Types>>(
    id: BatchId,
    tasks: Iterable<InputOf<Types> & { type: Type }>,
    options?: PutBatchOptions,
  ): Promise<PutBatchReply>;
  /**
   * Starts a task of the type at each worker, each name once: docs/broadcast.md. Resolves when the broadcast is durable; its
   * leader makes the tasks then. Rejects as `submit`, and with `BatchConflictError` where the id is another broadcast's.
   */
  broadcast<Type extends TypeName<Types>>(
    type: Type,
    ...given: BroadcastArguments<PayloadOf<Types, Type>>
  ): Promise<Broadcast<ResultOf<Types, Type>>>;
  /** Broadcasts that there are. */
  readonly broadcasts: Broadcasts;
  /** A handle to any task by its id. Throws `InvalidArgumentError` when it is no task id. Nothing is read yet. */
  task<Result = unknown>(id: TaskId): Task<Result>;

  /** Throws `TaskNotFoundError`. */
  get(id: TaskId, options?: { payload?: boolean }): Promise<TaskView>;
  /**
   * The reasons why the task is not running; of the id of a run, why that has not ended. The client asks the leader by a command, so it writes a small znode and
   * removes it. Without a leader the view says so, and tells what can be read from the znodes. Throws
   * `TaskNotFoundError`.
   */
  why(id: TaskId): Promise<WhyView>;
  /**
   * The tasks, newest first. Throws `InvalidArgumentError`, or `FilterError` with the position of the fault, at the
   * first step.
   */
  list(options?: ListOptions): AsyncIterableIterator<TaskView>;
  status(): Promise<StatusView>;
  workers(): Promise<WorkerView[]>;
  queues(): Promise<QueueView[]>;

  /**
   * The commands below ask the leader; they reject with `NoLeaderError`, `CommandTimeoutError` or
   * `CommandRefusedError`. `asked`: who asks and why. `cancel` and `retry` of more than 5,000 tasks may end with
   * `PartlyDoneError`.
   */
  cancel(ids: Iterable<TaskId>, asked?: AskOptions): Promise<TaskReply[]>;
  /** Failed tasks run again, with all their attempts. */
  retry(ids: Iterable<TaskId>, asked?: AskOptions): Promise<TaskReply[]>;
  /**
   * Changes tasks that wait: when they are due, their priority, their queue. One that is out or has ended is refused, with its
   * state. Another priority or queue: the task goes on under the id `moved`, with all its attempts, and `result()` of the
   * old one follows. Rejects as `cancel`.
   */
  setTasks(ids: Iterable<TaskId>, change: TaskChange, asked?: AskOptions): Promise<TaskReply[]>;
  /**
   * Erases a task that has ended, now: its payload, its result, the messages and stacks of its errors. It stays in lists, and does
   * not run again. The reply says what remains elsewhere. Rejects as `cancel`, with `TaskNotFoundError`, and with
   * `CommandRefusedError` where it has not ended, or a record of it cannot be read.
   */
  erase(id: TaskId, asked?: AskOptions): Promise<EraseReply>;
  /** The failed tasks that are kept: docs/dead-letters.md. */
  readonly dead: DeadLetters;
  /**
   * `worker`: its name (all its incarnations) or its id. `on: false` lets it take tasks again. Rejects with
   * `WorkerNotFoundError`.
   */
  drain(worker: string, on?: boolean, asked?: AskOptions): Promise<void>;
  /**
   * Resolves when nothing is handed out to the worker (its name, or its id). Needs no leader. Rejects with the signal's
   * reason.
   */
  untilDrained(worker: string, options?: { signal?: AbortSignal }): Promise<void>;
  pauseQueue(queue: string, asked?: AskOptions): Promise<QueueReply>;
  resumeQueue(queue: string, asked?: AskOptions): Promise<QueueReply>;
  configureQueue(queue: string, settings: Partial<QueueSettings>, asked?: AskOptions): Promise<QueueReply>;

  /** When tasks are made by themselves. */
  readonly schedules: Schedules;
  /** Dates that schedules exclude by name. */
  readonly calendars: Calendars;
  /** How many tasks run at a time, and how many start in a time: docs/limits.md. */
  readonly limits: Limits;
  /** Owners of queues, between which resources are shared: docs/resources.md. */
  readonly accounts: Accounts;
  /** Named sets of workers. */
  readonly pools: Pools;
  /** Floating resources: they belong to the whole system, such as licences. */
  readonly resources: Resources;
  /** Resources of each pool, and work that fits nowhere. `pool`: of this one alone. Asks the leader. */
  capacity(options?: { pool?: string }): Promise<Capacity>;
  /**
   * How many workers a pool with a template should have: docs/autoscale.md. Asks the leader. Rejects with `CommandRefusedError`
   * where there is no advice for the pool.
   */
  scale(pool: string): Promise<ScaleAdvice>;
  /** Says how many workers of the pool are on their way, all together. Rejects like `scale`. */
  scaleComing(pool: string, count: number, asked?: AskOptions): Promise<ScaleAdvice>;
  /** Runs of flows: docs/flows.md. */
  readonly runs: Runs;
  /** Tokens of the HTTP API: docs/security.md. */
  readonly tokens: Tokens;

  /**
   * Starts a run of a flow. Resolves when it is durable: first the items that are given with it are written, the flow last.
   * With `unique` an unfinished run that has the key is returned, with `deduplicated`. Rejects with `InvalidArgumentError`,
   * `PayloadTooLargeError` (the input), `TooManyItemsError`, `ItemsRemovedError`, and as `submit`.
   */
  start<Input, Output>(flow: Flow<Input, Output>, ...given: StartArguments<Input>): Promise<FlowRun<Output>>;
  /**
   * Starts a run for each input, 500 in a znode, and yields each when it is durable, in their order; reads inputs only so far
   * ahead as ZooKeeper takes them. An input that is refused ends it, after the runs that are stored.
   */
  startMany<Input, Output>(
    flow: Flow<Input, Output>,
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: StartOptions,
  ): AsyncIterableIterator<FlowRun<Output>>;
  /** A handle to any run by its id. Throws `InvalidArgumentError` when it is none. Nothing is read yet. */
  flowRun<Result = unknown>(id: string): FlowRun<Result>;
  /**
   * A task of `type` for each item; `.reduce(type, { arity })` makes one result of theirs, `.run()` starts it. Items may come
   * from an async iterable, 1,000,000 at most.
   */
  map<Type extends TypeName<Types>>(
    type: Type,
    items: Iterable<PayloadOf<Types, Type>> | AsyncIterable<PayloadOf<Types, Type>>,
    options?: MapGiven,
  ): MapReduce;
  /** A task of `type` with the same payload for each shard: handlers are told which in `ctx.shard`. */
  sharded<Type extends TypeName<Types>>(
    type: Type,
    payload: PayloadOf<Types, Type>,
    options: ShardedOptions,
  ): Promise<FlowRun<null>>;
  /** Opens a group of tasks of `type` and `types`, which grows until it is closed; then tasks follow from how it ended. */
  group(type: TypeName<Types>, callbacks: GroupOptions, options?: StartOptions): Promise<Group>;
  /** The group of this id, to add to it from any process. */
  openGroup(id: string): Group;

  /** Waits for what was submitted to be durable (as long as `commandTimeout`), then ends the session. Never rejects. */
  close(): Promise<void>;
}
