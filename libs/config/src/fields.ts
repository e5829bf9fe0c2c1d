import { hostname } from 'node:os';
import {
  API_DEFAULT_LISTEN,
  CONNECTION_DEFAULTS,
  FAIRNESS_MEASURES,
  formatDuration,
  parseCapacity,
  parseOvercommit,
  parseResourceName,
  PREEMPT_GROUNDS,
  SCHEDULING_DEFAULTS,
  WORKER_DEFAULTS,
} from '@drover/core';
import { isUsableConnectString } from '@drover/protocol';
import { apiClientFields } from './api-client.js';
import { accessFields } from './access.js';
import {
  choice,
  concurrency,
  count,
  countsByType,
  duration,
  durationOrOff,
  labels,
  list,
  listenAddress,
  listenOrOff,
  name,
  numberFrom,
  parsed,
  positive,
  ratio,
  text,
  textThat,
  toggle,
  type Field,
} from './field.js';
import { attemptFields, otlpFields } from './tracing.js';

/** The settings of every process, by name. `--help`, flags, environment and errors are drawn from these tables. */
const LOG_LEVEL_NAMES = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const ZK_DRIVERS = ['drover', 'node-zookeeper-client', 'zookeeper'] as const;
export type ZkDriver = (typeof ZK_DRIVERS)[number];

/** Built-in task types with effects outside of Drover, by the name with which a worker offers them. */
const BUILT_INS = ['shell', 'http', 'file'] as const;
export type BuiltIn = (typeof BUILT_INS)[number];
const RUN_LOG_MODES = ['failed', 'all', 'none'] as const;
export type RunLogMode = (typeof RUN_LOG_MODES)[number];
const HTTP_POLICIES = ['public', 'private', 'off'] as const;
export type HttpPolicy = (typeof HTTP_POLICIES)[number];

const oneOf =
  <Option extends string>(options: readonly Option[]) =>
  (given: string): Option | null =>
    options.find((option) => option === given) ?? null;
function resourceName(given: string): string | null {
  try {
    return parseResourceName('', given);
  } catch {
    return null;
  }
}

/** Any entry: the worker checks its meaning. */
const anyEntry = (given: string): string | null => (given === '' ? null : given);

