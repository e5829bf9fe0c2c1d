import {
  checkOptions,
  InvalidArgumentError,
  parseTaskId,
  TASK_OPTION_NAMES,
  type BatchId,
  type QueueSettings,
  type TaskId,
} from '@drover/core';
import {
  checkTaskId,
  getTask,
  listTasks,
  readQueueViews,
  readStatusView,
  readWorkerViews,
  type ListOptions,
  type QueueView,
  type StatusView,
  type TaskView,
  type WorkerView,
} from '@drover/inspect';
import type { Log, Metrics } from '@drover/observability';
import { within, type Runtime } from '@drover/runtime';
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
import type { Connection } from './connection.js';
import type { ClientInterceptors } from './intercept/interceptors.js';
import { ReadOnlyDriverError } from './errors.js';
import type { AskOptions, ClientLimits, PayloadSchemas, RunOptions, SubmitOptions, TaskInput } from './options.js';
import type { QueueReply, TaskReply } from './replies.js';
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
import { checkSignal, OptionsResolver } from './submit/task-options.js';
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
  readonly tokens: Tokens;
  readonly #settings: ClientSettings;
  readonly #submitter: Submitter;
  readonly #results: Results;
  readonly #resolver = new OptionsResolver();
  readonly #unwritten: Budget;
  readonly #endSampling: () => void;
  readonly #puts: PutBatchContext;
  #closing: Promise<void> | null = null;

  constructor(settings: ClientSettings) {
    const { connection, runtime, log, metrics, limits, name, newBatchId } = settings;
    this.#settings = settings;
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
    const write = <T>(act: (zk: ZooKeeper) => Promise<T>): Promise<T> => this.#write(act);
    this.tokens = new TokenClient({ read, write, log, now: home.now });
    const results = this.#results;
    const intake = new Intake(connection, runtime);
    const declared = new DeclaredLimits(connection, runtime, log);
    this.#puts = { connection, runtime, metrics, intake, declared, schemas: settings.schemas, client: name };
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
      interceptors: settings.interceptors,
    });
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

  submitMany(tasks: Inputs, defaults?: SubmitOptions): AsyncIterableIterator<SubmittedTask> {
    this.#mustWrite('submitting');
    const resolver = new OptionsResolver(defaults);
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
    const resolver = new OptionsResolver(defaults);
    const { runtime, limits, schemas } = this.#settings;
    const context = { submitter: this.#submitter, results: this.results(), runtime, limits, resolver, schemas };
    return run(tasks, { ...context, signal, onSubmitted });
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
    return why(
      id,
      () => this.get(id),
      () => this.#commands(),
    );
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
