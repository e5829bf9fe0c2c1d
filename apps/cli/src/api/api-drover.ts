import type * as client from '@drover/client';
import type {
  Accounts,
  AskOptions,
  Capacity,
  Broadcast,
  Broadcasts,
  Flow,
  MapReduce,
  Run as FlowRun,
  StartBroadcastOptions,
  StartOptions,
  DeadLetters,
  Drover,
  EraseReply,
  FinishedTask,
  Limits,
  ListOptions,
  Pools,
  PutBatchOptions,
  PutBatchReply,
  QueueReply,
  QueueView,
  RunOptions,
  Resources,
  Runs,
  ScaleAdvice,
  Schedules,
  Calendars,
  StatusView,
  SubmitOptions,
  SubmittedTask,
  Task,
  TaskChange,
  TaskInput,
  TaskReply,
  TaskView,
  Tokens,
  WhyView,
  WorkerView,
} from '@drover/client';
import type { MapGiven } from '@drover/flow';
import { InvalidArgumentError, localTask, type QueueSettings } from '@drover/core';
import { sleep, type Runtime } from '@drover/runtime';
import type { ApiClient } from './api-client.js';
import { apiAccounts, apiDefinitions } from './definitions.js';
import { apiLimits } from './limits.js';
import { apiBroadcasts, startBroadcast } from './broadcasts.js';
import { runHandle, startRun } from './flows.js';
import { apiRuns } from './runs.js';
import { apiCalendars, apiSchedules } from './schedules.js';
import { ApiTask, run, submitMany, type Inputs } from './submit.js';
import { changeTasks, commandDead, getTask, getWhy, listTasks, setTasks } from './tasks.js';
import { apiTokens } from './tokens.js';

type Library = Pick<typeof client, 'deadLetters' | 'MapReduce'>;

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
  /** Each request tells whether its server answers. */
  readonly health = { ready: true, why: 'ok', hasConnected: true };
  readonly dead: DeadLetters;
  readonly schedules: Schedules;
  readonly calendars: Calendars;
  readonly limits: Limits;
  readonly accounts: Accounts;
  readonly pools: Pools;
  readonly resources: Resources;
  readonly tokens: Tokens;
  readonly runs: Runs;
  readonly broadcasts: Broadcasts;
  readonly #api: ApiClient;
  readonly #runtime: Runtime;
  readonly #mapReduce: (...given: ConstructorParameters<typeof client.MapReduce>) => MapReduce;

  /** `Library`: parts of the client library, which is loaded when it is needed. */
  constructor(api: ApiClient, runtime: Runtime, { deadLetters, MapReduce }: Library) {
    this.#api = api;
    this.#mapReduce = (...given) => new MapReduce(...given);
    this.#runtime = runtime;
    this.schedules = apiSchedules(api);
    this.calendars = apiCalendars(api);
    this.limits = apiLimits(api);
    this.accounts = apiAccounts(api);
    this.pools = apiDefinitions(api, 'pool');
    this.resources = apiDefinitions(api, 'resource');
    this.tokens = apiTokens(api);
    this.runs = apiRuns(api);
    this.broadcasts = apiBroadcasts(api);
    this.dead = deadLetters({
      runtime,
      list: (options) => this.list(options),
      get: (id) => this.get(id, { payload: true }),
      retry: (ids, asked) => commandDead(api, 'redriveDead', ids, reasonOf(asked)),
      move: (ids, queue, asked) => commandDead(api, 'redriveDead', ids, { queue, ...reasonOf(asked) }),
      purge: (ids, asked) => commandDead(api, 'purgeDead', ids, reasonOf(asked)),
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

  broadcast(type: string, payload?: unknown, options?: StartBroadcastOptions): Promise<Broadcast> {
    return startBroadcast(this.#api, type, payload, options);
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

  capacity({ pool }: { pool?: string } = {}): Promise<Capacity> {
    return this.#api.get('getCapacity', { query: { pool } });
  }

  scale(pool: string): Promise<ScaleAdvice> {
    return this.#api.get('getScale', { params: { pool } });
  }

  scaleComing(pool: string, count: number, { reason }: AskOptions = {}): Promise<ScaleAdvice> {
    return this.#api.get('scaleComing', {
      params: { pool },
      body: { count, ...(reason === undefined ? {} : { reason }) },
    });
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

  setTasks(ids: Iterable<string>, change: TaskChange, asked?: AskOptions): Promise<TaskReply[]> {
    return setTasks(this.#api, ids, change, asked);
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

  start<Input, Output>(flow: Flow<Input, Output>, input?: Input, options?: StartOptions): Promise<FlowRun<Output>> {
    return startRun(this.#api, flow, input, options) as Promise<FlowRun<Output>>;
  }

  startMany(): never {
    throw needsZooKeeper('flows are started');
  }

  flowRun<Result = unknown>(id: string): FlowRun<Result> {
    return runHandle(this.#api, id) as FlowRun<Result>;
  }

  map(type: string, items: Iterable<unknown> | AsyncIterable<unknown>, options: MapGiven = {}): MapReduce {
    const start: client.StartMap = (flow, of, given) => this.start(flow, null, { ...given, items: { map: of } });
    return this.#mapReduce(start, { type, items, options });
  }

  sharded(): Promise<never> {
    return Promise.reject(needsZooKeeper('shards are started'));
  }

  group(): Promise<never> {
    return Promise.reject(needsZooKeeper('a group is opened'));
  }

  openGroup(): never {
    throw needsZooKeeper('a group grows');
  }

  /** Connections are shared and need no end. */
  async close(): Promise<void> {
    return Promise.resolve();
  }
}

const reasonOf = ({ reason }: AskOptions = {}): { reason?: string } => (reason === undefined ? {} : { reason });

const needsZooKeeper = (what: string): InvalidArgumentError =>
  new InvalidArgumentError('api', `${what} through ZooKeeper: give --zk instead of --api`);
