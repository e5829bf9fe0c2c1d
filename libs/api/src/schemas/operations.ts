import * as z from 'zod';
import { count, instant, reason } from './common.js';
import { taskReply } from './task.js';

export const BULK_ACTIONS = ['cancel', 'retry', 'purge'] as const;

export const previewRequest = z.strictObject({
  action: z.enum(BULK_ACTIONS),
  filter: z.string(),
  /** Of `retry`: the tasks run again in this queue, as new tasks. */
  toQueue: z.string().optional(),
});
/** A run with this token changes tasks that match now, and no others. */
export const preview = z.object({
  token: z.string(),
  action: z.enum(BULK_ACTIONS),
  filter: z.string(),
  toQueue: z.string().optional(),
  count,
  /** False: more than a preview counts. */
  exact: z.boolean(),
  samples: z.array(z.string()),
  byQueue: z.record(z.string(), count),
  byType: z.record(z.string(), count),
  /** Tasks submitted after this are not included. */
  asOf: instant,
  expiresAt: instant,
});

export const bulkRequest = z.strictObject({
  token: z.string(),
  reason: reason.min(1),
  /** The first so many only. */
  limit: z.number().int().min(1).optional(),
  /** Tasks per second; default 500. `unlimited`: as fast as the leader takes them. */
  rate: z.union([z.number().positive(), z.literal('unlimited')]).optional(),
  /** Go on behind this place of an earlier run: its `cursor`. */
  from: z.string().optional(),
});

export const operation = z.object({
  id: z.string(),
  action: z.enum(BULK_ACTIONS),
  filter: z.string(),
  toQueue: z.string().optional(),
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  of: count,
  done: count,
  /** No longer in a state that allows it. */
  skipped: count,
  failed: count,
  /** Why, of the first 20 that were skipped or failed. */
  refused: z.array(taskReply),
  /** Go on from here if it stopped. */
  cursor: z.string().nullable(),
  by: z.string(),
  reason: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  error: z.string().nullable(),
});
