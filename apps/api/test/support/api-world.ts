import {
  COMMON_ERRORS,
  ROUTES,
  type FromApi,
  type FromScheduler,
  type QuestionName,
  type Questions,
  type Route,
} from '@drover/api';
import { connect, type Drover } from '@drover/client';
import { resolveSchedulerConfig } from '@drover/config';
import { SCHEDULING_DEFAULTS } from '@drover/core';
import { createMetrics, silentLog } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { strategyNamed } from '@drover/strategies';
import { Changes, testZooKeeper, type Teardown } from '@drover/testing';
import { LocalExecutor, Worker } from '@drover/worker';
import { connectZooKeeper } from '@drover/zookeeper';
import { createApi, type Api } from '../../src/create-api.js';
import type { Channel } from '../../src/port.js';
import { apiThreadData } from '../../src/thread-data.js';

/** The fields of documents that tests look at; each document has some of them. */
export interface Doc {
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  readonly task: string;
  readonly blocking: boolean;
  readonly count: number;
  readonly complete: boolean;
  readonly next: string | null;
  readonly revision: string | null;
  readonly error: { readonly name: string };
  readonly leader: { readonly id: string; readonly epoch: number } | null;
  readonly tasks: Readonly<Record<'pending' | 'succeeded' | 'failed', number>> | null;
  readonly workers: { readonly slots: number };
  readonly items: readonly Doc[];
  readonly queues: readonly string[];
  readonly schedulers: readonly Doc[];
  readonly attention: readonly Doc[];
  readonly reasons?: readonly Doc[];
}

export interface Answered {
  status: number;
  headers: Headers;
  json: Doc;
}

/** A scheduler in this process with its API, which is not in a thread here: the channel is two functions. */
export interface Replica {
  readonly id: string;
  readonly url: string;
  readonly scheduler: Scheduler;
  readonly api: Api;
  /** GET, checked against the schemas of its route. */
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Ends both. */
  stop(): Promise<void>;
}

/** Real schedulers, workers and APIs on a chroot of their own. */
export class ApiWorld {
  readonly changes = new Changes();
  readonly #t: Teardown;
  readonly zk: string;

  private constructor(t: Teardown, zk: string) {
    this.#t = t;
    this.zk = zk;
  }

  static async create(t: Teardown): Promise<ApiWorld> {
    return new ApiWorld(t, (await testZooKeeper(t)).connect);
  }

  async client(): Promise<Drover> {
    const drover = await connect({ zk: this.zk, onWarning: () => undefined });
    this.#t.teardown(() => drover.close());
    return drover;
  }

  async worker(name: string, handlers: object, capacity = 4): Promise<Worker> {
    const settings = { name, host: 'h', pid: process.pid, version: '0', stopTimeoutMs: 0, graceMs: 100, capacity };
    const worker = new Worker({
      factory: connectZooKeeper,
      zookeeper: { connect: this.zk, sessionTimeoutMs: 6_000, runtime: systemRuntime },
      runtime: systemRuntime,
      log: silentLog,
      metrics: createMetrics(),
      settings,
      types: new LocalExecutor(handlers, name).types,
    });
    this.#t.teardown(() => worker.stop());
    await worker.start();
    return worker;
  }

  /** A scheduler and its API, at a free port, once both take part. */
  async replica(id: string, flags: Record<string, unknown> = {}): Promise<Replica> {
    const config = resolveSchedulerConfig({ flags: { zk: this.zk, id, apiListen: '127.0.0.1:0', ...flags }, env: {} });
    const metrics = createMetrics({ process: true });
    const scheduler = schedulerOf(this.zk, id, metrics);
    await scheduler.start();
    const { channel, end } = channelTo(scheduler, () => metrics.text());
    const { api: settings } = config;
    if (settings === null) throw new Error('the API is off');
    const data = apiThreadData(config, settings, { id, host: 'h', pid: process.pid, version: '0.1.0' });
    const api = await createApi({ data, channel, runtime: systemRuntime, log: silentLog });
    let stopped: Promise<void> | null = null;
    const stop = (): Promise<void> =>
      (stopped ??= (async () => {
        await scheduler.stop();
        end();
        await api.close();
      })());
    this.#t.teardown(stop);
    const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      ask(api.url, method, path, body, headers);
    return {
      id,
      url: api.url,
      scheduler,
      api,
      stop,
      send,
      get: (path, headers) => send('GET', path, undefined, headers),
    };
  }

