import type { ApiConfig, ConnectionConfig, SchedulerConfig } from '@drover/config';

/** The scheduler beside which the API runs. */
export interface Identity {
  id: string;
  host: string;
  pid: number;
  version: string;
}

/** The thread is started with this: plain data. */
export interface ApiThreadData {
  identity: Identity;
  api: ApiConfig;
  zookeeper: Omit<ConnectionConfig, 'tls'>;
  log: SchedulerConfig['log'];
  /** Null: no spans are made. */
  tracing: SchedulerConfig['tracing'];
  /** For the sentences that tell why something waits. */
  intake: { maxTasks: number; maxBytes: number };
}

/** For `workerData` of the thread. `api`: the settings of the API, which is not off. */
export function apiThreadData(config: Readonly<SchedulerConfig>, api: ApiConfig, identity: Identity): ApiThreadData {
  const { tls: _, ...zookeeper } = config.zookeeper;
  const { log, tracing, maxPendingTasks: maxTasks, maxPendingBytes: maxBytes } = config;
  return { identity, api, zookeeper, log, tracing, intake: { maxTasks, maxBytes } };
}
