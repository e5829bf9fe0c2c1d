import { hostname } from 'node:os';
import { SCHEDULING_DEFAULTS } from '@drover/core';
import { formatDuration } from './duration.js';
import {
  choice,
  count,
  duration,
  labels,
  list,
  listenAddress,
  name,
  positive,
  text,
  toggle,
  type Field,
} from './field.js';

/** The settings of every process, by name. `--help`, flags, environment and errors are drawn from these tables. */
const LOG_LEVEL_NAMES = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const ZK_DRIVERS = ['drover', 'node-zookeeper-client', 'zookeeper'] as const;
export type ZkDriver = (typeof ZK_DRIVERS)[number];

/** Built-in task types that act, by the name that asks a worker for them. */
const BUILT_INS = ['shell', 'http', 'file'] as const;
export type BuiltIn = (typeof BUILT_INS)[number];
const HTTP_POLICIES = ['public', 'private', 'off'] as const;
export type HttpPolicy = (typeof HTTP_POLICIES)[number];

const oneOf =
  <Option extends string>(options: readonly Option[]) =>
  (given: string): Option | null =>
    options.find((option) => option === given) ?? null;
/** The worker knows what an entry means, and says so. */
const anyEntry = (given: string): string | null => (given === '' ? null : given);

const DAY_MS = 86_400_000;
/** A name begins with a letter or a digit, and has room for the process id. */
export const nameOfHost = (host: string): string =>
  (host.split('.')[0] ?? '')
    .replace(/[^A-Za-z0-9_-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100) || 'host';
const CONNECT =
  /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}(,(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5})*(\/[^\s/,]+)*\/?$/;
const anyPath = /^[^\0]+$/;

export const connectionFields = {
  zk: text('host:port[,host:port...][/chroot]', CONNECT, {
    describe: 'ZooKeeper, as host:port[,host:port...][/chroot]; without a chroot: /drover',
    default: '127.0.0.1:2181',
  }),
  zkDriver: choice(ZK_DRIVERS, {
    describe: 'ZooKeeper client to use; all but drover can only read',
    default: 'drover',
  }),
  connectTimeout: duration(
    { minMs: 1, maxMs: 3_600_000, words: '1 hour at most' },
    { describe: 'How long to try to reach ZooKeeper before giving up', default: '10s' },
  ),
  sessionTimeout: duration(
    { minMs: 500, maxMs: 600_000, words: 'from 500ms to 10m' },
    { describe: 'After so long without a sign of life ZooKeeper ends the session', default: '6s' },
  ),
  zkAuthFile: text('the path of a file', anyPath, {
    describe: 'File with credentials for ZooKeeper, one a line: digest:USER:PASSWORD',
  }),
  zkTls: toggle({ describe: 'Speak TLS with ZooKeeper (its secureClientPort)' }),
  zkTlsCaFile: text('the path of a file', anyPath, { describe: 'PEM file of the authorities to trust' }),
  zkTlsCertFile: text('the path of a file', anyPath, { describe: 'PEM file of our client certificate' }),
  zkTlsKeyFile: text('the path of a file', anyPath, { describe: 'PEM file of its private key' }),
  zkTlsPassphraseFile: text('the path of a file', anyPath, { describe: "File with the private key's passphrase" }),
  zkTlsServername: text('a host name', /^[A-Za-z0-9._-]+$/, { describe: 'Name to expect in the server certificate' }),
} satisfies Record<string, Field>;

export const processFields = {
  logLevel: choice(LOG_LEVEL_NAMES, { describe: 'Least severe log lines to write to stderr', default: 'info' }),
  debug: toggle({ describe: 'Show stack traces' }),
} satisfies Record<string, Field>;

/** Of a process that runs until it is stopped. */
export const opsFields = {
  opsListen: listenAddress({
    describe: 'Address for /metrics, /livez and /readyz, e.g. 127.0.0.1:9464 (default: none)',
  }),
  opsTokenFile: text('the path of a file', anyPath, { describe: 'File with the token that /metrics asks for' }),
  opsInsecure: toggle({ describe: 'Serve /metrics without a token beyond loopback too' }),
} satisfies Record<string, Field>;

