import { LIMITS, RecordError, type Range } from '@drover/core';
import * as z from 'zod';
import { FIRE_RUNS, FLOWS } from './features.js';
import { count, formatRecord, parseJson, parseRecord, position, ranges, utf8, version as v } from './json.js';
import { fireLine, fireOf, fireSchema, type FireRecord } from './schedules.js';

/**
 * Flows. A plan, up to 500 runs of it in one znode, what the leader notes of them, and what headers of batches and of
 * results say of steps. See decision 32 in docs/adr. Times are milliseconds since 1970, of ZooKeeper's clock.
 */

export const MAX_RUNS = LIMITS.batchTasks;

/**
 * `/plans/<plan>`. Only its outline is checked here: whoever acts on a plan checks it with `@drover/flow`, and a plan that
 * makes no sense ends its own runs and no others.
 */
export const planSchema = z.looseObject({
  v,
  name: z.string(),
  steps: z.record(z.string(), z.looseObject({ kind: z.string() })),
});

/**
 * Places of results: task `index + i` of `batch` has that of position `at + i`, for `count` of them. A position is a
 * run of the flow's znode; for a map and a reduce it is an item. A text instead of a number: the note of a signal.
 */
export const readSchema = z.union([
  z.tuple([/** step */ z.string(), /** at */ count, /** batch */ z.string(), /** index */ count, count.min(1)]),
  z.tuple([/** step */ z.string(), /** run */ count, /** note */ z.string()]),
]);
export type ReadRecord = z.output<typeof readSchema>;

/** How a run stands when its last steps begin: a reference to the outcome gives this. */
export const outcomeSchema = z.looseObject({
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  /** Steps that failed. */
  failed: z.array(z.string()),
  reason: z.string().optional(),
});
export type RunOutcome = z.output<typeof outcomeSchema>;

/**
 * Consecutive tasks of a batch: the step for each run of `[from, to)`, or, with `items`, those items of the step for one
 * run. A reduce numbers its tasks level by level, the lowest first.
 */
export const ofSchema = z
  .looseObject({
    flow: z.string(),
    plan: z.string(),
    step: z.string(),
    /** Generation: how often the step was started again by a retry. Absent: 0. */
    gen: count.optional(),
    runs: z.tuple([count, position.min(1)]),
    items: z.tuple([count, count.min(1)]).optional(),
    /** Of a reduce: how many items the map has. */
    total: count.optional(),
    reads: z.array(readSchema).optional(),
    outcome: outcomeSchema.optional(),
  })
  .refine(({ runs: [from, to] }) => from < to, { path: ['runs'], message: 'is empty' })
  .refine(({ runs: [from, to], items }) => items === undefined || to - from === 1, {
    path: ['items'],
    message: 'are of more than one run',
  });
export type OfRecord = z.output<typeof ofSchema>;

/** The number of tasks that an entry of `of` names. */
export const tasksOf = ({ runs, items }: Pick<OfRecord, 'runs' | 'items'>): number =>
  items === undefined ? runs[1] - runs[0] : items[1] - items[0];

/** A batch of items of a map that is not handed out until the map begins: item `from` is its first task. */
export const draftSchema = z.looseObject({
  flow: z.string(),
  run: count,
  step: z.string(),
  gen: count.optional(),
  from: count,
  /** The assignment whose worker wrote it; absent: whoever started the flow, or adds to a group. */
  by: z.string().optional(),
  /** Its items are the numbers of so many shards: handlers are told which one they have. Absent: they are no shards. */
  shards: count.min(1).optional(),
});
export type DraftRecord = z.output<typeof draftSchema>;

export const FLOW_STATES = ['succeeded', 'failed', 'cancelled'] as const;
export type RunEnd = (typeof FLOW_STATES)[number];

