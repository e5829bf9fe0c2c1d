import { effectiveSettings, othersMay, resolveClientConfig, resolveRoute, type ConnectionConfig } from '@drover/config';
import type { StatusView, TokenView } from '@drover/client';
import { splitConnectString } from '@drover/protocol';
import { messageOf } from '@drover/runtime';
import { apiOf, openApi, withZooKeeper } from '../../client.js';
import type { Environment } from '../../command.js';
import { InterruptedError } from '../../failure.js';
import { clientSettingsOf } from '../../settings.js';
import { withHandle } from '../../zookeeper.js';
import { isLoopback } from '../checks/security.js';
import {
  isMissing,
  type ApiFacts,
  type ClusterFacts,
  type ConnectionFacts,
  type Facts,
  type Gathered,
  type RecordFacts,
  type ServerFacts,
  type SessionFacts,
} from '../facts.js';
import { askApi, tried } from './api.js';
import { askCertificate } from './certificates.js';
import { askProperties } from './admin-server.js';
import { askOtlp } from './otlp.js';
import { RecordWalk } from './records.js';
import { askSession, askStatusTimes } from './session.js';

const SECRET_FILES = ['zkAuthFile', 'zkTlsKeyFile', 'zkTlsPassphraseFile', 'tokenFile', 'opsTokenFile'];
const NO_ZOOKEEPER = 'ZooKeeper was not asked: no --zk is given';
const NO_API = 'no API was asked: no scheduler says where its API is, and no --api is given';
const NO_OTLP = 'no --otlp-endpoint is given here';
const SERVER_PATIENCE_MS = 3_000;
const NOT_DEEP = 'only with --deep: it reads all records';

/** `adminPort`: of the AdminServers of ZooKeeper. */
export interface GatherOptions {
  deep: boolean;
  adminPort: number;
}

/** All facts, as far as they can be had: what cannot says why. Reads only. Throws `ConfigError`, and when it is interrupted. */
export async function gather(environment: Environment, { deep, adminPort }: GatherOptions): Promise<Facts> {
  const { runtime } = environment;
  const sources = clientSettingsOf(environment);
  const settings = effectiveSettings(sources);
  const route = resolveRoute(sources);
  const { zookeeper, tracing } = resolveClientConfig(sources);
  const isGiven = settings.some(({ name, source }) => name === 'zk' && source !== 'default');
  const usesZooKeeper = route.via === 'zk' || isGiven;
  const hosts = splitConnectString(zookeeper.connect).hosts.split(',');
  const connection: ConnectionFacts = {
    connect: zookeeper.connect,
    sessionTimeoutMs: zookeeper.sessionTimeoutMs,
    tls: zookeeper.tls !== undefined,
    auth: zookeeper.auth.map(({ scheme }) => scheme),
    loopback: hosts.every((address) => isLoopback(address.replace(/:\d+$/, ''))),
  };
  const servers = usesZooKeeper
    ? await Promise.all(hosts.map((address) => askAt(address, zookeeper.tls, adminPort)))
    : { missing: NO_ZOOKEEPER };
  const byZooKeeper = usesZooKeeper ? await askZooKeeper(environment, deep) : NOTHING;
  const url = route.api ?? (isMissing(byZooKeeper.cluster) ? null : apiOf(byZooKeeper.cluster.status));
  const known = isMissing(byZooKeeper.cluster) ? null : byZooKeeper.cluster.status;
  const byApi =
    url === null
      ? { api: { missing: NO_API }, status: null, tokens: { missing: NO_API } }
      : await tryApi(environment, url, known);
  return {
    now: runtime.now(),
    connection,
    servers,
    session: byZooKeeper.session,
    records: byZooKeeper.records,
    cluster: !isMissing(byZooKeeper.cluster) || byApi.status === null ? byZooKeeper.cluster : clusterOf(byApi.status),
    api: byApi.api,
    tokens: isMissing(byZooKeeper.tokens) ? byApi.tokens : byZooKeeper.tokens,
    otlp: tracing === null ? { missing: NO_OTLP } : await askOtlp(tracing.endpoint, environment.env),
    exposedFiles: settings.flatMap(({ name, value, source }) => {
      const others = SECRET_FILES.includes(name) ? othersMay(String(value)) : null;
      return others === null ? [] : [{ path: String(value), setting: source, others }];
    }),
    certificates: (
      await Promise.all([...certificatesOfZooKeeper(connection, hosts), ...certificatesOfApi(url)])
    ).flat(),
  };
}

