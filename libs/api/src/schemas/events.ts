import * as z from 'zod';
import { count, instant } from './common.js';

/** Topics of `/v1/events`; beside them `task:<id>` and `batch:<id>`. */
export const TOPICS = [
  'overview',
  'queues',
  'workers',
  'schedulers',
  'failures',
  'schedules',
  'flows',
  'broadcasts',
  'operations',
  'audit',
] as const;

/**
 * Of the topics `flows` and `broadcasts`: ids that have changed, 50 at most, and how many besides. The id of a flow is that of
 * its runs before the dot.
 */
export const changedIds = z.object({ changed: z.array(z.string()), more: count });

/** Events that say something of the stream itself. */
export const CONTROL_EVENTS = ['hello', 'reset', 'gap', 'bye'] as const;

export const hello = z.object({
  revision: z.string().nullable(),
  heartbeatMs: count,
  topics: z.array(z.string()),
  /** Come back after so long if the connection is lost. */
  retryMs: count,
});
/** A new leader: fetch again what is shown. */
export const reset = z.object({ revision: z.string().nullable() });
/** Events were left out. */
export const gap = z.object({ from: z.string().nullable(), to: z.string(), reason: z.enum(['ring', 'slow']) });
export const bye = z.object({ reason: z.enum(['stopping', 'revoked', 'overflow', 'age']), retryMs: count });

/** One line of the stream as NDJSON; as SSE the same in `id`, `event` and `data`. */
export const event = z.object({ id: z.string().nullable(), event: z.string(), at: instant, data: z.unknown() });

export const logLine = z.object({
  seq: count,
  at: instant,
  level: z.string(),
  text: z.string(),
});
/** The first line of `/v1/tasks/:id/logs`: where the others come from, and if there are none, why. */
export const logSource = z.object({
  source: z.enum(['worker', 'stored', 'none']),
  attempt: count,
  worker: z.string().nullable(),
  why: z.string().nullable(),
  /** Their address in the log system, if a template was given. */
  url: z.string().nullable(),
});
