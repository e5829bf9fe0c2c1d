import { pathProblem } from './client/paths.js';
import type { CreateMode, CreateOptions, WatchMode } from './port.js';

/**
 * Checks the arguments of callers before anything is sent: callers may be JavaScript, and a server misreads some values
 * (-1 as "any version") or drops the connection. Each function returns the problem in words, or `null`.
 */
export type Problem = string | null;

const MODES: Readonly<Record<CreateMode, true>> = {
  persistent: true,
  ephemeral: true,
  'persistent-sequential': true,
  'ephemeral-sequential': true,
  container: true,
  'persistent-ttl': true,
  'persistent-sequential-ttl': true,
};
const WATCH_MODES: Readonly<Record<WatchMode, true>> = { persistent: true, recursive: true };

/** Checks the version argument of any call. `undefined`: any version. */
export function versionProblem(version: unknown): Problem {
  if (version === undefined) return null;
  // -1 would be taken for "any version" by the server, and silently void a fence.
  const isVersion = typeof version === 'number' && (version | 0) === version && version !== -1;
  return isVersion ? null : `expected a version of a znode, got ${show(version)}; omit it to accept any version`;
}

export function dataProblem(data: unknown): Problem {
  if (typeof data === 'string' || data instanceof Uint8Array) return null;
  return `data must be a string or a Uint8Array, got ${show(data)}`;
}

export function aclProblem(acl: unknown): Problem {
  if (!Array.isArray(acl)) return `an ACL must be a list, got ${show(acl)}`;
  for (const entry of acl as unknown[]) {
    if (typeof entry !== 'object' || entry === null) return `an entry of an ACL must be an object, got ${show(entry)}`;
    const { permissions, scheme, id } = entry as Record<string, unknown>;
    if (typeof permissions !== 'number' || !Number.isInteger(permissions) || permissions < 0 || permissions > 31)
      return `permissions of an ACL must be a sum of 1, 2, 4, 8, 16, got ${show(permissions)}`;
    if (typeof scheme !== 'string' || scheme === '') return `the scheme of an ACL must be text, got ${show(scheme)}`;
    if (typeof id !== 'string') return `the id of an ACL must be text, got ${show(id)}`;
  }
  return null;
}

const CREATE_OPTIONS = new Set(['mode', 'ttlMs', 'acl']);

export function createOptionsProblem(options: unknown): Problem {
  if (options === undefined) return null;
  return (
    asRecord(options, 'options') ??
    namesProblem(options as object, CREATE_OPTIONS) ??
    createProblemOf(options as object)
  );
}

/** Also of the operation in a multi, which has other fields beside. */
function createProblemOf(given: { mode?: unknown; ttlMs?: unknown; acl?: unknown }): Problem {
  const { mode = 'persistent', ttlMs, acl } = given;
  if (typeof mode !== 'string' || !Object.hasOwn(MODES, mode))
    return `unknown mode ${show(mode)}; expected one of ${Object.keys(MODES).join(', ')}`;
  const isTtl = mode.endsWith('-ttl');
  if (!isTtl && ttlMs !== undefined) return `mode ${mode} has no TTL`;
  if (isTtl && !(typeof ttlMs === 'number' && Number.isSafeInteger(ttlMs) && ttlMs > 0))
    return `mode ${mode} needs a positive integer ttlMs, got ${show(ttlMs)}`;
  return acl === undefined ? null : aclProblem(acl);
}

/** Whether a `create` is sequential; its options must have been checked. */
export const isSequential = ({ mode }: CreateOptions): boolean => mode?.includes('sequential') ?? false;

export function createProblem(path: unknown, data: unknown, options: unknown): Problem {
  const problem = createOptionsProblem(options);
  if (problem !== null) return problem;
  const sequential = options !== undefined && isSequential(options as CreateOptions);
  return pathProblem(path, sequential) ?? (data === undefined ? null : dataProblem(data));
}

/** Refuses `/`, the chroot of the handle: the chroot itself belongs to the program that made it. */
export function deleteProblem(path: unknown, version?: unknown): Problem {
  return pathProblem(path) ?? (path === '/' ? 'a handle must not delete its own root' : versionProblem(version));
}

export const setProblem = (path: unknown, data: unknown, version?: unknown): Problem =>
  pathProblem(path) ?? dataProblem(data) ?? versionProblem(version);

export function readProblem(path: unknown, watcher: unknown): Problem {
  if (watcher === undefined || typeof watcher === 'function') return pathProblem(path);
  return `a watcher must be a function, got ${show(watcher)}`;
}

export const setAclProblem = (path: unknown, acl: unknown, version: unknown): Problem =>
  pathProblem(path) ?? aclProblem(acl) ?? versionProblem(version);

export function watchProblem(path: unknown, mode: unknown, watcher: unknown): Problem {
  if (typeof mode !== 'string' || !Object.hasOwn(WATCH_MODES, mode))
    return `unknown mode ${show(mode)} of watches; expected one of ${Object.keys(WATCH_MODES).join(', ')}`;
  const { event, reset } = (watcher ?? {}) as Record<string, unknown>;
  if (typeof event !== 'function' || typeof reset !== 'function')
    return `a watcher must be { event, reset }, two functions, got ${show(watcher)}`;
  return pathProblem(path);
}

export function prefixProblem(prefix: unknown): Problem {
  return typeof prefix === 'string' && prefix.startsWith('/') ? null : 'a prefix must be text that begins with /';
}

