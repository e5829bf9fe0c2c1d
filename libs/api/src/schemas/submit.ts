import * as z from 'zod';
import { json } from './common.js';

/** A task to submit; its further options are those of `submit` in TypeScript: libs/client/README.md lists them. */
export const taskInput = z.looseObject({ type: z.string(), payload: json.optional() });

export const submitted = z.object({
  id: z.string(),
  batch: z.string(),
  /** Another unfinished task has its key: this is that one. */
  deduplicated: z.boolean(),
  state: z.string().optional(),
  result: json.optional(),
  error: z.looseObject({ name: z.string(), message: z.string() }).optional(),
});

export const batchInput = z.strictObject({
  defaults: z.looseObject({}).optional(),
  tasks: z.array(taskInput).min(1),
});
export const batchReply = z.object({ batches: z.array(z.string()), ids: z.array(z.string()) });

/** One line for each line of an NDJSON stream, in their order, when its task is durable. The last one may be an error. */
export const lineReply = z.union([
  z.object({ line: z.number(), id: z.string(), deduplicated: z.boolean().optional() }),
  z.object({ line: z.number(), error: z.looseObject({ code: z.string(), detail: z.string() }) }),
]);

export const batchView = z.object({
  id: z.string(),
  queue: z.string(),
  client: z.string(),
  submittedAt: z.number(),
  tasks: z.array(z.string()),
  counts: z.record(z.string(), z.number()),
});

export const ended = z.object({
  id: z.string(),
  state: z.string(),
  attempt: z.number(),
  worker: z.string().nullable(),
  result: json.optional(),
  error: z.looseObject({ name: z.string(), message: z.string() }).optional(),
});
