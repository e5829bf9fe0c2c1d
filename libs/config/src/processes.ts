import { toProcessConfig, type ProcessConfig } from './connection.js';
import {
  formatDuration,
  SCHEDULING_DEFAULTS,
  WORKER_DEFAULTS,
  type Capacity,
  type Overcommit,
  type FairnessMeasure,
  type PreemptGround,
} from '@drover/core';
import { toApiConfig, type ApiConfig } from './api.js';
import { ConfigError } from './errors.js';
import { toOpsConfig, type OpsConfig } from './ops.js';
import { samplingFields, toTracingConfig, type TracingConfig } from './tracing.js';
import {
  clientFields,
  DEFAULT_NAME,
  schedulerFields,
  workerFields,
  type BuiltIn,
  type HttpPolicy,
  type RunLogMode,
} from './fields.js';
import { readLabelsFile } from './labels-file.js';
import { deepFreeze, resolveFields, type Sources } from './resolve.js';

/** The settings of a scheduler process. */
export interface SchedulerConfig extends ProcessConfig {
  id: string;
  /** `null`: no metrics and no probes are served. */
  ops: OpsConfig | null;
  /** `null`: nothing is traced. */
  tracing: TracingConfig | null;
  /** `null`: no API and no dashboard are served. */
  api: ApiConfig | null;
  /** Name of an assignment strategy. */
  strategy: string;
  retainTasks: number;
  retainMs: number;
  retainDeadTasks: number;
  retainDeadMs: number;
  retainAtLeastMs: number;
  maxClockSkewMs: number;
  maxPendingTasks: number;
  maxPendingBytes: number;
  aheadMs: number;
  graceMs: number;
  /** `null`: off. */
  agingMs: number | null;
  preempt: PreemptGround;
  preemptAfterMs: number;
  preemptGraceMs: number;
  maxPreemptions: number;
  fairness: FairnessMeasure;
  /** Resources. */
  fairnessExclude: readonly string[];
  /** 0: nothing is remembered. */
  fairnessMemoryMs: number;
  /** 0: never. */
  reserveAfterMs: number;
  /** Times the median. */
  speculateAfter: number;
  /** From 0 to 1. */
  speculateShare: number;
}

const NO_RESOURCES: Capacity = { amounts: {}, devices: {}, isAuto: false };

/** The settings of a worker process. */
export interface WorkerConfig extends ProcessConfig {
  name: string;
  /** `null`: no metrics and no probes are served. */
  ops: OpsConfig | null;
  /** `null`: nothing is traced. */
  tracing: TracingConfig | null;
  /** The attempts whose end of the log is stored with the result. */
  runLog: RunLogMode;
  /** The number of tasks at a time; of an `adaptive` one the number that it begins with. */
  concurrency: number;
  /** Bounds of a concurrency that follows what tasks meet; `null`: it stays. */
  adaptive: { readonly min: number; readonly max: number } | null;
  /** Besides slots. */
  resources: Capacity;
  overcommit: Overcommit;
  /** `null`: the default one. */
  pool: string | null;
  /** `null`: as the pool says. */
  warmupMs: number | null;
  /** `null`: any. */
  maxLoad: number | null;
  cuda: boolean;
  /** As given; `null`: none. */
  spot: string | null;
  /** By type; those that are not named run as many as there are places, or as their handlers say. */
  typeConcurrency: Readonly<Record<string, number>>;
  /** `null`: as many as the machine computes at the same time, at most `concurrency`. */
  computeThreads: number | null;
  /** Path of the handlers module, as given; `null`: the built-in types only. */
  handlers: string | null;
  /** Built-in types that act and are offered; the others always are. */
  builtin: readonly BuiltIn[];
  http: { policy: HttpPolicy; allow: readonly string[] };
  weight: number;
  labels: Readonly<Record<string, string>>;
  stopTimeoutMs: number;
  abortGraceMs: number;
  blockedAfterMs: number;
}

/** The settings of a command that only reads or submits. */
export interface ClientConfig extends ProcessConfig {
  /** `null`: nothing is traced. */
  tracing: TracingConfig | null;
}