/** The first line of a flow's znode; then comes one input a line, as JSON. */
export const flowSchema = z.looseObject({
  v,
  /** Of the flow. */
  name: z.string(),
  plan: z.string(),
  /** Runs. */
  count: position.min(1),
  at: z.number(),
  client: z.string(),
  /** Inherited by the tasks of steps, as fields of a group; and the queue. */
  queue: z.string().optional(),
  options: z.looseObject({}).optional(),
  /** From the submit: then the runs are cancelled, and count as failed. */
  deadlineMs: z.number().positive().optional(),
  /** Items that were given with the flow, in drafts: `[step, run, items]`. */
  maps: z.array(z.tuple([z.string(), count, count])).optional(),
  /** Instants that steps wait for and that follow from inputs, one for each run. */
  times: z.record(z.string(), z.array(z.number())).optional(),
  /** The unique key of its one run, in `/keys` under the queue `flow:<name>`. */
  key: z.string().optional(),
  /** It is the run that this task became. */
  parent: z.string().optional(),
  /** Of such a run: how many runs became each other, one after the other, until this one. Absent: 1. */
  depth: position.min(1).optional(),
  /** Its one run is this fire of a schedule. Such a flow needs `fire-runs`. */
  fire: fireSchema.optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  /** Fingerprint of the request that started it, and its key, as `requestKeyPath` takes it. Absent: it had none. */
  request: z.string().optional(),
  requestKey: z.string().optional(),
  /** Set when all its runs have ended; taken away when one is retried. */
  finished: z.looseObject({ at: z.number(), succeeded: count, failed: count, cancelled: count }).optional(),
});
/** As `flowSchema` says, which has the comments. */
export interface FlowHeader {
  name: string;
  plan: string;
  count: number;
  at: number;
  client: string;
  queue?: string | undefined;
  options?: Record<string, unknown> | undefined;
  deadlineMs?: number | undefined;
  maps?: [step: string, run: number, items: number][] | undefined;
  times?: Record<string, number[]> | undefined;
  key?: string | undefined;
  parent?: string | undefined;
  depth?: number | undefined;
  fire?: FireRecord | undefined;
  by?: string | undefined;
  reason?: string | undefined;
  request?: string | undefined;
  requestKey?: string | undefined;
  finished?: { at: number; succeeded: number; failed: number; cancelled: number } | undefined;
}

/** Lines of a note: what the leader knows of runs that follows from nothing else. */
export const noteSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('signal'),
    run: count,
    step: z.string(),
    /** One of the answers that the step knows; absent: it knows none. */
    answer: z.string().optional(),
    payload: z.unknown(),
    by: z.string().optional(),
    reason: z.string().optional(),
    at: z.number(),
  }),
  /** These runs began to wait for the time of a step. */
  z.looseObject({ kind: z.literal('waits'), step: z.string(), gen: count, runs: ranges, at: z.number() }),
  /** The time that a signal had is over. */
  z.looseObject({ kind: z.literal('timeout'), step: z.string(), gen: count, runs: ranges, at: z.number() }),
  z.looseObject({
    kind: z.literal('cancel'),
    runs: ranges,
    /** `deadline`: the flow's; `policy`: a step failed, and the flow ends then. */
    cause: z.enum(['asked', 'deadline', 'policy']),
    /** The steps that clean up are cancelled too. */
    force: z.literal(true).optional(),
    by: z.string().optional(),
    reason: z.string().optional(),
    at: z.number(),
  }),
  z.looseObject({
    kind: z.literal('retry'),
    runs: ranges,
    /** The step from which on all runs again; absent: what has failed. */
    from: z.string().optional(),
    gen: count.min(1),
    by: z.string().optional(),
    reason: z.string().optional(),
    at: z.number(),
  }),
  z.looseObject({
    kind: z.literal('ended'),
    /** `[from, to, state, reason?]` */
    ends: z.array(
      z.union([
        z.tuple([count, position, z.enum(FLOW_STATES)]),
        z.tuple([count, position, z.enum(FLOW_STATES), z.string()]),
      ]),
    ),
    /** Places of the outputs that are results of steps: positions are runs. */
    outputs: z.array(readSchema).optional(),
    at: z.number(),
  }),
  /** A group takes no more tasks: so many it has. */
  z.looseObject({ kind: z.literal('closed'), run: count, step: z.string(), items: count, at: z.number() }),
]);
export type NoteRecord = z.output<typeof noteSchema>;

/** Said in a report of tasks that are steps. Only reports that say something of it are not `ok`. */
export const stepReportFields = {
  /** Which label each of these ended with: `[from, to, label]`. */
  labels: z.array(z.tuple([count, position, z.string()])).optional(),
  /** These skipped themselves. */
  skipped: ranges.optional(),
  /** The lists that these gave are items of a map: `[index, items]`. */
  expanded: z.array(z.tuple([count, count])).optional(),
  /** These end as another run ends: `[index, run id]`. */
  becomes: z.array(z.tuple([count, z.string()])).optional(),
};
export interface StepReport {
  labels?: [from: number, to: number, label: string][];
  skipped?: Range[];
  expanded?: [index: number, items: number][];
  becomes?: [index: number, run: string][];
}

export interface FlowRecord {
  header: FlowHeader;
  /** The input of each run, as JSON text. */
  inputs: readonly string[];
}

/** `inputs`: JSON texts without line breaks, one for each run. Throws `RecordError`. */
export function encodeFlow(header: FlowHeader, inputs: readonly string[]): string {
  const { fire } = header;
  const said = fire === undefined ? { needs: [FLOWS] } : { fire: fireLine(fire), needs: [FIRE_RUNS, FLOWS] };
  const first = formatRecord('the header of a flow', { ...header, ...said }, flowSchema);
  if (inputs.length !== header.count)
    throw new RecordError('a flow cannot be written', `${inputs.length} inputs, the header says ${header.count}`);
  return [first, ...inputs].join('\n');
}

