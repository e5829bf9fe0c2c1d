import {
  InvalidArgumentError,
  NAME_PATTERN,
  oneOf,
  parseName,
  WORKER_DEFAULTS,
  type Capacity,
  type Overcommit,
} from '@drover/core';
import type { LimitRange } from './adaptive/adaptive-limit.js';
import { BUILT_IN_GROUPS, type BuiltInGroup } from './builtin/built-in-types.js';
import { AddressPolicy, type HttpPolicyOptions } from './builtin/http/address-policy.js';
import { parseConcurrency } from './threads/handler-options.js';
import { defaultComputeThreads } from './execution/catalog.js';
import { RUN_LOG_MODES, type RunLogMode } from './logs/run-logs.js';
import type { SpotSource } from './spot/spot-source.js';

/** The settings of a worker, as its program gives them. Defaults are those of `WORKER_DEFAULTS` where none is named. */
export interface WorkerSettings {
  /** Its name; the id in paths has the session's id appended. */
  name: string;
  host: string;
  pid: number;
  /** Of the program, for operators. */
  version: string;
  /** Tasks that run at the same time. */
  capacity?: number;
  /**
   * Types of which fewer are to run at a time: so many; before what their handlers say. Default: none.
   */
  typeConcurrency?: Readonly<Record<string, number>>;
  /** `capacity` follows what tasks meet, within these: how long attempts that wait for others take. Default: it stays. */
  adaptive?: LimitRange | null;
  /** Its resources besides places, as `parseCapacity` reads it. Default: nothing. */
  resources?: Capacity;
  /** How many times tasks may claim a resource. Default: once. */
  overcommit?: Overcommit;
  /** Its pool. Default: `default`. */
  pool?: string | null;
  /** For so long after its start it is given less than others. Default: as its pool says. */
  warmupMs?: number | null;
  /** Nothing begins while the load average is higher. Default: it does not count. */
  maxLoad?: number | null;
  /** Programs are told the graphics processors of their task in `CUDA_VISIBLE_DEVICES`. Default: they are not. */
  cuda?: boolean;
  /** The metadata service that says when the instance is taken away, as `parseSpot` reads it. Default: none is asked. */
  spot?: SpotSource | null;
  /** Share of the work where the strategy weighs. */
  weight?: number;
  labels?: Record<string, string>;
  /** URL of the handlers module. Default: built-in types only. */
  handlers?: string;
  /** Built-in types that act on this machine or its network: offered only when they are listed here. Default: none. */
  builtin?: readonly BuiltInGroup[];
  /** The addresses that `http` may reach. Default: public ones. */
  http?: HttpPolicyOptions;
  /** Default: as many as the machine computes at the same time, at most `capacity`. */
  computeThreads?: number;
  /** How long running tasks may go on after `stop`. */
  stopTimeoutMs?: number;
  /** How long a task that is to end may take to do so: less than the leader gives. */
  graceMs?: number;
  /** The event loop of the io thread may be blocked for so long. */
  blockedAfterMs?: number;
  /** Memory for batch bodies that are kept, about. */
  cacheBytes?: number;
  /** The attempts whose end of the log is stored with the result: those that failed (default), all, none. */
  runLog?: RunLogMode;
}

/** The address at which a worker serves the logs of its runs, and the bearer token that it asks for. */
export interface WorkerApi {
  url: string;
  secret: string;
}

export type ResolvedWorkerSettings = Required<Omit<WorkerSettings, 'handlers'>> & { handlers: string | null };

const NO_RESOURCES: Capacity = Object.freeze({ amounts: {}, devices: {}, isAuto: false });

/** Throws `InvalidArgumentError`. */
export function resolveSettings(settings: WorkerSettings): ResolvedWorkerSettings {
  const { name, weight = WORKER_DEFAULTS.weight, adaptive = null } = settings;
  const capacity = adaptive?.min ?? settings.capacity ?? WORKER_DEFAULTS.capacity;
  if (!NAME_PATTERN.test(name)) throw new InvalidArgumentError('name', name, NAME_PATTERN.source);
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new InvalidArgumentError('capacity', capacity, 'a whole number of at least 1');
  if (adaptive !== null && !(Number.isInteger(adaptive.max) && adaptive.max >= capacity))
    throw new InvalidArgumentError('adaptive', adaptive.max, `a whole number of at least ${capacity}`);
  if (settings.pool !== undefined && settings.pool !== null) parseName('pool', settings.pool);
  if (!(weight > 0)) throw new InvalidArgumentError('weight', weight, 'a number above 0');
  for (const group of settings.builtin ?? [])
    if (!BUILT_IN_GROUPS.includes(group))
      throw new InvalidArgumentError('builtin', group, `some of ${BUILT_IN_GROUPS.join(', ')}`);
  for (const [type, limit] of Object.entries(settings.typeConcurrency ?? {}))
    parseConcurrency(`typeConcurrency of '${type}'`, limit);
  if (settings.runLog !== undefined) oneOf('runLog', settings.runLog, RUN_LOG_MODES);
  const http = settings.http ?? {};
  new AddressPolicy(http);
  const defaults = {
    labels: {},
    adaptive,
    resources: NO_RESOURCES,
    overcommit: {},
    pool: null,
    warmupMs: null,
    maxLoad: null,
    cuda: false,
    spot: null,
    typeConcurrency: {},
    builtin: [],
    handlers: null,
    computeThreads: defaultComputeThreads(adaptive?.max ?? capacity),
    stopTimeoutMs: WORKER_DEFAULTS.stopTimeoutMs,
    graceMs: WORKER_DEFAULTS.abortGraceMs,
    blockedAfterMs: WORKER_DEFAULTS.blockedAfterMs,
    cacheBytes: WORKER_DEFAULTS.cacheBytes,
    runLog: 'failed' as const,
  };
  return { ...defaults, ...settings, capacity, weight, http };
}
