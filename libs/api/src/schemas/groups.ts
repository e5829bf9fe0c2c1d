import * as z from 'zod';
import { count, json, reason } from './common.js';
import { runSummary, step } from './flows.js';

/** A group is a run whose tasks are added while it is open. */
export const groupSummary = runSummary.extend({
  /** Types of its tasks. */
  types: z.array(z.string()),
  /** It takes tasks. */
  open: z.boolean(),
  /** Tasks that have ended, and those of them that failed. */
  done: count,
  failed: count,
  /** All its tasks; null while it is open. */
  of: count.nullable(),
});
/** `callbacks`: the tasks that follow from how it ended, by their names. */
export const group = groupSummary.extend({ callbacks: z.record(z.string(), step) });

/** As in TypeScript: `onEnd`, `onSuccess`, `onFirstFailure`, and the options of a start. */
const callback = z.union([z.string(), z.strictObject({ type: z.string(), payload: json.optional() })]).optional();
export const groupInput = z.looseObject({
  type: z.string(),
  types: z.array(z.string()).optional(),
  onEnd: callback,
  onSuccess: callback,
  onFirstFailure: callback,
  reason: reason.optional(),
});
export const groupOpened = z.object({ run: z.string(), flow: z.string(), deduplicated: z.boolean() });
export const groupTask = z.strictObject({
  payload: json.optional(),
  /** One of the types of the group; absent: its first. */
  type: z.string().optional(),
});
/** As NDJSON: one task a line. */
export const groupTasks = z.strictObject({ tasks: z.array(groupTask).min(1) });
export const groupAdded = z.object({ run: z.string(), added: count });
export const groupClosed = z.object({ run: z.string(), ok: z.literal(true) });
