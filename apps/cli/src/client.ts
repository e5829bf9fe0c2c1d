import { resolveClientConfig, type ClientConfig } from '@drover/config';
import type { ClientInterceptor, ClientWarning, Drover } from '@drover/client';
import { within } from '@drover/runtime';
import type { Environment } from './command.js';
import { untilInterrupted } from './interruption.js';
import { settingsOf } from './settings.js';
import type { SubmitTracing } from './tracing.js';

/** After Ctrl-C the session gets this long to end, which is enough if ZooKeeper answers. */
const HASTY_CLOSE_MS = 300;

/**
 * Connects, calls `work`, and ends the session in any case. Rejects with `InterruptedError` when asked to stop: at
 * once, also while it connects. `trace`: makes spans of submits, if the settings ask for them.
 */
export async function withClient<T>(
  environment: Environment,
  work: (drover: Drover) => Promise<T>,
  trace: (config: Readonly<ClientConfig>) => Promise<SubmitTracing | null> = async () => null,
): Promise<T> {
  const { signal, runtime } = environment;
  const config = resolveClientConfig(settingsOf(environment));
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