/** Throws `ConfigError`. The answer is frozen. */
export function resolveSchedulerConfig(sources: Sources): Readonly<SchedulerConfig> {
  const resolved = resolveFields(schedulerFields, sources);
  const { values, nameOf } = resolved;
  const retainMs = values.retainAge ?? SCHEDULING_DEFAULTS.retainMs;
  const retainAtLeastMs = values.retainAtLeast ?? Math.min(SCHEDULING_DEFAULTS.retainAtLeastMs, retainMs);
  if (retainAtLeastMs > retainMs) {
    const [least, age] = [formatDuration(retainAtLeastMs), formatDuration(retainMs)];
    throw new ConfigError([
      `${nameOf('retainAtLeast')} is ${least}, longer than ${nameOf('retainAge')}, which is ${age}; set it to at most that`,
    ]);
  }
  const fairness = values.fairness ?? SCHEDULING_DEFAULTS.fairness;
  const fairnessExclude = values.fairnessExclude ?? SCHEDULING_DEFAULTS.fairnessExclude;
  if (fairness === 'tasks' && fairnessExclude.includes('slots')) {
    throw new ConfigError([
      `${nameOf('fairnessExclude')} names slots, and ${nameOf('fairness')} is tasks, which counts nothing but slots: ` +
        'leave one of the two out',
    ]);
  }
  return deepFreeze({
    ...toProcessConfig(resolved),
    ops: toOpsConfig(resolved),
    tracing: toTracingConfig(resolved),
    api: toApiConfig(resolved),
    id: values.id ?? DEFAULT_NAME(process.pid),
    strategy: values.strategy ?? SCHEDULING_DEFAULTS.strategy,
    retainTasks: values.retainTasks ?? SCHEDULING_DEFAULTS.retainTasks,
    retainMs,
    retainDeadTasks: values.retainDeadTasks ?? SCHEDULING_DEFAULTS.retainDeadTasks,
    retainDeadMs: values.retainDead ?? SCHEDULING_DEFAULTS.retainDeadMs,
    retainAtLeastMs,
    maxClockSkewMs: values.maxClockSkew ?? SCHEDULING_DEFAULTS.maxClockSkewMs,
    maxPendingTasks: values.maxPendingTasks ?? SCHEDULING_DEFAULTS.maxPendingTasks,
    maxPendingBytes:
      values.maxPendingMib === undefined ? SCHEDULING_DEFAULTS.maxPendingBytes : values.maxPendingMib * 1_048_576,
    aheadMs: values.ahead ?? SCHEDULING_DEFAULTS.aheadMs,
    graceMs: values.grace ?? SCHEDULING_DEFAULTS.graceMs,
    fairness,
    fairnessExclude,
    fairnessMemoryMs: values.fairnessMemory ?? SCHEDULING_DEFAULTS.fairnessMemoryMs,
    reserveAfterMs: values.reserveAfter ?? SCHEDULING_DEFAULTS.reserveAfterMs,
    agingMs: values.aging === 'off' ? null : (values.aging ?? SCHEDULING_DEFAULTS.agingMs),
    preempt: values.preempt ?? SCHEDULING_DEFAULTS.preempt,
    preemptAfterMs: values.preemptAfter ?? SCHEDULING_DEFAULTS.preemptAfterMs,
    preemptGraceMs: values.preemptGrace ?? SCHEDULING_DEFAULTS.preemptGraceMs,
    maxPreemptions: values.maxPreemptions ?? SCHEDULING_DEFAULTS.maxPreemptions,
    speculateAfter: values.speculateAfter ?? SCHEDULING_DEFAULTS.speculateAfter,
    speculateShare: values.speculateShare ?? SCHEDULING_DEFAULTS.speculateShare,
  });
}

/** Throws `ConfigError`. The answer is frozen. */
export function resolveWorkerConfig(sources: Sources): Readonly<WorkerConfig> {
  const resolved = resolveFields(workerFields, sources);
  const { values, nameOf } = resolved;
  const given = values.concurrency ?? WORKER_DEFAULTS.capacity;
  const adaptive = typeof given === 'number' ? null : given;
  const concurrency = typeof given === 'number' ? given : given.min;
  const most = adaptive?.max ?? concurrency;
  const computeThreads = values.computeThreads ?? null;
  if (computeThreads !== null && computeThreads > most) {
    throw new ConfigError([
      `${nameOf('computeThreads')} is ${computeThreads}, more than ${nameOf('concurrency')}, which is ${most}: ` +
        'the additional threads would never have work',
    ]);
  }
  return deepFreeze({
    ...toProcessConfig(resolved),
    ops: toOpsConfig(resolved),
    tracing: toTracingConfig(resolved),
    runLog: values.runLog ?? 'failed',
    name: values.name ?? DEFAULT_NAME(process.pid),
    concurrency,
    adaptive,
    resources: values.resources ?? NO_RESOURCES,
    overcommit: values.overcommit ?? {},
    pool: values.pool ?? null,
    warmupMs: values.warmup ?? null,
    maxLoad: values.maxLoad ?? null,
    cuda: values.cuda ?? false,
    spot: values.spot ?? null,
    typeConcurrency: values.typeConcurrency ?? {},
    computeThreads,
    handlers: values.handlers ?? null,
    builtin: values.builtin ?? [],
    http: { policy: values.httpPolicy ?? WORKER_DEFAULTS.httpPolicy, allow: values.httpAllow ?? [] },
    weight: values.weight ?? WORKER_DEFAULTS.weight,
    labels: {
      ...(values.labelsFile === undefined ? {} : readLabelsFile(values.labelsFile, nameOf('labelsFile'))),
      ...values.labels,
    },
    stopTimeoutMs: values.stopTimeout ?? WORKER_DEFAULTS.stopTimeoutMs,
    abortGraceMs: values.abortGrace ?? WORKER_DEFAULTS.abortGraceMs,
    blockedAfterMs: values.blockedAfter ?? WORKER_DEFAULTS.blockedAfterMs,
  });
}

/** Throws `ConfigError`. The answer is frozen. */
export function resolveClientConfig(sources: Sources): Readonly<ClientConfig> {
  const resolved = resolveFields({ ...clientFields, ...samplingFields }, sources);
  return deepFreeze({ ...toProcessConfig(resolved, 'warn'), tracing: toTracingConfig(resolved) });
}