/** The worker itself reads it. */
const isSpot = (given: string): boolean =>
  /^((aws|gcp|azure)(=https?:\/\/[^/\s?#]+\/?)?|https?:\/\/[^/\s?#]+\/?)$/.test(given);

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

function isConnectString(given: string): boolean {
  return CONNECT.test(given) && isUsableConnectString(given);
}

export const connectionFields = {
  zk: textThat('host:port[,host:port...][/chroot], ports from 1 to 65535', isConnectString, {
    describe: 'ZooKeeper servers: host:port[,host:port...][/chroot] (default chroot: /drover)',
    default: CONNECTION_DEFAULTS.servers,
  }),
  zkDriver: choice(ZK_DRIVERS, {
    describe: 'ZooKeeper client; only "drover" can write',
    default: 'drover',
  }),
  connectTimeout: duration(
    { minMs: 1, maxMs: 3_600_000, words: 'at most 1 hour' },
    {
      describe: 'How long to try to reach ZooKeeper before giving up',
      default: formatDuration(CONNECTION_DEFAULTS.connectTimeoutMs),
    },
  ),
  sessionTimeout: duration(
    { minMs: 500, maxMs: 600_000, words: 'from 500ms to 10m' },
    {
      describe: 'How long until ZooKeeper ends the session of a silent process',
      default: formatDuration(CONNECTION_DEFAULTS.sessionTimeoutMs),
    },
  ),
  zkAuthFile: text('the path of a file', anyPath, {
    describe: 'File with credentials for ZooKeeper, one per line: digest:USER:PASSWORD',
  }),
  zkTls: toggle({ describe: 'Connect to ZooKeeper with TLS (its secureClientPort)' }),
  zkTlsCaFile: text('the path of a file', anyPath, { describe: 'PEM file of the certificate authorities to trust' }),
  zkTlsCertFile: text('the path of a file', anyPath, { describe: 'PEM file of the client certificate' }),
  zkTlsKeyFile: text('the path of a file', anyPath, {
    describe: 'PEM file of the private key of the client certificate',
  }),
  zkTlsPassphraseFile: text('the path of a file', anyPath, { describe: 'File with the passphrase of the private key' }),
  zkTlsServername: text('a host name', /^[A-Za-z0-9._-]+$/, {
    describe: 'Host name to expect in the server certificate',
  }),
} satisfies Record<string, Field>;

export const processFields = {
  logLevel: choice(LOG_LEVEL_NAMES, {
    describe: 'Minimum severity of log lines on stderr: debug, info, warn, error, fatal or silent',
    default: 'info',
  }),
  debug: toggle({ describe: 'Show stack traces of errors' }),
} satisfies Record<string, Field>;

/** Fields of a process that runs until it is stopped. */
export const opsFields = {
  opsListen: listenAddress({
    describe: 'Address for /metrics, /livez and /readyz, e.g. 127.0.0.1:9464 (default: none)',
  }),
  opsAdvertise: textThat('an http: or https: URL', (given) => /^https?:\/\/[^/\s]+\/?$/.test(given), {
    describe: 'URL at which others reach --ops-listen, e.g. http://w1.internal:9464 (default: follows from that)',
  }),
  opsTokenFile: text('the path of a file', anyPath, { describe: 'File with the token that /metrics requires' }),
  opsInsecure: toggle({ describe: 'Serve /metrics beyond loopback without a token' }),
} satisfies Record<string, Field>;

const isHttpUrl = (given: string): boolean => {
  const url = URL.canParse(given) ? new URL(given) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
};
const originOrNull = (given: string): string | null =>
  isHttpUrl(given) && new URL(given).origin === given ? given : null;

/** Fields of the HTTP API of a scheduler. */
export const apiFields = {
  ...accessFields,
  apiListen: listenOrOff({
    describe: `Address of the HTTP API and the dashboard, or 'off' (default: ${API_DEFAULT_LISTEN}, or a free port where that is in use)`,
  }),
  apiAdvertise: textThat('a URL such as http://10.0.0.1:7373', isHttpUrl, {
    describe: 'URL of the API that other processes are told (default: the address it listens at)',
  }),
  apiBasePath: text('a path such as /drover', /^(\/[A-Za-z0-9._~-]+)+\/?$/, {
    describe: 'Path below which a reverse proxy shows the API and the dashboard, e.g. /drover',
  }),
  apiCorsOrigin: list('origins such as https://ops.example.org, separated by commas', originOrNull, {
    describe: 'Origins whose pages may call the API from a browser',
    default: 'none',
  }),
  logUrlTemplate: textThat(
    'an http: or https: URL with {task} in it',
    (given) => /^https?:\/\/\S+$/.test(given) && given.includes('{task}'),
    {
      describe: 'URL of the log of a run in your log system, with {task}, {attempt}, {worker}, {type}, {queue} in it',
    },
  ),
  traceUrlTemplate: textThat(
    'an http: or https: URL with {trace} in it',
    (given) => /^https?:\/\/\S+$/.test(given) && given.includes('{trace}'),
    { describe: 'URL of a trace in your tool for traces, with {trace} in it, e.g. http://jaeger:16686/trace/{trace}' },
  ),
} satisfies Record<string, Field>;

export const schedulerFields = {
  ...connectionFields,
  ...processFields,
  ...opsFields,
  ...otlpFields,
  ...apiFields,
  id: name({ describe: 'Name of this scheduler, unique among the replicas', default: 'host name and process id' }),
  strategy: name({
    describe: 'Assignment strategy: least-loaded, round-robin, weighted, random, or a registered one',
    default: SCHEDULING_DEFAULTS.strategy,
  }),
  retainTasks: count(0, 100_000_000, {
    describe: 'Approximate number of finished tasks to keep; the oldest are removed first',
    default: String(SCHEDULING_DEFAULTS.retainTasks),
  }),
  retainAge: duration(
    { minMs: 0, maxMs: 3_650 * DAY_MS, words: 'at most 10 years' },
    {
      describe: 'Maximum age of finished batches; older ones are removed',
      default: formatDuration(SCHEDULING_DEFAULTS.retainMs),
    },
  ),
  retainDeadTasks: count(0, 100_000_000, {
    describe: 'Approximate number of failed tasks to keep in addition; the oldest are removed first',
    default: String(SCHEDULING_DEFAULTS.retainDeadTasks),
  }),
  retainDead: duration(
    { minMs: 0, maxMs: 3_650 * DAY_MS, words: 'at most 10 years' },
    {
      describe: 'Maximum age of failed tasks; older ones are removed',
      default: formatDuration(SCHEDULING_DEFAULTS.retainDeadMs),
    },
  ),
  retainAtLeast: duration(
    { minMs: 0, maxMs: DAY_MS, words: 'at most 1 day' },
    {
      describe: 'Minimum time to keep a result, so that its submitter can read it',
      default: formatDuration(SCHEDULING_DEFAULTS.retainAtLeastMs),
    },
  ),
  maxClockSkew: duration(
    { minMs: 1_000, maxMs: DAY_MS, words: 'from 1 second to 1 day' },
    {
      describe: "Hold fires of schedules while ZooKeeper's clock and this host's differ by more",
      default: formatDuration(SCHEDULING_DEFAULTS.maxClockSkewMs),
    },
  ),
  maxPendingTasks: count(1, 1_000_000_000, {
    describe: 'Refuse new tasks while this many are unfinished',
    default: String(SCHEDULING_DEFAULTS.maxPendingTasks),
  }),
  maxPendingMib: count(1, 1_048_576, {
    describe: 'Refuse new tasks while unfinished payloads exceed this many MiB (ZooKeeper holds them in memory)',
    default: String(SCHEDULING_DEFAULTS.maxPendingBytes / 1_048_576),
  }),
  ahead: duration(
    { minMs: 0, maxMs: 10_000, words: 'at most 10s' },
    {
      describe: 'Prefetch: how much work to keep queued at each worker, to hide a round trip',
      default: formatDuration(SCHEDULING_DEFAULTS.aheadMs),
    },
  ),
  aging: durationOrOff(365 * DAY_MS, 'above 0 and at most 1 year', {
    describe:
      "How long a task waits, for each level of priority below its tenant's highest, until it goes first, or 'off' for strict priority",
    default: formatDuration(SCHEDULING_DEFAULTS.agingMs),
  }),
  fairness: choice(FAIRNESS_MEASURES, {
    describe:
      "Measure of what accounts hold, for whose turn it is: 'resources' (the largest part of any resource) or 'tasks' (the places of their tasks only)",
    default: SCHEDULING_DEFAULTS.fairness,
  }),
  fairnessExclude: list('names of resources such as disk,licence.x, separated by commas', resourceName, {
    describe: 'Resources that do not count for whose turn it is, e.g. disk (default: none)',
  }),
  fairnessMemory: duration(
    { minMs: 0, maxMs: 365 * DAY_MS, words: 'at most 1 year' },
    {
      describe:
        'Half-life of what is remembered of what accounts have held, for whose turn it is; 0: only what they hold now counts',
      default: formatDuration(SCHEDULING_DEFAULTS.fairnessMemoryMs),
    },
  ),
  reserveAfter: duration(
    { minMs: 0, maxMs: 365 * DAY_MS, words: 'at most 1 year' },
    {
      describe: 'How long tasks that need much may find no room until the room of a worker is kept for them; 0: never',
      default: formatDuration(SCHEDULING_DEFAULTS.reserveAfterMs),
    },
  ),
  grace: duration(
    { minMs: 0, maxMs: 3_600_000, words: 'at most 1 hour' },
    {
      describe: 'How long a worker may take to end a task after a timeout or cancel, before the leader revokes it',
      default: formatDuration(SCHEDULING_DEFAULTS.graceMs),
    },
  ),
  preempt: choice(PREEMPT_GROUNDS, {
    describe:
      "Let tasks that are 'preemptible' make room: 'off', 'priority' (for queues of a higher one), 'reclaim' (also for accounts below their guarantee), 'fair' (also for accounts that hold less)",
    default: SCHEDULING_DEFAULTS.preempt,
  }),
  preemptAfter: duration(
    { minMs: 0, maxMs: DAY_MS, words: 'at most 1 day' },
    {
      describe: 'How long tasks wait for room before others make room for them; a sixth of it for a higher priority',
      default: formatDuration(SCHEDULING_DEFAULTS.preemptAfterMs),
    },
  ),
  preemptGrace: duration(
    { minMs: 0, maxMs: 3_600_000, words: 'at most 1 hour' },
    {
      describe: 'How long a task may take to make room, before the leader revokes it',
      default: formatDuration(SCHEDULING_DEFAULTS.preemptGraceMs),
    },
  ),
  maxPreemptions: count(0, 100, {
    describe: 'A task that made room so often is not asked to again',
    default: String(SCHEDULING_DEFAULTS.maxPreemptions),
  }),
  speculateAfter: numberFrom(1, 1_000, {
    describe: "How many times the median of its type a 'speculative' task takes until it is begun once more",
    default: String(SCHEDULING_DEFAULTS.speculateAfter),
  }),
  speculateShare: ratio({
    describe: 'Part of all running attempts that may be such copies, at least one; 0: none',
    default: String(SCHEDULING_DEFAULTS.speculateShare),
  }),
} satisfies Record<string, Field>;

export const workerFields = {
  ...connectionFields,
  ...processFields,
  ...opsFields,
  ...attemptFields,
  handlers: text('the path of a module', anyPath, {
    describe: 'Module whose default export maps task types to handlers',
  }),
  name: name({ describe: 'Name of this worker', default: 'host name and process id' }),
  concurrency: concurrency(100_000, {
    describe: "Number of tasks to run at the same time; 'auto' or 'auto:4-256' follows how long io and http tasks take",
    default: String(WORKER_DEFAULTS.capacity),
  }),
  resources: parsed('resources', 'amounts of resources such as cpu=8,memory=16GiB', parseCapacity, {
    describe:
      "Resources of this worker besides its slots, e.g. cpu=8,memory=16GiB,gpu=2 (gpu=0|1 names devices), or 'auto'",
  }),
  overcommit: parsed('overcommit', 'factors by resource such as cpu=1.5', parseOvercommit, {
    describe: 'How many times tasks may claim a resource, e.g. cpu=1.5; memory and devices only as memory!=1.2',
  }),
  pool: name({ describe: 'Pool that this worker belongs to (default: the pool default)' }),
  warmup: duration(
    { minMs: 0, maxMs: DAY_MS, words: 'at most 1 day' },
    { describe: 'How long after its start this worker is given less than others (default: as its pool says)' },
  ),
  maxLoad: positive(100_000, {
    describe: 'Load average above which this worker begins no tasks (default: any)',
  }),
  cuda: toggle({ describe: 'Give programs CUDA_VISIBLE_DEVICES with the gpus of their task' }),
  spot: textThat('aws, gcp or azure, one of them with a URL (aws=http://...), or a URL', isSpot, {
    describe: 'Metadata service that says when the cloud takes this instance away: aws, gcp, azure, or its URL',
  }),
  typeConcurrency: countsByType({
    describe: 'Types of which fewer run at the same time, e.g. ocr=2,image:resize=1; before what their handlers say',
  }),
  computeThreads: count(1, 1_024, {
    describe: 'Number of threads for compute handlers',
    default: 'number of processors, at most the concurrency',
  }),
  builtin: list(`some of ${BUILT_INS.join(', ')}, separated by commas`, oneOf(BUILT_INS), {
    describe: 'Built-in types to offer that act on this machine or its network: shell, http, file',
    default: 'none',
  }),
  httpPolicy: choice(HTTP_POLICIES, {
    describe:
      'Addresses that http tasks may reach: public, private (public and private networks) or off (no restriction)',
    default: WORKER_DEFAULTS.httpPolicy,
  }),
  httpAllow: list('hosts or address ranges, as api.internal:8443,10.1.0.0/16', anyEntry, {
    describe: 'Additional addresses that http tasks may reach, e.g. api.internal:8443,10.1.0.0/16',
  }),
  weight: positive(1_000_000, {
    describe: 'Share of tasks under the weighted strategy',
    default: String(WORKER_DEFAULTS.weight),
  }),
  labels: labels({
    describe: 'Labels of this worker, e.g. zone=a,disk=ssd: tasks choose workers by them',
  }),
  labelsFile: text('the path of a file', anyPath, {
    describe: 'File with labels, one NAME=VALUE per line, read again on SIGHUP; --labels go before it',
  }),
  runLog: choice(RUN_LOG_MODES, {
    describe: 'Whose last log lines are stored with the result (4 KiB): of failed attempts, of all, or of none',
    default: 'failed',
  }),
  stopTimeout: duration(
    { minMs: 0, maxMs: DAY_MS, words: 'at most 1 day' },
    {
      describe: 'How long running tasks may take to finish on shutdown, before they are handed back',
      default: formatDuration(WORKER_DEFAULTS.stopTimeoutMs),
    },
  ),
  abortGrace: duration(
    { minMs: 0, maxMs: 3_600_000, words: 'at most 1 hour' },
    {
      describe: 'How long a handler may take to end after a timeout or cancel; keep it below --grace of the schedulers',
      default: formatDuration(WORKER_DEFAULTS.abortGraceMs),
    },
  ),
  blockedAfter: duration(
    { minMs: 100, maxMs: 3_600_000, words: 'from 100ms to 1h' },
    {
      describe: 'How long io handlers may block the event loop of their thread before the thread is replaced',
      default: formatDuration(WORKER_DEFAULTS.blockedAfterMs),
    },
  ),
} satisfies Record<string, Field>;

/** Fields of a short command: it tells its own errors, and logs less of the connection. */
export const clientFields = {
  ...connectionFields,
  ...apiClientFields,
  ...processFields,
  logLevel: { ...processFields.logLevel, default: 'warn' },
} satisfies Record<string, Field>;

/** Every name that a settings file may hold: one file may serve several kinds of process. */
export const ALL_FIELDS: Readonly<Record<string, Field>> = { ...schedulerFields, ...workerFields, ...clientFields };
export const DEFAULT_NAME = (pid: number): string => `${nameOfHost(hostname())}-${pid}`;