async function askAt(address: string, tls: ConnectionConfig['tls'], adminPort: number): Promise<ServerFacts> {
  const { askServer } = await import('@drover/zookeeper');
  const { host, port } = hostAndPort(address);
  const [state, properties] = await Promise.all([
    askServer({ host, port, tls }, { timeoutMs: SERVER_PATIENCE_MS, conf: true }),
    adminPort === 0 ? null : askProperties(host, adminPort),
  ]);
  return { address, ...state, properties };
}

function hostAndPort(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

interface ByZooKeeper {
  session: Gathered<SessionFacts>;
  cluster: Gathered<ClusterFacts>;
  tokens: Facts['tokens'];
  records: Gathered<RecordFacts>;
}

const NOTHING: ByZooKeeper = {
  session: { missing: NO_ZOOKEEPER },
  cluster: { missing: NO_ZOOKEEPER },
  tokens: { missing: NO_ZOOKEEPER },
  records: { missing: NO_ZOOKEEPER },
};

async function askZooKeeper(environment: Environment, deep: boolean): Promise<ByZooKeeper> {
  const { runtime } = environment;
  try {
    return await withHandle(environment, async (zk) => {
      const session = await askSession(zk, runtime);
      if (session.rootAcl === null) {
        const none = { missing: 'there is no Drover at the root' };
        return { session, cluster: none, tokens: none, records: none };
      }
      const times = await askStatusTimes(zk);
      const [status, tokens] = await withZooKeeper(environment, (drover) =>
        Promise.all([drover.status(), tried(drover.tokens.list())]),
      );
      const { nullOn } = await import('@drover/zookeeper');
      const records = deep ? await new RecordWalk(zk, runtime, nullOn).walk() : { missing: NOT_DEEP };
      return { session, cluster: { status, ...times }, tokens, records };
    });
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    const none = { missing: messageOf(error) };
    return { session: none, cluster: none, tokens: none, records: none };
  }
}

async function tryApi(
  environment: Environment,
  url: string,
  known: StatusView | null,
): Promise<{ api: Gathered<ApiFacts>; status: StatusView | null; tokens: Facts['tokens'] }> {
  try {
    const api = await openApi(environment.signal, resolveRoute(clientSettingsOf(environment)), url);
    const status = known ?? (await api.get<StatusView>('getStatus'));
    const [facts, tokens] = await Promise.all([
      askApi(api, status, () => environment.runtime.now()),
      tried(api.all<TokenView>('listTokens')),
    ]);
    return { api: facts, status, tokens };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    const none = { missing: messageOf(error) };
    return { api: none, status: null, tokens: none };
  }
}

const clusterOf = (status: StatusView): ClusterFacts => ({ status, leaderClockMs: null, countedAt: status.at });

function certificatesOfZooKeeper({ tls }: ConnectionFacts, hosts: readonly string[]): Promise<Facts['certificates']>[] {
  if (!tls) return [];
  return hosts.map((address) => {
    const { host, port } = hostAndPort(address);
    return askCertificate(`ZooKeeper ${address}`, host, port);
  });
}

function certificatesOfApi(given: string | null): Promise<Facts['certificates']>[] {
  if (given?.startsWith('https:') !== true) return [];
  const { hostname, port } = new URL(given);
  return [askCertificate(`API ${given}`, hostname, port === '' ? 443 : Number(port))];
}
