import {
  checkOptions,
  parseName,
  InvalidArgumentError,
  parseTaskId,
  TASK_OPTION_NAMES,
  type BatchId,
  type QueueSettings,
  type TaskId,
} from '@drover/core';
import type { Flow, MapGiven } from '@drover/flow';
import {
  checkTaskId,
  getTask,
  listTasks,
  readQueueViews,
  readRunHeader,
  readStatusView,
  readWorkerViews,
  type ListOptions,
  type QueueView,
  type StatusView,
  type TaskView,
  type WorkerView,
} from '@drover/inspect';
import type { Log, Metrics } from '@drover/observability';
import { within, type Health, type Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Drover, FinishedTask, SubmittedTask, Task } from './api.js';
import { commandTasks, configure, drain } from './admin/commands.js';
import type { CommandContext } from './admin/command.js';
import { checkChange, type TaskChange } from './admin/change.js';
import { deadLetters, type DeadLetters } from './admin/dead.js';
import { eraseTask, type EraseReply } from './admin/erase.js';
import { untilNothingOut } from './admin/drained.js';
import { why, type WhyView } from './admin/why.js';
import { withHandle } from './again.js';
import type { Broadcast, Broadcasts, StartBroadcastOptions } from './broadcasts/api.js';
import { BroadcastClient } from './broadcasts/broadcasts.js';
import { prepareBroadcast } from './broadcasts/prepare.js';
import type { Connection } from './connection.js';
import type { ClientInterceptors } from './intercept/interceptors.js';
import { ReadOnlyDriverError } from './errors.js';
import type { AskOptions, ClientLimits, PayloadSchemas, RunOptions, SubmitOptions, TaskInput } from './options.js';
import type { Group, GroupOptions } from './flows/group.js';
import { Flows } from './flows/flows.js';
import type { MapReduce, ShardedOptions } from './flows/map-reduce.js';
import type { Run } from './flows/run-handle.js';
import type { StartOptions } from './flows/start-options.js';
import type { QueueReply, TaskReply } from './replies.js';
import type { Runs } from './flows/runs-api.js';
import { RunClient } from './flows/runs.js';
import type { Accounts, Capacity, Pools, Resources, ScaleAdvice } from './definitions/api.js';
import {
  AccountClient,
  askCapacity,
  askScale,
  DefinitionClient,
  type DefinitionsHome,
} from './definitions/definitions.js';
import type { Limits } from './limits/api.js';
import { DeclaredLimits } from './limits/declared.js';
import { LimitClient } from './limits/limits.js';
import { Results } from './results/results.js';
import type { Calendars, Schedules } from './schedules/api.js';
import { CalendarClient } from './schedules/calendars.js';
import { ScheduleClient } from './schedules/schedules.js';
import { Budget } from './submit/budget.js';
import type { Inputs } from './submit/bulk.js';
import { Intake } from './submit/intake.js';
import { prepare } from './submit/prepare.js';
import { putBatch, type PutBatchContext, type PutBatchOptions, type PutBatchReply } from './submit/put-batch.js';
import { run } from './submit/run.js';
import { submitMany } from './submit/submit-many.js';
import { submitOne } from './submit/submit-one.js';
import { Submitter } from './submit/submitter.js';
import { checkSignal, OptionsResolver, type HandlerDefaults } from './submit/task-options.js';
import { TaskHandle, type TaskHome } from './task.js';
import type { Tokens } from './tokens/api.js';
import { TokenClient } from './tokens/tokens.js';

export interface ClientSettings {
  connection: Connection;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  limits: ClientLimits;
  schemas: PayloadSchemas;
  ofHandlers: HandlerDefaults;
  /** `null`: there are none. */
  interceptors: ClientInterceptors | null;
  /** The submitter. */
  name: string;
  commandTimeoutMs: number;
  newBatchId: () => BatchId;
}

