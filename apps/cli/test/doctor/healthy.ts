import type { TokenView } from '@drover/client';
import type { ApiFacts, ClusterFacts, Facts, RecordFacts, ServerFacts, SessionFacts } from '../../src/doctor/facts.js';

/** Facts of a cluster in which nothing is wrong, and the same with one thing otherwise. */

export const NOW = 1_796_000_000_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const SERVERS: ServerFacts[] = ['zk1:2181', 'zk2:2181', 'zk3:2181'].map((address, i) => ({
  ...{ address, reachable: true, serving: true, why: null, version: '3.9.5', mode: i === 0 ? 'leader' : 'follower' },
  ...{ connections: 12, outstanding: 0, latencyMs: 1, znodes: 140, watches: 17, dataBytes: 4_096 },
  properties: { 'java.version': '17', 'zookeeper.snapshotSizeFactor': '-1' },
  mntr: { zk_fsync_threshold_exceed_count: '0', zk_num_alive_connections: '12' },
  conf: { maxClientCnxns: '60', clientPort: '2181' },
}));

export const SESSION: SessionFacts = {
  grantedTimeoutMs: 6_000,
  roundTripsMs: [1, 2, 3],
  rootAcl: [{ permissions: 31, scheme: 'digest', id: 'drover:x' }],
};

export const scheduler = (id: string, host: string): ClusterFacts['status']['schedulers'][number] => ({
  ...{ id, host, pid: 1, version: '0.2.0', startedAt: NOW - HOUR, tz: '2026a', graceMs: 5_000 },
  role: id === 's1' ? 'leader' : 'follower',
  api: `https://${host}:7373`,
});
export const worker = (name: string): ClusterFacts['status']['workers'][number] => ({
  ...{ id: `${name}-1`, name, host: 'node-9', pid: 2, version: '0.2.0', startedAt: NOW - HOUR, state: 'accepting' },
  ...{
    capacity: 8,
    weight: 1,
    out: 3,
    running: 3,
    types: ['echo'],
    labels: {},
    tasks: [],
    asOf: NOW,
    abortGraceMs: 2_000,
  },
});
type QueueFacts = ClusterFacts['status']['queues'][number];
export const queue = (name: string, more: Partial<QueueFacts> = {}): QueueFacts =>
  ({ name, paused: false, maxRunning: null, pending: 0, out: 0, ...more }) as QueueFacts;

export const CLUSTER: ClusterFacts = {
  status: {
    leader: { id: 's1', epoch: 7, host: 'node-1', pid: 1 },
    schedulers: [scheduler('s1', 'node-1'), scheduler('s2', 'node-2'), scheduler('s3', 'node-3')],
    workers: [worker('w1'), worker('w2')],
    tasks: { scheduled: 0, pending: 5, out: 6, running: 6, retrying: 0, succeeded: 9, failed: 0, cancelled: 0 },
    queues: [queue('images', { pending: 5, out: 6 })],
    queuesLeftOut: 0,
    unservedTypes: [],
    unservedTypesLeftOut: 0,
    intake: { open: true },
    firesHeld: null,
    complete: true,
    at: NOW - 500,
  },
  leaderClockMs: 3,
  countedAt: NOW - 500,
};

export const API: ApiFacts = {
  url: 'https://node-1:7373',
  auth: ['token'],
  overview: { attention: [], oldestPendingMs: 900 } as unknown as ApiFacts['overview'],
  election: { epoch: 7, leader: 's1', since: NOW - HOUR, changes: [] },
  failures: [],
  metrics: new Map([
    ['drover_plan_seconds_count', 1_000],
    ['drover_plan_seconds_bucket{le="0.05"}', 999],
  ]),
  clockMs: 200,
  replicas: ['s1', 's2', 's3'].map((id, i) => ({
    id,
    url: `https://node-${i + 1}:7373`,
    livez: 200,
    readyz: 200,
    why: null,
  })),
};

export const TOKENS: TokenView[] = [
  {
    id: 'a',
    name: 'ci',
    roles: ['viewer'],
    queues: null,
    createdBy: 'ada',
    createdAt: NOW - DAY,
    expiresAt: NOW + 60 * DAY,
  },
];

export const RECORDS: RecordFacts = { read: 100, invalid: [], orphans: [], fullDirectories: [] };

export const HEALTHY = {
  now: NOW,
  connection: {
    connect: 'zk1:2181,zk2:2181,zk3:2181/drover',
    sessionTimeoutMs: 6_000,
    tls: false,
    auth: [] as string[],
    loopback: false,
  },
  session: SESSION,
  servers: SERVERS,
  cluster: CLUSTER,
  api: API,
  tokens: TOKENS,
  records: RECORDS,
  otlp: { endpoint: 'http://otel:4318', fault: null },
  exposedFiles: [],
  certificates: [{ what: 'API', validTo: NOW + 90 * DAY }],
} satisfies Facts;

export const withStatus = (status: Partial<ClusterFacts['status']>): Facts => ({
  ...HEALTHY,
  cluster: { ...CLUSTER, status: { ...CLUSTER.status, ...status } },
});
export const withServer = (server: Partial<ServerFacts>): Facts => ({
  ...HEALTHY,
  servers: [{ ...SERVERS[0]!, ...server }, ...SERVERS.slice(1)],
});
export const withApi = (api: Partial<ApiFacts>): Facts => ({ ...HEALTHY, api: { ...API, ...api } });
export const withConnection = (connection: Partial<Facts['connection']>, more: Partial<Facts> = {}): Facts => ({
  ...HEALTHY,
  ...more,
  connection: { ...HEALTHY.connection, ...connection },
});