/** Reads the first line only. Throws `RecordError`. */
export function decodeFlowHeader(path: string, data: Uint8Array): FlowHeader {
  const newline = data.indexOf(10);
  const {
    v: _v,
    fire,
    ...header
  } = parseRecord(path, utf8.decode(newline < 0 ? data : data.subarray(0, newline)), flowSchema);
  return fire === undefined ? header : { ...header, fire: fireOf(fire) };
}

/** Throws `RecordError`, also where lines are missing. */
export function decodeFlow(path: string, data: Uint8Array): FlowRecord {
  const header = decodeFlowHeader(path, data);
  const [, ...inputs] = utf8.decode(data).split('\n');
  if (inputs.length !== header.count)
    throw new RecordError(path, `${inputs.length} inputs, the header says ${header.count}`);
  return { header, inputs };
}

const firstLine = z.looseObject({ v });

/** A note is one znode: a line with the version, then one note a line. Throws `RecordError`. */
export function encodeNotes(notes: readonly NoteRecord[]): string {
  const lines = notes.map((note) => {
    const parsed = noteSchema.safeParse(note);
    if (!parsed.success)
      throw new RecordError('a note cannot be written', parsed.error.issues[0]?.message ?? 'not a note');
    return JSON.stringify(note);
  });
  return [formatRecord('a note', { needs: [FLOWS] }, firstLine), ...lines].join('\n');
}

/** Throws `RecordError`. */
export function decodeNotes(path: string, data: Uint8Array): NoteRecord[] {
  const [first = '', ...lines] = utf8.decode(data).split('\n');
  parseRecord(path, first, firstLine);
  return lines.map((line) => {
    const parsed = noteSchema.safeParse(parseJson(path, line));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new RecordError(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a note'}`);
  });
}

const runNames = z.array(z.string()).min(1);

/** Requests to the leader about runs, which are named `<flow>.<index>`. They need `flows`. */
export const flowRequestSchemas = [
  z.looseObject({
    kind: z.literal('flow-signal'),
    run: z.string(),
    step: z.string(),
    /** One of the answers that the step knows; absent: it knows none. */
    answer: z.string().optional(),
    payload: z.unknown(),
  }),
  /** `force`: steps that clean up are cancelled too. */
  z.looseObject({ kind: z.literal('flow-cancel'), runs: runNames, force: z.boolean().optional() }),
  /** `from`: the step from which on all runs again; absent: what has failed. */
  z.looseObject({ kind: z.literal('flow-retry'), runs: runNames, from: z.string().optional() }),
  /** Of a group: it takes no more tasks. */
  z.looseObject({ kind: z.literal('flow-close'), run: z.string() }),
  z.looseObject({ kind: z.literal('flow-get'), run: z.string() }),
  /** `queues`: names, or beginnings such as `images*`; absent: all. `limit`: 500 at most. */
  z.looseObject({
    kind: z.literal('flow-list'),
    flow: z.string().optional(),
    states: z.array(z.enum(['waiting', 'running', ...FLOW_STATES])).optional(),
    queues: z.array(z.string()).optional(),
    limit: position.min(1).max(500).optional(),
    /** Of the page before. */
    cursor: z.string().optional(),
  }),
] as const;

/** The reply to a request about runs, for each of them. */
export const runReplySchema = z.looseObject({
  run: z.string(),
  ok: z.boolean(),
  /** How the run stands. */
  state: z.string().optional(),
  /** Why not, as `Refusal` of `@drover/flow` says it. */
  code: z.string().optional(),
  message: z.string().optional(),
});
export type RunReplyRecord = z.output<typeof runReplySchema>;

/** A run as the leader knows it: `RunView` of `@drover/flow`. */
export const runViewSchema = z.looseObject({
  run: z.string(),
  flow: z.string(),
  plan: z.string(),
  state: z.string(),
  reason: z.string().optional(),
  steps: z.record(
    z.string(),
    z.looseObject({
      kind: z.string(),
      state: z.string(),
      done: count,
      of: count.nullable(),
      failed: count,
      reason: z.string().optional(),
      label: z.string().optional(),
      generation: count,
      tasks: z.array(z.string()),
      waitsFor: z.looseObject({ kind: z.string() }).optional(),
    }),
  ),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  output: z.array(readSchema),
});
export type RunViewRecord = z.output<typeof runViewSchema>;

/** A page of runs, the newest first; absent cursor: there are no more. */
export const runPageSchema = z.looseObject({
  runs: z.array(
    z.looseObject({
      run: z.string(),
      flow: z.string(),
      queue: z.string(),
      state: z.string(),
      reason: z.string().optional(),
      startedAt: z.number(),
      endedAt: z.number().nullable(),
    }),
  ),
  cursor: z.string().optional(),
});