  /** Asks again until the answer satisfies: a replica hears of a change some milliseconds later. */
  async until(get: () => Promise<Answered>, isIt: (answer: Answered) => boolean): Promise<Answered> {
    const timer = systemRuntime.every(50, this.changes.wake);
    try {
      return await this.changes.until(async () => {
        const answer = await get();
        return isIt(answer) ? answer : null;
      });
    } finally {
      timer.cancel();
    }
  }
}

function schedulerOf(zk: string, id: string, metrics: ReturnType<typeof createMetrics>): Scheduler {
  return new Scheduler({
    ...{ id, host: 'h', pid: process.pid, version: '0.1.0', log: silentLog, metrics, runtime: systemRuntime },
    factory: connectZooKeeper,
    zookeeper: { connect: zk, sessionTimeoutMs: 6_000 },
    strategy: () => strategyNamed('least-loaded'),
    intake: { maxTasks: SCHEDULING_DEFAULTS.maxPendingTasks, maxBytes: SCHEDULING_DEFAULTS.maxPendingBytes },
    planner: SCHEDULING_DEFAULTS,
  });
}

/** Does what `apps/scheduler` does over a `MessagePort`, with copies as there. */
function channelTo(scheduler: Scheduler, metrics: () => Promise<string>): { channel: Channel; end: () => void } {
  let tell: (message: FromScheduler) => void = () => undefined;
  const say = (message: FromScheduler): void => tell(structuredClone(message));
  const health = (): void => say({ kind: 'beat', health: scheduler.health });
  const beat = systemRuntime.every(1_000, health);
  const answer = async (name: QuestionName, ask: unknown): Promise<unknown> => {
    if (name === 'metrics') return metrics();
    if (name === 'resign') return scheduler.handOver((ask as Questions['resign']['ask']).reason);
    return scheduler.readModel.answer(name, ask as never);
  };
  const post = (message: FromApi): void => {
    if (message.kind === 'listening') scheduler.advertise(message.url);
    else if (message.kind === 'follow') scheduler.readModel.follow((facts) => say({ kind: 'facts', facts }));
    else if (message.kind === 'ask')
      answer(message.name, structuredClone(message.ask)).then(
        (given) => say({ kind: 'answer', id: message.id, answer: given }),
        (error: unknown) => say({ kind: 'failed', id: message.id, message: String(error) }),
      );
  };
  const end = (): void => {
    beat.cancel();
    scheduler.readModel.follow(null);
  };
  return {
    channel: {
      post: (message) => systemRuntime.soon(() => post(message)),
      listen: (listener) => {
        tell = listener;
        health();
      },
    },
    end,
  };
}

async function ask(
  url: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answered> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(url + path, { method, headers: { ...type, ...headers }, redirect: 'manual', ...text });
  const given = await answer.text();
  const isJson = (answer.headers.get('content-type') ?? '').includes('json') && given !== '';
  const answered = {
    status: answer.status,
    headers: answer.headers,
    json: (isJson ? JSON.parse(given) : given) as Doc,
  };
  check(method, path, answered);
  return answered;
}

/** Every answer that a test sees is one of those that its route announces. */
export function check(method: string, path: string, { status, headers, json }: Answered): void {
  const pathname = path.split('?')[0] ?? '';
  const route = ROUTES.find((each) => each.method === method && isAt(each.path, pathname));
  if ((headers.get('content-type') ?? '').startsWith('application/problem+json')) {
    checkProblem(route, status, json);
    return;
  }
  // Every document has an ETag.
  if (route === undefined || (status === 304 && method === 'GET')) return;
  const body = route.answers[status];
  if (body === undefined) throw new Error(`${method} ${path} answered ${status}, which its route does not announce`);
  if (body !== null && 'json' in body) body.json.parse(json);
}

function checkProblem(route: Route | undefined, status: number, json: unknown): void {
  const problem = json as { code: string; status: number; detail: string; requestId: string; type: string };
  if (
    problem.status !== status ||
    problem.detail === '' ||
    problem.requestId === '' ||
    problem.type !== `urn:drover:error:${problem.code}`
  )
    throw new Error(`not a problem as documented: ${JSON.stringify(problem)}`);
  if (/\/(apps|libs|node_modules)\/|\n\s+at /.test(JSON.stringify(problem)))
    throw new Error(`a problem tells of the server: ${problem.detail}`);
  if (route === undefined) return;
  const announced: readonly string[] = [...route.errors, ...COMMON_ERRORS];
  if (!announced.includes(problem.code))
    throw new Error(`${route.name} answered ${problem.code}, which it does not announce`);
}

const isAt = (pattern: string, path: string): boolean => {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part === given[i] || part.startsWith(':'));
};