/** By operation of a multi: the names of its fields, and the check of their values. */
const OPERATIONS: Readonly<Record<string, { names: ReadonlySet<string>; problem: (given: Operation) => Problem }>> = {
  create: {
    names: new Set(['op', 'path', 'data', ...CREATE_OPTIONS]),
    problem: (given) =>
      createProblemOf(given) ??
      pathProblem(given.path, isSequential(given as CreateOptions)) ??
      (given.data === undefined ? null : dataProblem(given.data)),
  },
  set: {
    names: new Set(['op', 'path', 'data', 'version']),
    problem: ({ path, data, version }) => setProblem(path, data, version),
  },
  delete: { names: new Set(['op', 'path', 'version']), problem: ({ path, version }) => deleteProblem(path, version) },
  check: {
    names: new Set(['op', 'path', 'version']),
    problem: ({ path, version }) =>
      pathProblem(path) ??
      // A version that was forgotten would void a fence.
      (version === undefined ? "check needs a version, or 'any'" : version === 'any' ? null : versionProblem(version)),
  },
};
const READ_NAMES = new Set(['op', 'path']);
const READ_OPERATIONS: typeof OPERATIONS = {
  get: { names: READ_NAMES, problem: ({ path }) => pathProblem(path) },
  children: { names: READ_NAMES, problem: ({ path }) => pathProblem(path) },
};

interface Operation {
  op?: unknown;
  path?: unknown;
  data?: unknown;
  version?: unknown;
  mode?: unknown;
  ttlMs?: unknown;
  acl?: unknown;
}

/** The first operation that is none, with its path where it has one. */
export interface OperationProblem {
  index: number | undefined;
  path: string | undefined;
  message: string;
}

export function operationsProblem(op: 'multi' | 'multiRead', operations: unknown): OperationProblem | null {
  if (!Array.isArray(operations)) {
    return { index: undefined, path: undefined, message: `${op} takes a list, got ${show(operations)}` };
  }
  const kinds = op === 'multi' ? OPERATIONS : READ_OPERATIONS;
  for (let index = 0; index < operations.length; index++) {
    const given = operations[index] as Operation;
    const message = asRecord(given, 'an operation') ?? operationProblem(given, kinds);
    if (message === null) continue;
    const path = (given as Operation | null)?.path;
    return { index, path: typeof path === 'string' ? path : undefined, message };
  }
  return null;
}

function operationProblem(given: Operation, kinds: typeof OPERATIONS): Problem {
  const { op } = given;
  if (typeof op !== 'string' || !Object.hasOwn(kinds, op))
    return `there is no operation ${show(op)}; there are ${Object.keys(kinds).join(', ')}`;
  const kind = kinds[op];
  return kind === undefined ? null : (namesProblem(given, kind.names) ?? kind.problem(given));
}

const LONGEST_TIMEOUT_MS = 0x7fff_ffff;
const OPTION_NAMES = ['connect', 'sessionTimeoutMs', 'tls', 'auth', 'runtime'];
const TLS_NAMES = new Set(['ca', 'cert', 'key', 'passphrase', 'rejectUnauthorized', 'servername']);

/** The options of a handle. `more`: names that only one driver knows. */
export function connectProblem(options: unknown, more: readonly string[] = []): Problem {
  const problem = asRecord(options, 'options') ?? namesProblem(options as object, new Set([...OPTION_NAMES, ...more]));
  if (problem !== null) return problem;
  const { connect, sessionTimeoutMs = 1, tls, auth = [], runtime } = options as Record<string, unknown>;
  if (typeof connect !== 'string') return `connect is 'host:port[,host:port...][/chroot]', not ${show(connect)}`;
  const timeout = sessionTimeoutMs as number;
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT_MS)
    return `a session timeout of ${show(sessionTimeoutMs)} ms: it is a whole number above 0`;
  if (typeof (runtime as Record<string, unknown> | undefined)?.after !== 'function')
    return `runtime is a Runtime, such as systemRuntime, not ${show(runtime)}`;
  return tlsProblem(tls) ?? authProblem(auth);
}

function tlsProblem(tls: unknown): Problem {
  if (tls === undefined || typeof tls === 'function') return null;
  return asRecord(tls, 'tls') ?? namesProblem(tls as object, TLS_NAMES);
}

function authProblem(auth: unknown): Problem {
  if (!Array.isArray(auth)) return `auth is a list, not ${show(auth)}`;
  for (const entry of auth as unknown[]) {
    const problem = asRecord(entry, 'an entry of auth');
    if (problem !== null) return problem;
    const { scheme, credentials } = entry as Record<string, unknown>;
    const wrong = credentialsProblem(scheme, credentials);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Nothing of them is shown. */
export function credentialsProblem(scheme: unknown, credentials: unknown): Problem {
  if (typeof scheme !== 'string' || scheme === '') return `a scheme is text such as digest, not ${show(scheme)}`;
  if (typeof credentials === 'string' || credentials instanceof Uint8Array) return null;
  return `credentials are a string or a Uint8Array, not ${typeof credentials}`;
}

function asRecord(value: unknown, what: string): Problem {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
  return `${what} must be an object, not ${show(value)}`;
}

function namesProblem(value: object, known: ReadonlySet<string>): Problem {
  for (const name in value)
    if (!known.has(name)) return `unknown option ${show(name)}; there are ${[...known].join(', ')}`;
  return null;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}
