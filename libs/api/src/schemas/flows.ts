import * as z from 'zod';
import { count, instant, json, reason } from './common.js';
import { taskRow } from './task.js';

export const RUN_STATES = ['waiting', 'running', 'succeeded', 'failed', 'cancelled'] as const;
/** States of a run that the leader does not tell: it has not read the run yet; it cannot be asked, and the run has not ended. */
export const UNTOLD_STATES = ['pending', 'unknown'] as const;

const runFields = {
  run: z.string(),
  /** Name of the flow. */
  flow: z.string(),
  queue: z.string(),
  state: z.enum(RUN_STATES),
  reason: z.string().optional(),
  startedAt: instant,
  endedAt: instant.nullable(),
};
export const runSummary = z.object(runFields);
export const runCounts = z.record(z.string(), z.record(z.enum(RUN_STATES), count));

export const step = z.looseObject({
  kind: z.string(),
  state: z.enum([...RUN_STATES, 'skipped']),
  /** Items, of a map or reduce; else 1. `of` is null while nobody knows how many. */
  done: count,
  of: count.nullable(),
  failed: count,
  reason: z.string().optional(),
  /** Label or answer with which it ended. */
  label: z.string().optional(),
  /** How often a retry has started it again. */
  generation: count,
  /** Some of its tasks, the failed ones first. */
  tasks: z.array(z.string()),
  /** Steps that have not ended, a time, a signal or its turn. */
  waitsFor: z.looseObject({ kind: z.enum(['steps', 'time', 'signal', 'turn']) }).optional(),
});

export const STEP_TASK_STATES = ['unfinished', 'succeeded', 'failed', 'cancelled'] as const;
/** `index`: the item, of a map or a reduce. */
export const stepTask = taskRow.extend({ index: count.optional() });

export const run = z.object({
  ...runFields,
  /** `pending`: the leader has not read it yet. `unknown`: the leader cannot be asked, and it has not ended. `steps` is empty then. */
  state: z.enum([...RUN_STATES, ...UNTOLD_STATES]),
  /** Hash of the plan. */
  plan: z.string(),
  steps: z.record(z.string(), step),
});

/** A plan. Inputs of steps are payloads: callers without the permission `see-payloads` get it without them. */
export const plan = z.looseObject({
  v: z.literal(1),
  name: z.string(),
  steps: z.record(z.string(), z.looseObject({ kind: z.string() })),
});

/**
 * A run to start: a plan (`drover flow check --json` prints one), its input, and the options of a start in TypeScript. As
 * NDJSON this is the first line, without `items`, and each further line is an item of the map that is given its items.
 */
export const startRunInput = z.looseObject({
  plan: z.looseObject({}),
  input: json.optional(),
  /** Items of maps that are given them, by step. */
  items: z.record(z.string(), z.array(json)).optional(),
  reason: reason.optional(),
});
export const runStarted = z.object({
  run: z.string(),
  flow: z.string(),
  /** An unfinished run has its key: this is that one. */
  deduplicated: z.boolean(),
});

/** The result of a run, or with `step` of one of its steps. `output` and `items` are absent while there is none. */
export const output = z.object({
  run: z.string(),
  step: z.string().optional(),
  state: z.string(),
  reason: z.string().optional(),
  output: json.optional(),
  /** Of a map: the results of its items, in order; a failed one is `{ error: { name, message } }`. */
  items: z.array(json).optional(),
  /** Of a map: the cursor of the items behind; null: there are no more. */
  next: z.string().nullable().optional(),
});

export const runReply = z.object({ run: z.string(), ok: z.literal(true), state: z.string().optional() });

export const signalInput = z.strictObject({
  step: z.string(),
  /** One of the answers that the step knows. */
  answer: z.string().optional(),
  payload: z.unknown().optional(),
  reason: reason.optional(),
});
export const cancelRunInput = z.strictObject({
  /** Its steps that clean up are cancelled, too. */
  force: z.boolean().optional(),
  reason: reason.optional(),
});
export const retryRunInput = z.strictObject({
  /** This step, and everything after it. Absent: what has failed. */
  from: z.string().optional(),
  reason: reason.optional(),
});
