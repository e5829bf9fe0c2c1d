import type * as client from '@drover/client';
import type {
  AskOptions,
  DeadLetters,
  Drover,
  EraseReply,
  FinishedTask,
  Limits,
  ListOptions,
  PutBatchOptions,
  PutBatchReply,
  QueueReply,
  QueueView,
  RunOptions,
  Schedules,
  Calendars,
  StatusView,
  SubmitOptions,
  SubmittedTask,
  Task,
  TaskInput,
  TaskReply,
  TaskView,
  Tokens,
  WhyView,
  WorkerView,
} from '@drover/client';
import { InvalidArgumentError, localTask, type QueueSettings } from '@drover/core';
import { sleep, type Runtime } from '@drover/runtime';
import type { ApiClient } from './api-client.js';
import { NotByApiError } from './errors.js';
import { apiLimits } from './limits.js';
import { apiCalendars, apiSchedules } from './schedules.js';
import { ApiTask, run, submitMany, type Inputs } from './submit.js';
import { changeTasks, getTask, getWhy, listTasks } from './tasks.js';
import { apiTokens } from './tokens.js';

const PAGE = 500;
/** One request waits for news of the workers so long. */
const NEWS_S = 30;
/** ... and this is the pause where the server cannot tell what is new, because nobody leads. */
const LOOK_AGAIN_MS = 1_000;

/**
 * The client of Drover by the HTTP API instead of ZooKeeper: what commands read and change is the same, and so are their
 * documents. The token tells who asks: `by` is not sent.
 */
export class ApiDrover implements Drover {
  readonly dead: DeadLetters;
  readonly schedules: Schedules;
  readonly calendars: Calendars;
  readonly limits: Limits;
  readonly tokens: Tokens;
  readonly #api: ApiClient;
  readonly #runtime: Runtime;

  /** `deadLetters` of the client library, which is loaded when it is needed. */
  constructor(api: ApiClient, runtime: Runtime, deadLetters: typeof client.deadLetters) {
    this.#api = api;
    this.#runtime = runtime;
    this.schedules = apiSchedules(api);
    this.calendars = apiCalendars(api);
    this.limits = apiLimits(api);
    this.tokens = apiTokens(api);
    this.dead = deadLetters({
      runtime,
      list: (options) => this.list(options),
      get: (id) => this.get(id, { payload: true }),
      retry: (ids, asked) => this.retry(ids, asked),
      move: () => Promise.reject(new NotByApiError("'dead redrive --to-queue'")),
      purge: () => Promise.reject(new NotByApiError("'dead purge'")),
    });
  }

  async submit(type: string, payload?: unknown, options: SubmitOptions = {}): Promise<Task> {
    const body = { type, ...(payload === undefined ? {} : { payload }), ...options };
    const { id, deduplicated } = await this.#api.get<{ id: string; deduplicated: boolean }>('submitTask', { body });
    return new ApiTask(this.#api, id, deduplicated);
  }

  submitMany(tasks: Inputs, defaults?: SubmitOptions): AsyncIterableIterator<SubmittedTask> {
    return submitMany(this.#api, tasks, defaults);
  }

  run(tasks: Inputs, options: RunOptions = {}): AsyncIterableIterator<FinishedTask> {
    return run(this.#api, tasks, options);
  }

  async putBatch(id: string, tasks: Iterable<TaskInput>, { defaults }: PutBatchOptions = {}): Promise<PutBatchReply> {
    const body = { tasks: [...tasks], ...(defaults === undefined ? {} : { defaults }) };
    const { status, body: reply } = await this.#api.call<{ ids: string[] }>('putBatch', { params: { id }, body });
    return { id, tasks: reply.ids, created: status === 201 };
  }

  task<Result = unknown>(id: string): Task<Result> {
    if (localTask(id) === null) throw new InvalidArgumentError('task id', id, 'BATCH.INDEX');
    return new ApiTask(this.#api, id) as unknown as Task<Result>;
  }

  get(id: string, { payload = false }: { payload?: boolean } = {}): Promise<TaskView> {
    return getTask(this.#api, id, payload);
  }

  why(id: string): Promise<WhyView> {
    return getWhy(this.#api, id);
  }

  list(options: ListOptions = {}): AsyncIterableIterator<TaskView> {
    return listTasks(this.#api, options);
  }

  status(): Promise<StatusView> {
    return this.#api.get('getStatus');
  }

  workers(): Promise<WorkerView[]> {
    return this.#api.all('listWorkers', { query: { limit: PAGE } });
  }

  /** Without what only the leader's memory knows: the same by both ways. */
  async queues(): Promise<QueueView[]> {
    const all = await this.#api.all<QueueView & { live?: unknown }>('listQueues', { query: { limit: PAGE } });
    return all.map(({ live: _, ...queue }) => queue);
  }

  cancel(ids: Iterable<string>, asked?: AskOptions): Promise<TaskReply[]> {
    return changeTasks(this.#api, 'cancelTask', ids, asked);
  }

  retry(ids: Iterable<string>, asked?: AskOptions): Promise<TaskReply[]> {
    return changeTasks(this.#api, 'retryTask', ids, asked);
  }

  erase(id: string, asked?: AskOptions): Promise<EraseReply> {
    return this.#api.get('eraseTask', { params: { id }, body: reasonOf(asked) });
  }

  setTasks(): Promise<TaskReply[]> {
    return Promise.reject(new NotByApiError("'task set'"));
  }

  async drain(worker: string, on = true, { reason }: AskOptions = {}): Promise<void> {
    await this.#api.call(on ? 'drainWorker' : 'undrainWorker', {
      params: { name: worker },
      body: reason === undefined ? {} : { reason },
    });
  }

  async untilDrained(worker: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    let after: string | undefined;
    while (true) {
      const query = { limit: PAGE, after, wait: after === undefined ? undefined : NEWS_S };
      const silentMs = (NEWS_S + 15) * 1_000;
      const { status, body } = await this.#api.call<{ items: WorkerView[]; revision: string | null }>('listWorkers', {
        query,
        silentMs,
        ...(signal === undefined ? {} : { signal }),
      });
      if (status === 304) continue;
      const theirs = body.items.filter(({ id, name }) => id === worker || name === worker);
      if (theirs.every(({ out }) => out === 0)) return;
      after = body.revision ?? undefined;
      if (after === undefined) await sleep(this.#runtime, LOOK_AGAIN_MS);
      signal?.throwIfAborted();
    }
  }

  pauseQueue(queue: string, asked?: AskOptions): Promise<QueueReply> {
    return this.#changeQueue('pauseQueue', queue, reasonOf(asked));
  }

  resumeQueue(queue: string, asked?: AskOptions): Promise<QueueReply> {
    return this.#changeQueue('resumeQueue', queue, reasonOf(asked));
  }

  configureQueue(queue: string, settings: Partial<QueueSettings>, asked?: AskOptions): Promise<QueueReply> {
    return this.#changeQueue('changeQueue', queue, { settings, ...reasonOf(asked) });
  }

  async #changeQueue(route: string, queue: string, body: object): Promise<QueueReply> {
    await this.#api.call(route, { params: { name: queue }, body });
    return { known: null };
  }

  /** Connections are shared and need no end. */
  async close(): Promise<void> {
    return Promise.resolve();
  }
}

const reasonOf = ({ reason }: AskOptions = {}): { reason?: string } => (reason === undefined ? {} : { reason });
