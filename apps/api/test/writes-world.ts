import { ROUTES, type Questions, type Route } from '@drover/api';
import { connect, type Drover } from '@drover/client';
import { SCHEDULING_DEFAULTS } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { LeastLoadedStrategy } from '@drover/strategies';
import { Changes, testZooKeeper, type Teardown } from '@drover/testing';
import { LocalExecutor, Worker } from '@drover/worker';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import type { ExecutionContext } from 'ava';
import { Members } from '../src/members.js';
import { ANYBODY, type Caller } from '../src/access/caller.js';
import type { ApiContext } from '../src/api-context.js';
import type { ApiError } from '../src/api-error.js';
import { apiErrorOf } from '../src/errors-of-client.js';
import type { Answer, Asked } from '../src/handlers/handler.js';
import { createWrites, type Writes } from '../src/handlers/writes.js';
import { Waits } from '../src/server/waits.js';

const SESSION_MS = 10_000;

/** A request, as a test gives it. */
export interface Request {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  caller?: Caller;
  signal?: AbortSignal;
  /** The time of the replica; default: now. */
  now?: number;
}

/** A real scheduler and a real worker on a real ZooKeeper, and the handlers of one replica. */
export class WritesWorld {
  readonly drover: Drover;
  readonly zk: ZooKeeper;
  readonly writes: Writes;
  /** Tasks of the type `wait` end when this is called. */
  readonly release: () => void;
  readonly #t: ExecutionContext;
  readonly #context: ApiContext;
  readonly #changes = new Changes();

  private constructor(t: ExecutionContext, parts: Pick<WritesWorld, 'drover' | 'zk' | 'release'>, context: ApiContext) {
    this.#t = t;
    this.drover = parts.drover;
    this.zk = parts.zk;
    this.release = parts.release;
    this.writes = createWrites();
    this.#context = context;
  }

  static async create(t: ExecutionContext & Teardown, planner: Partial<PlannerSettings> = {}): Promise<WritesWorld> {
    const { connect: address } = await testZooKeeper(t);
    const scheduler = startScheduler(t, address, planner);
    // The machine may be busy with other tests.
    const drover = await connect(address, { name: 'api', commandTimeout: '1m', onWarning: () => undefined });
    t.teardown(() => drover.close());
    const zk = connectZooKeeper({ connect: address, runtime: systemRuntime, sessionTimeoutMs: SESSION_MS });
    t.teardown(() => zk.close());
    await Promise.all([scheduler, zk.connected()]);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    t.teardown(release);
    await startWorker(t, address, released);
    // No watches stand, so that what is read grows old.
    const session = { state: 'suspended', incarnation: 0, onState: () => () => undefined };
    const context = {
      ...{ schedulerId: 's1', version: '0', runtime: systemRuntime, log: silentLog, metrics: silentMetrics },
      ...{ drover, zk: () => Promise.resolve(zk), members: new Members(drover, session as never, systemRuntime) },
      ask: (name: 'tasks', ask: Questions['tasks']['ask']) =>
        scheduler.then((started) => started.readModel.answer(name, ask)),
      stored: (reading: Promise<unknown>) => reading,
      data: { api: { access: { disable: [], methods: ['none'] } } },
      ...{ waits: new Waits(), access: { returnedValue: (value: unknown) => value } },
    } as unknown as ApiContext;
    const world = new WritesWorld(t, { drover, zk, release }, context);
    const { wake } = world.#changes;
    await zk.watch('/', 'recursive', { event: wake, reset: wake });
    return world;
  }

  /** Resolves with the first answer that is not null, asking again whenever anything in the tree changes. */
  until<T>(ask: () => Promise<T | null>): Promise<T> {
    return this.#changes.until(ask);
  }

  /** Calls the handler of a route, and checks the answer by its schema. Throws what it throws. */
  async call(name: string, request: Request = {}): Promise<Answer> {
    const route: Route | undefined = ROUTES.find((each) => each.name === name);
    const handler = this.writes.handlers[name];
    if (route === undefined || handler === undefined) throw new Error(`no route ${name}`);
    const { params = {}, headers = {}, caller = ANYBODY, signal = new AbortController().signal } = request;
    const isStream = typeof request.body === 'object' && request.body !== null && Symbol.asyncIterator in request.body;
    const body = isStream || route.body === undefined ? request.body : route.body.json.parse(request.body ?? {});
    const query = route.query === undefined ? {} : route.query.parse(request.query ?? {});
    const asked: Asked = { params, query, body, caller, requestId: 'r1', headers, signal, from: '127.0.0.1' };
    const { now } = request;
    const runtime = now === undefined ? systemRuntime : { ...systemRuntime, now: () => now };
    const answer = await handler(asked, { ...this.#context, runtime });
    this.#check(route, answer);
    return answer;
  }

  /** The error that it is refused with. */
  async refused(name: string, request: Request): Promise<ApiError> {
    const error = await this.#t.throwsAsync(this.call(name, request), { any: true } as never);
    const known = apiErrorOf(error);
    if (known === null) throw error;
    return known;
  }

  #check({ name, answers }: Route, { status, json, lines }: Answer): void {
    const body = answers[status];
    if (body === undefined) throw new Error(`${name} answers ${status}, which its route does not say`);
    if (lines !== undefined) {
      if (body === null || !('lines' in body)) throw new Error(`${name}: its route says nothing of lines`);
    } else if (body !== null && 'json' in body) body.json.parse(JSON.parse(JSON.stringify(json)));
    else if (body !== null && 'lines' in body) throw new Error(`${name}: no lines`);
  }
}

type PlannerSettings = ConstructorParameters<typeof Scheduler>[0]['planner'];

async function startScheduler(t: Teardown, address: string, planner: Partial<PlannerSettings>): Promise<Scheduler> {
  const scheduler = new Scheduler({
    ...{ id: 's1', host: 'test', pid: 1, version: '0', log: silentLog, metrics: silentMetrics, runtime: systemRuntime },
    factory: connectZooKeeper,
    zookeeper: { connect: address, sessionTimeoutMs: SESSION_MS },
    strategy: () => new LeastLoadedStrategy(),
    planner: { ...SCHEDULING_DEFAULTS, ...planner },
    intake: { maxTasks: 1_000_000, maxBytes: 1_000_000_000 },
  });
  t.teardown(() => scheduler.stop());
  await scheduler.start();
  return scheduler;
}

async function startWorker(t: Teardown, address: string, released: Promise<void>): Promise<void> {
  const handlers = {
    echo: (payload: unknown) => payload,
    fail: (payload: unknown) => {
      throw new Error(`no: ${JSON.stringify(payload)}`);
    },
    wait: async () => {
      await released;
      return 'at last';
    },
  };
  const worker = new Worker({
    ...{ runtime: systemRuntime, factory: connectZooKeeper, log: silentLog },
    types: new LocalExecutor(handlers, 'test').types,
    zookeeper: { connect: address, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime },
    settings: {
      ...{ name: 'w1', host: 'test', pid: 1, version: '0', capacity: 64, weight: 64, computeThreads: 1 },
      ...{ stopTimeoutMs: 0, graceMs: 100 },
    },
  });
  t.teardown(() => worker.stop());
  await worker.start();
}
