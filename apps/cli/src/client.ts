import { resolveClientConfig, resolveRoute, type ClientConfig, type RouteConfig, type Via } from '@drover/config';
import type { ClientInterceptor, ClientWarning, Drover } from '@drover/client';
import { within } from '@drover/runtime';
import type { ApiClient } from './api/api-client.js';
import type { Environment } from './command.js';
import { UsageError } from './failure.js';
import { untilInterrupted } from './interruption.js';
import { clientSettingsOf } from './settings.js';
import type { SubmitTracing } from './tracing.js';

/** After Ctrl-C the session gets this long to end, which is enough if ZooKeeper answers. */
const HASTY_CLOSE_MS = 300;

/** `via`: who answers, for documents. */
type Work<T> = (drover: Drover, via: Via) => Promise<T>;
/** Makes spans of submits, if the settings ask for them. */
type Trace = (config: Readonly<ClientConfig>) => Promise<SubmitTracing | null>;
const NO_TRACE: Trace = async () => null;

/**
 * Calls `work` with a client of Drover, by ZooKeeper or by the API as the settings say, and ends the session in any
 * case. Rejects with `InterruptedError` when asked to stop: at once, also while it connects.
 */
export async function withClient<T>(environment: Environment, work: Work<T>, trace?: Trace): Promise<T> {
  const route = resolveRoute(clientSettingsOf(environment));
  if (route.via === 'zk') return withZooKeeper(environment, (drover) => work(drover, 'zk'), trace);
  return withApi(environment, async (api) => {
    const [{ ApiDrover }, library] = await Promise.all([import('./api/api-drover.js'), import('@drover/client')]);
    return work(new ApiDrover(api, environment.runtime, library), 'api');
  });
}

/** The same by ZooKeeper, whatever the settings say of an API. */
export async function withZooKeeper<T>(
  environment: Environment,
  work: (drover: Drover) => Promise<T>,
  trace: Trace = NO_TRACE,
): Promise<T> {
  const { signal, runtime } = environment;
  const config = resolveClientConfig(clientSettingsOf(environment));
  const warn = ({ message }: ClientWarning): void => {
    environment.stderr.note(`drover: warning: ${message}`);
  };
  const tracing = await trace(config);
  const drover = await untilInterrupted(signal, () => connectClient(config, warn, tracing?.interceptors));
  try {
    return await untilInterrupted(signal, () => work(drover));
  } finally {
    // A session that is not closed stays in ZooKeeper until its timeout.
    const closed = drover.close();
    await (signal.aborted ? within(runtime, HASTY_CLOSE_MS, closed) : closed);
    await tracing?.close();
  }
}

/**
 * Calls `work` with the API: at the URL of the settings, or of the leader, which ZooKeeper names. Throws `UsageError` where
 * nobody serves one. `stopsItself`: the work ends by itself, soon after the process was asked to stop.
 */
export async function withApi<T>(
  environment: Environment,
  work: (api: ApiClient) => Promise<T>,
  { stopsItself = false }: { stopsItself?: boolean } = {},
): Promise<T> {
  const { signal } = environment;
  const route = resolveRoute(clientSettingsOf(environment));
  const url = route.api ?? (await findApi(environment));
  const api = await openApi(signal, route, url);
  return stopsItself ? work(api) : untilInterrupted(signal, () => work(api));
}

export async function openApi(signal: AbortSignal, route: RouteConfig, url: string): Promise<ApiClient> {
  const { ApiClient } = await import('./api/api-client.js');
  return new ApiClient({ url, token: route.token, ca: route.ca }, signal);
}

async function findApi(environment: Environment): Promise<string> {
  const url = await withZooKeeper(environment, async (drover) => apiOf(await drover.status()));
  if (url !== null) return url;
  throw new UsageError(
    'this needs the API of a scheduler, and none serves one: start schedulers without --api-listen off, or give --api URL',
  );
}

/** The leader's URL, else that of any scheduler; `null`: nobody serves an API. */
export function apiOf({
  leader,
  schedulers,
}: Pick<Awaited<ReturnType<Drover['status']>>, 'leader' | 'schedulers'>): string | null {
  const url = leader?.api ?? schedulers.find(({ api }) => api !== undefined)?.api;
  return url === undefined ? null : url.replace(/\/+$/, '');
}

/** `onWarning`: default: warnings are ignored. */
export async function connectClient(
  config: Readonly<ClientConfig>,
  onWarning: (warning: ClientWarning) => void = () => undefined,
  interceptors: readonly ClientInterceptor[] = [],
): Promise<Drover> {
  const [{ connect }, { createLog }, { loadDriver }] = await Promise.all([
    import('@drover/client'),
    import('@drover/observability'),
    import('@drover/zookeeper'),
  ]);
  const { zookeeper, log } = config;
  return connect({
    zk: zookeeper.connect,
    tls: zookeeper.tls,
    auth: zookeeper.auth,
    sessionTimeout: zookeeper.sessionTimeoutMs,
    connectTimeout: zookeeper.connectTimeoutMs,
    driver: await loadDriver(zookeeper.driver),
    onWarning,
    interceptors,
    log: createLog({ level: log.level, stacks: log.stacks, fields: { role: 'client' } }),
  });
}