/** The result of `connect`: the parts, wired to one connection. */
export class Client implements Drover, TaskHome {
  readonly runtime: Runtime;
  readonly dead: DeadLetters;
  readonly schedules: Schedules;
  readonly calendars: Calendars;
  readonly limits: Limits;
  readonly accounts: Accounts;
  readonly pools: Pools;
  readonly resources: Resources;
  readonly runs: Runs;
  readonly tokens: Tokens;
  readonly #home: DefinitionsHome;
  readonly #broadcasts: BroadcastClient;
  readonly #settings: ClientSettings;
  readonly #submitter: Submitter;
  readonly #results: Results;
  readonly #resolver: OptionsResolver;
  readonly #unwritten: Budget;
  readonly #endSampling: () => void;
  readonly #puts: PutBatchContext;
  readonly #flows: Flows;
  #closing: Promise<void> | null = null;

  constructor(settings: ClientSettings) {
    const { connection, runtime, log, metrics, limits, name, newBatchId } = settings;
    this.#settings = settings;
    this.#resolver = this.#resolverOf();
    this.runtime = runtime;
    this.dead = deadLetters({
      runtime,
      list: (options) => this.list(options),
      get: (id) => this.get(id, { payload: true }),
      retry: (ids, asked) => this.retry(ids, asked),
      move: (ids, queue, asked = {}) => this.#moveDead(ids, queue, asked),
      purge: (ids, asked = {}) => commandTasks('purge', ids, this.#commands(asked)),
    });
    this.#results = new Results({ connection, runtime, log, keptResultBytes: limits.keptResultBytes });
    this.#unwritten = new Budget({ tasks: limits.unwrittenTasks, bytes: limits.unwrittenBytes });
    this.#endSampling = metrics.sampled((samples) => {
      samples.number('drover_unwritten_tasks', {}, this.#unwritten.taken.tasks);
    });
    const read = <T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> => this.#read(act);
    const commands = (asked: AskOptions): CommandContext => this.#commands(asked);
    const home = { read, commands, log, now: () => runtime.now() };
    this.schedules = new ScheduleClient(home);
    this.calendars = new CalendarClient(home);
    this.limits = new LimitClient(home);
    this.#home = home;
    this.accounts = new AccountClient(home);
    this.pools = new DefinitionClient('pool', home);
    this.resources = new DefinitionClient('resource', home);
    this.runs = new RunClient(home);
    const write = <T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> => this.#write(act);
    this.tokens = new TokenClient({ read, write, log, now: home.now });
    const results = this.#results;
    const intake = new Intake(connection, runtime);
    const declared = new DeclaredLimits(connection, runtime, log);
    const { schemas, ofHandlers, interceptors } = settings;
    this.#puts = { connection, runtime, metrics, intake, declared, schemas, ofHandlers, client: name, interceptors };
    this.#flows = new Flows(
      { connection, runtime, intake, declared, client: name, newBatchId, startedPlans: new Set() },
      { read, commands, get: (id) => this.get(id), mustWrite: (what) => this.#mustWrite(what) },
    );
    this.#broadcasts = new BroadcastClient({
      ...{ connection, runtime, log, intake, declared, client: name, newId: newBatchId, read, commands },
      tasks: this,
    });
    this.#submitter = new Submitter({
      connection,
      runtime,
      metrics,
      newBatchId,
      client: name,
      limits,
      results,
      intake,
      declared,
      interceptors,
    });
  }

  async capacity(options: { pool?: string } = {}): Promise<Capacity> {
    checkOptions(options, ['pool']);
    const { pool } = options;
    return askCapacity(this.#home, pool === undefined ? undefined : parseName('pool', pool));
  }

  async scale(pool: string): Promise<ScaleAdvice> {
    return askScale(this.#home, { kind: 'show-scale', pool: parseName('pool', pool) });
  }

  async scaleComing(pool: string, count: number, asked: AskOptions = {}): Promise<ScaleAdvice> {
    if (!Number.isSafeInteger(count) || count < 0 || count > 100_000)
      throw new InvalidArgumentError('count', count, 'a whole number of workers from 0 to 100,000');
    return askScale(this.#home, { kind: 'scale-coming', pool: parseName('pool', pool), count }, asked);
  }

  get health(): Health {
    return this.#settings.connection.health;
  }

  submit(type: string, payload?: unknown, options?: SubmitOptions): Promise<Task> {
    try {
      this.#mustWrite('submitting');
      const { schemas, metrics } = this.#settings;
      const context = { submitter: this.#submitter, home: this, unwritten: this.#unwritten, metrics };
      const prepared = prepare({ type, payload, options }, { resolver: this.#resolver, schemas });
      if (prepared instanceof Promise) return prepared.then((later) => submitOne(context, later));
      return submitOne(context, prepared);
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
  }

  #resolverOf(defaults?: SubmitOptions): OptionsResolver {
    return new OptionsResolver(defaults, this.#settings.ofHandlers);
  }

  submitMany(tasks: Inputs, defaults?: SubmitOptions): AsyncIterableIterator<SubmittedTask> {
    this.#mustWrite('submitting');
    const resolver = this.#resolverOf(defaults);
    const { runtime, limits, schemas } = this.#settings;
    return submitMany(tasks, { submitter: this.#submitter, home: this, runtime, limits, resolver, schemas });
  }

  async putBatch(id: BatchId, tasks: Iterable<TaskInput>, options: PutBatchOptions = {}): Promise<PutBatchReply> {
    this.#mustWrite('submitting');
    return putBatch(id, tasks, options, this.#puts);
  }

  run(tasks: Inputs, options: RunOptions = {}): AsyncIterableIterator<FinishedTask> {
    this.#mustWrite('submitting');
    const { signal, onSubmitted, ...defaults } = checkRunOptions(options);
    const resolver = this.#resolverOf(defaults);
    const { runtime, limits, schemas } = this.#settings;
    const context = { submitter: this.#submitter, results: this.results(), runtime, limits, resolver, schemas };
    return run(tasks, { ...context, signal, onSubmitted });
  }

  async broadcast(type: string, payload?: unknown, options: StartBroadcastOptions = {}): Promise<Broadcast> {
    this.#mustWrite('broadcasting');
    return this.#broadcasts.start(await prepareBroadcast({ type, payload, options }, this.#settings.schemas));
  }

  get broadcasts(): Broadcasts {
    return this.#broadcasts;
  }

  task<Result = unknown>(id: TaskId): Task<Result> {
    const { batch, index } = parseTaskId(checkTaskId(id)) ?? { batch: '', index: 0 };
    return new TaskHandle<Result>(this, { id: batch, groups: null }, index, false);
  }

  async get(id: TaskId, options: { payload?: boolean } = {}): Promise<TaskView> {
    checkOptions(options, ['payload']);
    return this.#read((zk) => getTask(zk, id, options.payload ?? false, this.#settings));
  }

  async why(id: TaskId): Promise<WhyView> {
    return why(id, {
      get: () => this.get(id),
      isRun: () => this.#read(async (zk) => (await readRunHeader(zk, id)) !== null),
      context: () => this.#commands(),
    });
  }

  list(options: ListOptions = {}): AsyncIterableIterator<TaskView> {
    const { runtime, log } = this.#settings;
    return listTasks(options, { read: this.#read, runtime, log });
  }

  status(): Promise<StatusView> {
    return this.#read(readStatusView);
  }

  workers(): Promise<WorkerView[]> {
    return this.#read(readWorkerViews);
  }

  queues(): Promise<QueueView[]> {
    return this.#read(readQueueViews);
  }

  async cancel(ids: Iterable<TaskId>, asked?: AskOptions): Promise<TaskReply[]> {
    return commandTasks('cancel', ids, this.#commands(asked));
  }

  async retry(ids: Iterable<TaskId>, asked?: AskOptions): Promise<TaskReply[]> {
    const all = [...ids];
    try {
      return await commandTasks('retry', all, this.#commands(asked));
    } finally {
      // Also after an error: some of the tasks may run again.
      this.#results.forget(all.map((id) => parseTaskId(id)?.batch ?? ''));
    }
  }

  async erase(id: TaskId, asked?: AskOptions): Promise<EraseReply> {
    try {
      return await eraseTask(id, this.#commands(asked));
    } finally {
      this.#results.forget([parseTaskId(id)?.batch ?? '']);
    }
  }

  async #moveDead(ids: readonly TaskId[], queue: string, asked: AskOptions): Promise<TaskReply[]> {
    try {
      return await commandTasks('change', ids, this.#commands(asked), { queue, dead: true });
    } finally {
      this.#results.forget(ids.map((id) => parseTaskId(id)?.batch ?? ''));
    }
  }

  async setTasks(ids: Iterable<TaskId>, change: TaskChange, asked?: AskOptions): Promise<TaskReply[]> {
    return commandTasks('change', ids, this.#commands(asked), checkChange(change, this.runtime.now()));
  }

  async drain(worker: string, on = true, asked?: AskOptions): Promise<void> {
    await drain(worker, on, this.#commands(asked));
  }

  untilDrained(worker: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    return untilNothingOut(worker, this.#settings, options.signal);
  }

  pauseQueue(queue: string, asked?: AskOptions): Promise<QueueReply> {
    return this.configureQueue(queue, { paused: true }, asked);
  }

  resumeQueue(queue: string, asked?: AskOptions): Promise<QueueReply> {
    return this.configureQueue(queue, { paused: false }, asked);
  }

  async configureQueue(queue: string, settings: Partial<QueueSettings>, asked?: AskOptions): Promise<QueueReply> {
    return configure(queue, settings, this.#commands(asked));
  }

  start<Input, Output>(flow: Flow<Input, Output>, input?: Input, options?: StartOptions): Promise<Run<Output>> {
    return this.#flows.start(flow, input, options) as Promise<Run<Output>>;
  }

  startMany<Input, Output>(
    flow: Flow<Input, Output>,
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: StartOptions,
  ): AsyncIterableIterator<Run<Output>> {
    return this.#flows.startMany(flow, inputs, options) as AsyncGenerator<Run<Output>, void, undefined>;
  }

  flowRun<Result = unknown>(id: string): Run<Result> {
    return this.#flows.run(id) as Run<Result>;
  }

  map(type: string, items: Iterable<unknown> | AsyncIterable<unknown>, options?: MapGiven): MapReduce {
    return this.#flows.map(type, items, options);
  }

  sharded(type: string, payload: unknown, options: ShardedOptions): Promise<Run<null>> {
    return this.#flows.sharded(type, payload, options);
  }

  group(type: string, callbacks: GroupOptions, options?: StartOptions): Promise<Group> {
    return this.#flows.group(type, callbacks, options);
  }

  openGroup(id: string): Group {
    return this.#flows.openGroup(id);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  results(): Results {
    this.#mustWrite('waiting for results');
    return this.#results;
  }

  async #close(): Promise<void> {
    const { connection, runtime, commandTimeoutMs } = this.#settings;
    this.#results.close();
    this.#flows.close();
    this.#endSampling();
    const finished = this.#submitter.finish();
    await within(runtime, commandTimeoutMs, finished);
    // Submits that are not acknowledged yet reject with `ClientClosedError`.
    await connection.close();
    await finished;
  }

  readonly #read = <T>(act: (zk: ZooKeeper) => Promise<T>, signal?: AbortSignal): Promise<T> =>
    withHandle(this.#settings.connection.reader, this.runtime, act, signal);

  async #write<T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> {
    this.#mustWrite('writing');
    return withHandle(this.#settings.connection.writer, this.#settings.runtime, act);
  }

  #commands(asked: AskOptions = {}): CommandContext {
    this.#mustWrite('asking the leader');
    const { connection, runtime, commandTimeoutMs, newBatchId } = this.#settings;
    return { connection, runtime, newId: newBatchId, timeoutMs: commandTimeoutMs, asked };
  }

  #mustWrite(what: string): void {
    const { connection } = this.#settings;
    if (!connection.writable) throw new ReadOnlyDriverError(connection.driver, what, 'transactions and watches');
  }
}

const RUN_NAMES = [...TASK_OPTION_NAMES, 'signal', 'onSubmitted'];

function checkRunOptions(options: RunOptions): RunOptions {
  checkOptions(options, RUN_NAMES);
  checkSignal(options.signal);
  const { onSubmitted } = options;
  if (onSubmitted !== undefined && typeof onSubmitted !== 'function')
    throw new InvalidArgumentError('onSubmitted', onSubmitted, 'a function');
  return options;
}
