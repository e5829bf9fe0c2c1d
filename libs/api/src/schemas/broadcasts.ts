import * as z from 'zod';
import { count, failure, instant, json, reason } from './common.js';
import { shownState } from './task.js';

export const BROADCAST_STATES = ['open', 'closed', 'finished'] as const;

export const broadcastCounts = z.object({
  workers: count,
  /** Those whose task has not ended. */
  waiting: count,
  succeeded: count,
  failed: count,
  cancelled: count,
});

export const broadcastSummary = z.object({
  id: z.string(),
  type: z.string(),
  queue: z.string(),
  /** Labels that a worker must have. */
  where: z.record(z.string(), z.string()),
  key: z.string().nullable(),
  skipDraining: z.boolean(),
  state: z.enum(BROADCAST_STATES),
  submittedAt: instant,
  client: z.string(),
  by: z.string().optional(),
  reason: z.string().optional(),
  /** The leader has given it to each worker that matched, so many; null: not yet. */
  reached: z.object({ at: instant, workers: count }).nullable(),
  /** Workers may join until then, unless it is closed before. */
  until: instant,
  closed: z
    .object({
      at: instant,
      why: z.enum(['over', 'superseded', 'cancelled']),
      /** Of a superseded one: the newer broadcast. */
      newer: z.string().optional(),
      by: z.string().optional(),
      reason: z.string().optional(),
    })
    .nullable(),
  finishedAt: instant.nullable(),
  counts: broadcastCounts,
});

/** `payload`: only for callers with the permission `see-payloads`. */
export const broadcast = broadcastSummary.extend({ payload: json.optional() });

/** How the task of the workers of one name stands. `result`: only for callers with the permission `see-payloads`. */
export const broadcastWorker = z.object({
  worker: z.string(),
  task: z.string(),
  state: shownState,
  attempt: count,
  result: json.optional(),
  error: failure.optional(),
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
});

/** Its further options are those of `broadcast` in TypeScript: docs/broadcast.md lists them. */
export const broadcastInput = z.looseObject({
  type: z.string(),
  payload: json.optional(),
  reason: reason.optional(),
});
export const broadcastStarted = z.object({ id: z.string(), type: z.string() });
export const broadcastReply = z.object({ id: z.string(), ok: z.literal(true), state: z.string().optional() });
