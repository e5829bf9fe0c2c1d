import { setMaxListeners } from 'node:events';
import { connectSession, type ClientWarning } from '@drover/client';
import { tlsFrom } from '@drover/config';
import { createMetrics, type Log } from '@drover/observability';
import { DeadlinePassed, sleep, unlessAborted, withDeadline, type Runtime, type Timer } from '@drover/runtime';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { createAccess } from './access/create-access.js';
import { createTls, followTls } from './access/tls.js';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';
import { HANDLERS } from './handlers/index.js';
import { createWrites } from './handlers/writes.js';
import { overviewOf } from './handlers/overview.js';
import { schedulesText } from './handlers/definitions.js';
import { askLeader } from './leader/ask-leader.js';
import { Follower } from './leader/follow.js';
import { LeaderWatch } from './leader/leader-watch.js';
import { ReplicaClient } from './leader/request-json.js';
import { Live } from './live/live.js';
import { Members } from './members.js';
import { SchedulerPort, type Channel } from './port.js';
import { createServer } from './server/create-server.js';
import { listenAt } from './server/listen.js';
import { requestTraces } from './server/request-trace.js';
import { startTracing } from './tracing.js';
import { Waits } from './server/waits.js';
import { StreamHub } from './streams/hub.js';
import type { ApiThreadData } from './thread-data.js';
import { ZooKeeperProbe } from './zookeeper/probe.js';

/** How long a read of ZooKeeper may take. */
const READ_WITHIN_MS = 5_000;
const SAMPLE_MS = 1_000;
const LAST_WORDS_MS = 50;
/** Submits of all callers together, so that the thread keeps within its memory. */
const CLIENT_LIMITS = { unwrittenTasks: 50_000, unwrittenBytes: 32 << 20, aheadTasks: 10_000, aheadBytes: 16 << 20 };

export interface ApiOptions {
  data: ApiThreadData;
  channel: Channel;
  runtime: Runtime;
  log: Log;
}

/** A running API. */
export interface Api {
  /** The address that it listens at, such as `http://127.0.0.1:7373`, with the base path if there is one. */
  readonly url: string;
  readonly server: FastifyInstance;
  /** Ends streams with a last word, then the session. Never rejects. */
  close(): Promise<void>;
}

/**
 * Starts the API of a scheduler: it listens, tells the scheduler so, and follows it. Rejects with `ApiListenError` where the
 * address cannot be had. ZooKeeper need not be there yet.
 */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { data, channel, runtime, log } = options;
  const { api, identity, zookeeper } = data;
  const warnings: ClientWarning[] = [];
  const metrics = createMetrics();
  const tracing = await startTracing(data, log);
  const { drover, session } = connectSession({
    zk: zookeeper.connect,
    sessionTimeout: zookeeper.sessionTimeoutMs,
    auth: zookeeper.auth,
    ...(zookeeper.tlsFiles === undefined ? {} : { tls: tlsFrom(zookeeper.tlsFiles) }),
    name: `api:${identity.id}`,
    limits: CLIENT_LIMITS,
    interceptors: tracing?.interceptors ?? [requestTraces],
    onWarning: (warning) => warnings.push(warning),
    ...{ runtime, log },
  });
  const stopping = new AbortController();
  // Every open stream listens to it.
  setMaxListeners(0, stopping.signal);
  const port = new SchedulerPort(channel, runtime);
  const leader = new LeaderWatch(session, runtime);
  const live = new Live(runtime);
  const members = new Members(drover, session, runtime);
  const probe = new ZooKeeperProbe(session, runtime);
  const replicas = new ReplicaClient(api.access.tlsCaFile === null ? null : readFileSync(api.access.tlsCaFile, 'utf8'));
  const stored = <T>(reading: Promise<T>): Promise<T> => within(reading, runtime);
  const zk = async (): Promise<typeof session.zk> => {
    await stored(session.connected());
    return session.zk;
  };
  const { basePath, corsOrigins, advertise } = api;
  const access = createAccess({
    ...{ config: api.access, basePath, advertise, corsOrigins, schedulerId: identity.id, version: identity.version },
    ...{ runtime, log, metrics, zk },
  });
  const asker = { schedulerId: identity.id, port, leader, client: replicas, access, runtime };
  const hub = new StreamHub(runtime, {
    overview: (caller) => overviewOf(context, caller),
    schedules: (caller) => schedulesText(context, caller),
  });
  const writes = createWrites();
  const context: ApiContext = {
    ...{ schedulerId: identity.id, version: identity.version, data, runtime, log, metrics, apiMetrics: metrics },
    ...{ drover, session, zk, stored, port, leader, live, members, probe, replicas, access, hub },
    ask: (name, ask) => port.ask(name, ask),
    askLeader: (name, ask) => askLeader(name, ask, asker),
    waits: new Waits(),
    audit: access.audit,
    onOperation: (listener) => writes.operations.onChange(listener),
    isExposed: api.access.exposed,
    isRootOpen: () => warnings.some(({ code }) => code === 'ROOT_OPEN'),
    stopping: stopping.signal,
  };
  const tls = api.access.tls === null ? null : createTls(api.access.tls);
  const handlers = { ...HANDLERS, ...writes.handlers, ...access.handlers };
  const server = await createServer({ context, handlers, basePath, corsOrigins, tls: tls?.options ?? null, tracing });
  const close = async (): Promise<void> => {
    stopping.abort(new ApiError('stopping', 'this replica stops; ask again, or another one', { retryAfterMs: 1_000 }));
    writes.operations.stop();
    certificates?.cancel();
    hub.close();
    probe.close();
    sampling.cancel();
    await follower.close();
    // Connections are cut when the server closes: the last words of streams need a moment.
    await sleep(runtime, LAST_WORDS_MS);
    await server.close();
    replicas.close();
    await access.close();
    await drover.close();
    await tracing?.close();
  };
  const sampling = runtime.every(SAMPLE_MS, () => {
    live.tick();
    writes.previews.forgetOld(runtime.now());
  });
  const follower = new Follower({ schedulerId: identity.id, leader, live, client: replicas, access, runtime, log });
  let certificates: Timer | null = null;
  try {
    await access.start();
    const { url, advertised } = await listenAt(server, api);
    if (api.access.tls !== null) certificates = followTls(api.access.tls, server.server as never, { runtime, log });
    port.listening(advertise ?? advertised);
    hearScheduler(context);
    return { url, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The own scheduler's messages count while it leads; else the leader's stream does. */
function hearScheduler({ port, live, leader, members }: ApiContext): void {
  let led = false;
  leader.onChange(() => members.changed());
  live.onChange((_what, change) => {
    if (change?.workers === true || change === null) members.changed();
  });
  port.follow((facts) => {
    if (facts.epoch !== null) {
      live.apply(facts);
      leader.spoke(facts.epoch);
    } else if (led) live.silent();
    led = facts.epoch !== null;
  });
}

async function within<T>(reading: Promise<T>, runtime: Runtime): Promise<T> {
  try {
    return await withDeadline(runtime, READ_WITHIN_MS, (signal) => unlessAborted(reading, signal));
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new ApiError('zookeeper-unavailable', `ZooKeeper did not answer within ${READ_WITHIN_MS} ms`, {
      retryAfterMs: 1_000,
    });
  }
}