export const schedulerFields = {
  ...connectionFields,
  ...processFields,
  ...opsFields,
  id: name({ describe: 'Name of this scheduler, unique among the replicas', default: 'host name and process id' }),
  strategy: name({
    describe: 'Who gets tasks: least-loaded, round-robin, weighted, random, or one that you added',
    default: 'least-loaded',
  }),
  retainTasks: count(0, 100_000_000, {
    describe: 'Keep about so many finished tasks; the oldest go first',
    default: String(SCHEDULING_DEFAULTS.retainTasks),
  }),
  retainAge: duration(
    { minMs: 0, maxMs: 3_650 * DAY_MS, words: '10 years at most' },
    { describe: 'Remove finished batches that are older', default: formatDuration(SCHEDULING_DEFAULTS.retainMs) },
  ),
  retainDeadTasks: count(0, 100_000_000, {
    describe: 'Keep about so many failed tasks, whatever else is finished; the oldest go first',
    default: String(SCHEDULING_DEFAULTS.retainDeadTasks),
  }),
  retainDead: duration(
    { minMs: 0, maxMs: 3_650 * DAY_MS, words: '10 years at most' },
    { describe: 'Remove failed tasks that are older', default: formatDuration(SCHEDULING_DEFAULTS.retainDeadMs) },
  ),
  retainAtLeast: duration(
    { minMs: 0, maxMs: DAY_MS, words: '1 day at most' },
    {
      describe: 'Never remove results younger than this: submitters read them in this time',
      default: formatDuration(SCHEDULING_DEFAULTS.retainAtLeastMs),
    },
  ),
  maxPendingTasks: count(1, 1_000_000_000, {
    describe: 'Take no more tasks while so many are unfinished',
    default: String(SCHEDULING_DEFAULTS.maxPendingTasks),
  }),
  maxPendingMib: count(1, 1_048_576, {
    describe: 'Take no more tasks while their payloads are more than this, in MiB: ZooKeeper holds them in memory',
    default: String(SCHEDULING_DEFAULTS.maxPendingBytes / 1_048_576),
  }),
  ahead: duration(
    { minMs: 0, maxMs: 10_000, words: '10s at most' },
    {
      describe: 'How much work, by its pace, a worker is given ahead to hide a round trip',
      default: formatDuration(SCHEDULING_DEFAULTS.aheadMs),
    },
  ),
  grace: duration(
    { minMs: 0, maxMs: 3_600_000, words: '1 hour at most' },
    {
      describe: 'After a timeout or cancel, how long a worker may take to obey before its work is revoked',
      default: formatDuration(SCHEDULING_DEFAULTS.graceMs),
    },
  ),
} satisfies Record<string, Field>;

export const workerFields = {
  ...connectionFields,
  ...processFields,
  ...opsFields,
  name: name({ describe: 'Name of this worker', default: 'host name and process id' }),
  concurrency: count(1, 100_000, { describe: 'Tasks to run at the same time', default: '8' }),
  computeThreads: count(1, 1_024, {
    describe: 'Threads for compute handlers',
    default: 'number of processors, at most the concurrency',
  }),
  handlers: text('the path of a module', anyPath, {
    describe: 'Module whose default export maps task types to handlers',
  }),
  builtin: list(`some of ${BUILT_INS.join(', ')}, separated by commas`, oneOf(BUILT_INS), {
    describe: 'Built-in types to offer that act on this machine or its network: shell, http, file',
    default: 'none',
  }),
  httpPolicy: choice(HTTP_POLICIES, {
    describe: 'What http tasks may reach: public addresses, private networks too, or everything (off)',
    default: 'public',
  }),
  httpAllow: list('hosts or address ranges, as api.internal:8443,10.1.0.0/16', anyEntry, {
    describe: 'What http tasks may reach besides, such as api.internal:8443,10.1.0.0/16',
  }),
  weight: positive(1_000_000, { describe: 'Share of tasks under the weighted strategy', default: '1' }),
  labels: labels({
    describe: 'Labels for this worker, e.g. zone=a,disk=ssd; shown by drover workers, without effect on who gets tasks',
  }),
  stopTimeout: duration(
    { minMs: 0, maxMs: DAY_MS, words: '1 day at most' },
    {
      describe: 'On an orderly stop, how long running tasks may take to finish before they are handed back',
      default: '30s',
    },
  ),
  abortGrace: duration(
    { minMs: 0, maxMs: 3_600_000, words: '1 hour at most' },
    {
      describe: "After a timeout or cancel, how long a handler may take to end; keep it below the schedulers' --grace",
      default: '2s',
    },
  ),
  blockedAfter: duration(
    { minMs: 100, maxMs: 3_600_000, words: 'from 100ms to 1h' },
    {
      describe: 'After so long without a turn of their event loop the thread of io handlers is replaced',
      default: '10s',
    },
  ),
} satisfies Record<string, Field>;

/** A command that asks and goes says what went wrong, not how it connected. */
export const clientFields = {
  ...connectionFields,
  ...processFields,
  logLevel: { ...processFields.logLevel, default: 'warn' },
} satisfies Record<string, Field>;

/** Every name that a settings file may hold: one file may serve several kinds of process. */
export const ALL_FIELDS: Readonly<Record<string, Field>> = { ...schedulerFields, ...workerFields };
export const DEFAULT_NAME = (pid: number): string => `${nameOfHost(hostname())}-${pid}`;
