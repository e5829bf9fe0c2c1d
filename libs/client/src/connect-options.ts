import { hostname } from 'node:os';
import {
  checkOptions,
  CONNECTION_DEFAULTS,
  HANDLER_OPTION_NAMES,
  InvalidArgumentError,
  isPayloadSchema,
  isWellFormed,
  LIMITS,
  parseConditions,
  parseDemand,
  parseDuration,
  type PayloadSchema,
  type TaskOptions,
} from '@drover/core';
import { silentLog, silentMetrics, type Log, type Metrics } from '@drover/observability';
import { systemRuntime, type Runtime } from '@drover/runtime';
import { connectZooKeeper, type ZooKeeperFactory, type ZooKeeperOptions } from '@drover/zookeeper';
import { ClientInterceptors } from './intercept/interceptors.js';
import type { HandlerDefaults } from './submit/task-options.js';
import { emitWarning, type ClientWarning } from './warnings.js';
import type { ClientLimits, ConnectOptions, PayloadSchemas } from './options.js';

/** Options as given, checked and completed. */
export interface ResolvedConnect {
  zookeeper: ZooKeeperOptions;
  driver: ZooKeeperFactory;
  connectTimeoutMs: number;
  commandTimeoutMs: number;
  name: string;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  limits: ClientLimits;
  onWarning: (warning: ClientWarning) => void;
  /** `null`: there are none. */
  interceptors: ClientInterceptors | null;
  schemas: PayloadSchemas;
  ofHandlers: HandlerDefaults;
}

const NAMES = [
  ...['zk', 'tls', 'auth', 'sessionTimeout', 'connectTimeout', 'commandTimeout', 'name', 'runtime', 'log', 'metrics'],
  ...['limits', 'handlers', 'schemas', 'driver', 'onWarning', 'interceptors'],
];

const DEFAULT_LIMITS: Readonly<ClientLimits> = Object.freeze({
  batchTasks: LIMITS.batchTasks,
  batchBytes: LIMITS.batchBytes,
  batchesInFlight: 16,
  unwrittenTasks: 500_000,
  unwrittenBytes: 256 * 1024 * 1024,
  aheadTasks: 20_000,
  aheadBytes: 32 * 1024 * 1024,
  keptResultBytes: 8 * 1024 * 1024,
});

/** With larger values a batch would not fit one request, or an index not fit an id. */
const HIGHEST: Partial<ClientLimits> = { batchTasks: 10_000, batchBytes: LIMITS.multiBytes };

/** `more`: the options, if the first argument is the connect string. Throws `InvalidArgumentError`. */
export function resolveConnect(given: string | ConnectOptions, more?: Omit<ConnectOptions, 'zk'>): ResolvedConnect {
  const options = typeof given === 'string' ? withConnectString(given, more ?? {}) : given;
  checkOptions(options, NAMES);
  if (typeof given !== 'string' && more !== undefined)
    throw new InvalidArgumentError(
      'options',
      'connect: expected one object with all options, or the connect string as the first argument',
    );
  const { runtime = systemRuntime, log = silentLog, metrics = silentMetrics, driver = connectZooKeeper } = options;
  return {
    zookeeper: {
      connect: checkConnectString(options.zk),
      sessionTimeoutMs: parseDuration(
        'sessionTimeout',
        options.sessionTimeout ?? CONNECTION_DEFAULTS.clientSessionTimeoutMs,
      ),
      runtime,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      ...(options.auth === undefined ? {} : { auth: checkAuth(options.auth) }),
    },
    driver,
    connectTimeoutMs: parseDuration('connectTimeout', options.connectTimeout ?? CONNECTION_DEFAULTS.connectTimeoutMs),
    commandTimeoutMs: parseDuration('commandTimeout', options.commandTimeout ?? CONNECTION_DEFAULTS.commandTimeoutMs),
    name: checkName(options.name ?? `${hostname()}:${process.pid}`),
    runtime,
    log,
    metrics,
    limits: resolveLimits(options.limits ?? {}),
    onWarning: options.onWarning ?? emitWarning,
    interceptors: interceptorsOf(options),
    schemas: schemasOf(options),
    ofHandlers: defaultsOf(options),
  };
}

function withConnectString(zk: string, more: Omit<ConnectOptions, 'zk'>): ConnectOptions {
  checkOptions(more, NAMES);
  return { ...more, zk };
}

const LONGEST_NAME = 256;

/** The name is in every batch, and a name that is no text would make them unreadable. */
function checkName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME && isWellFormed(name)) return name;
  throw new InvalidArgumentError('name', name, `text of 1 to ${LONGEST_NAME} characters`);
}

const isArray = (value: unknown): boolean => Array.isArray(value);

function checkAuth(auth: NonNullable<ConnectOptions['auth']>): NonNullable<ConnectOptions['auth']> {
  if (!isArray(auth)) throw new InvalidArgumentError('auth', 'auth: expected a list of { scheme, credentials }');
  auth.forEach((entry, i) => checkOptions(entry, ['scheme', 'credentials'], `auth[${i}]`));
  return auth;
}

const HOOKS = ['submitting', 'writing'];

function interceptorsOf({ interceptors = [], zk }: ConnectOptions): ClientInterceptors | null {
  if (!isArray(interceptors))
    throw new InvalidArgumentError('interceptors', interceptors, 'a list of { submitting, writing }');
  interceptors.forEach((interceptor, i) => checkOptions(interceptor, HOOKS, `interceptors[${i}]`));
  return interceptors.length === 0 ? null : new ClientInterceptors(interceptors, zk);
}

function schemasOf({ handlers = {}, schemas = {} }: ConnectOptions): PayloadSchemas {
  const found = new Map<string, PayloadSchema<unknown, unknown>>();
  const add = (argument: string, type: string, schema: unknown): void => {
    if (!isPayloadSchema(schema))
      throw new InvalidArgumentError(argument, schema, 'a schema that implements Standard Schema, such as one of zod');
    found.set(type, schema);
  };
  for (const [type, schema] of Object.entries(schemas)) add(`schemas.${type}`, type, schema);
  for (const [type, handler] of Object.entries(handlers)) {
    if (typeof handler === 'function') continue;
    checkOptions(handler, HANDLER_OPTION_NAMES, `handlers.${type}`);
    if (handler.schema !== undefined) add(`handlers.${type}.schema`, type, handler.schema);
  }
  return found;
}

function defaultsOf({ handlers = {} }: ConnectOptions): HandlerDefaults {
  const found = new Map<string, Pick<TaskOptions, 'resources' | 'where'>>();
  for (const [type, handler] of Object.entries(handlers)) {
    if (typeof handler === 'function') continue;
    const { resources, where } = handler;
    if (resources === undefined && where === undefined) continue;
    found.set(type, {
      resources: resources === undefined ? null : parseDemand(`handlers.${type}.resources`, resources),
      where: where === undefined ? null : parseConditions(`handlers.${type}.where`, where),
    });
  }
  return found;
}

function checkConnectString(zk: unknown): string {
  if (typeof zk === 'string' && /^[^\s,/]+(,[^\s,/]+)*(\/\S*)?$/.test(zk)) return zk;
  throw new InvalidArgumentError('zk', zk, "'host:port[,host:port...][/chroot]'");
}

function resolveLimits(given: Partial<ClientLimits>): ClientLimits {
  checkOptions(given, Object.keys(DEFAULT_LIMITS), 'limits');
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof ClientLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    const highest = HIGHEST[name] ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < 1 || value > highest)
      throw new InvalidArgumentError(`limits.${name}`, value, `a whole number from 1 to ${highest}`);
    limits[name] = value;
  }
  return limits;
}
