import { SHOWN_STATES } from '@drover/core';
import * as z from 'zod';
import { count, failure, instant, json } from './common.js';

export const shownState = z.enum(SHOWN_STATES);

/** A task of a list: what the leader has in memory. */
export const taskRow = z.object({
  id: z.string(),
  type: z.string(),
  queue: z.string(),
  state: shownState,
  attempt: count,
  maxAttempts: count,
  submittedAt: instant,
  /** When it is due, while it is `scheduled` or `retrying`. */
  dueAt: instant.optional(),
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
  worker: z.string().optional(),
  key: z.string().optional(),
  tenant: z.string().optional(),
  priority: z.number().int().optional(),
  /** 0 to 1. */
  progress: z.number().optional(),
  /** Why it failed, or why its last attempt did; only of the last 10,000 failures. */
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
export type TaskRow = z.output<typeof taskRow>;

export const attempt = z.object({
  attempt: count,
  outcome: z.string(),
  worker: z.string().nullable(),
  at: instant,
  /** How long the handler ran. */
  ms: z.number().optional(),
  error: failure.optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  /** The end of its log, of failed attempts: docs/run-logs.md. */
  log: z.array(z.string()).optional(),
});

/** As `Drover.get` answers, field by field. */
export const task = z.looseObject({
  id: z.string(),
  type: z.string(),
  queue: z.string(),
  tenant: z.string().optional(),
  priority: z.number().int().optional(),
  state: shownState,
  attempt: count,
  maxAttempts: count,
  timeoutMs: z.number().nullable(),
  heartbeatMs: z.number().optional(),
  key: z.string().nullable(),
  after: z.array(z.string()).optional(),
  limits: z.array(z.string()).optional(),
  supersededBy: z.string().optional(),
  worker: z.string().nullable(),
  /** Absent: it has none, or the caller may not see payloads. */
  result: json.optional(),
  error: failure.optional(),
  submittedAt: instant,
  dueAt: instant.optional(),
  expiresAt: instant.optional(),
  deadlineAt: instant.optional(),
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
  progress: z.number().optional(),
  note: z.string().optional(),
  reason: z.string().optional(),
  /** The run of a flow that it is a step of. `index`: of an item of a map, or of a task of a reduce. */
  flow: z.object({ run: z.string(), step: z.string(), index: count.optional(), generation: count }).optional(),
  broadcast: z.string().optional(),
  onlyWorker: z.string().optional(),
  client: z.string(),
  history: z.array(attempt),
  payload: json.optional(),
});

/** The places where more is known of a task. `trace`: the id of its trace; `traceUrl`: its address, if a template was given. */
export const places = z.object({
  znodes: z.array(z.object({ path: z.string(), what: z.enum(['batch', 'result', 'flow', 'broadcast']) })),
  trace: z.string().nullable(),
  traceUrl: z.string().nullable(),
});

/** As `Drover.why` answers. */
export const why = z.object({
  isRun: z.literal(true).optional().describe('It is a run of a flow: why it has not ended'),
  task: z.string(),
  state: z.string(),
  sentence: z.string(),
  reasons: z.array(z.looseObject({ code: z.string(), blocking: z.boolean(), text: z.string() })),
  line: z
    .object({ ahead: count, exact: z.boolean(), perSecond: z.number().nullable(), etaMs: z.number().nullable() })
    .nullable(),
  workers: z
    .object({
      total: count,
      usable: count,
      eligible: count,
      filtered: z.record(z.string(), z.union([count, z.record(z.string(), count)])),
      table: z.array(z.object({ worker: z.string(), verdict: z.string(), free: count })).readonly(),
    })
    .nullable(),
  expiresAt: instant.optional(),
  deadlineAt: instant.optional(),
  asOf: instant.nullable(),
});

/** The outcome of a command for one of its tasks. */
export const taskReply = z.object({
  id: z.string(),
  ok: z.boolean(),
  state: z.string().optional(),
  message: z.string().optional(),
  moved: z.string().optional(),
});

/**
 * How tasks that wait are to be otherwise: one of these at least, and of `delay` (milliseconds or `5m`), `at` (milliseconds
 * since 1970 or ISO text) and `now` one at most.
 */
export const taskChange = z.strictObject({
  priority: z.number().optional(),
  delay: z.union([z.number(), z.string()]).optional(),
  at: z.union([z.number(), z.string()]).optional(),
  now: z.boolean().optional(),
  queue: z.string().optional(),
});

/** Tasks of one command to the leader. */
export const taskIds = z.array(z.string()).min(1).max(5_000);

/** As `Drover.dead.redrive` and `Drover.dead.purge` answer. */
const refused = z.array(taskReply).readonly();
export const redriveReply = z.object({ found: count, redriven: count, refused });
export const purgeReply = z.object({ found: count, purged: count, refused });

/** A task that ended as failed, or an attempt that failed, as the leader saw it. */
export const failureEntry = z.object({
  task: z.string(),
  attempt: count,
  type: z.string(),
  queue: z.string(),
  worker: z.string().nullable(),
  at: instant,
  error: z.object({ name: z.string(), message: z.string() }),
  /** False: the task is tried again. */
  final: z.boolean(),
});
export type FailureEntry = z.output<typeof failureEntry>;

/** Failures of one type with one error: its name, and its message with numbers and ids left out. */
export const failureGroup = z.object({
  type: z.string(),
  error: z.string(),
  message: z.string(),
  count,
  first: instant,
  last: instant,
  /** Ids of tasks, the newest first, five at most. */
  examples: z.array(z.string()),
  queues: z.array(z.string()),
  workers: z.array(z.string()),
  /** Failures in each of the last 60 minutes, the oldest first. */
  perMinute: z.array(count),
});
