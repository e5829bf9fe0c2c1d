import { AMOUNTS_SHAPE, QUEUE_SETTINGS, QUEUE_SETTING_NAMES, type Amounts, type QueueSettings } from '@drover/core';
import * as z from 'zod';
import { sessionKeysSchema, tokenSchema } from './access.js';
import { changeSchema } from './changes.js';
import { count, formatRecord, parseJson, parseRecord, ranges, utf8, version as v } from './json.js';
import {
  accountPageSchema,
  accountSchema,
  capacitySchema,
  definitionReplySchema,
  definitionRequestSchemas,
  poolSchema,
  resourceSchema,
} from './definitions.js';
import { limitSchema, limitShardSchema, limitSpecSchema, limitUseSchema } from './limits.js';
import { flowRequestSchemas, planSchema, runPageSchema, runReplySchema, runViewSchema } from './flows.js';
import { backfillSchema, BACKFILL_ORDERS, BACKFILL_REDOS, calendarSchema, FIRE_STARTS } from './schedules.js';
import { adviceSchema, scaleRequestSchemas, scaleSchema } from './scale.js';
import { schemaOf } from './shapes.js';

/**
 * The small records: one JSON object each. Times are milliseconds since 1970. Each may have `needs`, which is checked
 * for all of them in `json.ts`.
 */

/** Of the root itself. `acl`: `open`, everybody may do anything; `shared`, whoever has the credentials of the root. */
export const rootSchema = z.looseObject({ v, acl: z.enum(['open', 'shared']) });
export type RootRecord = z.output<typeof rootSchema>;

export const epochSchema = z.looseObject({ v, epoch: count, leader: z.string(), at: z.number() });
export type EpochRecord = z.output<typeof epochSchema>;

export const leaderSchema = z.looseObject({
  v,
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  epoch: count,
  /** URL at which the leader answers, where it does. */
  api: z.string().optional(),
});
export type LeaderRecord = z.output<typeof leaderSchema>;

export const schedulerSchema = z.looseObject({
  v,
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  startedAt: z.number(),
  /** URL at which it answers, where it does. */
  api: z.string().optional(),
  /** Features of records that it understands; absent: none. */
  understands: z.array(z.string()).optional(),
  /** The version of its zone data: schedulers with different data may fire a schedule at different times. */
  tz: z.string().optional(),
  /** The time, as leader, that it gives workers to end a task after a timeout or cancel; absent: it is of an earlier version. */
  graceMs: z.number().nonnegative().optional(),
});
export type SchedulerRecord = z.output<typeof schedulerSchema>;

const amounts = schemaOf(AMOUNTS_SHAPE) as z.ZodType<Amounts>;
const deviceNames = z.record(z.string(), z.array(z.string()).min(1));

/** A task that has been running for a while, as the worker tells it. */
export const runningTaskSchema = z.looseObject({
  task: z.string(),
  attempt: count,
  startedAt: z.number(),
  progress: z.number().optional(),
  note: z.string().optional(),
});
export const workerSchema = z.looseObject({
  v,
  name: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  startedAt: z.number(),
  /** Tasks that run at the same time. */
  capacity: count,
  weight: z.number().positive(),
  labels: z.record(z.string(), z.string()),
  types: z.array(z.string()),
  state: z.enum(['accepting', 'draining']),
  /** It drains because it stops: it is given nothing any more. Absent: it does not stop, or is of an earlier version. */
  stopping: z.literal(true).optional(),
  /** Those that have run for 250 ms, 64 at most. */
  running: z.array(runningTaskSchema),
  /** How many ran when it was written, short ones too; absent: the worker is of an earlier version. */
  runningNow: count.optional(),
  /** Types of which it runs fewer at a time than its capacity: so many. Absent: none. */
  concurrency: z.record(z.string(), z.number().int().min(1)).optional(),
  /** URL at which it serves the logs of its runs; absent: nowhere. */
  api: z.string().optional(),
  /** The bearer token that it asks for there. Everybody who may read ZooKeeper may read the logs of runs. */
  apiSecret: z.string().optional(),
  /** Features of records that it understands; absent: none. */
  understands: z.array(z.string()).optional(),
  /** The time that it gives a handler to end after a timeout or cancel; absent: it is of an earlier version. */
  abortGraceMs: z.number().nonnegative().optional(),
  /**
   * How long tasks that succeeded ran here lately, by type: bins of a sketch, as `writtenBins` of core writes them. Absent, or of another shape:
   * it tells nothing. Only times follow from it.
   */
  paces: z.record(z.string(), z.array(z.number())).optional().catch(undefined),
  /** Its amounts of resources besides slots: bytes of memory and disk, thousandths of the others. Absent: nothing. */
  resources: amounts.optional(),
  /**
   * Of these amounts what its processes really use, as of when this was written: processors on average since it was written before. Absent, or
   * of another shape: nobody knows. It is for people alone.
   */
  used: amounts.optional().catch(undefined),
  /** Names of the devices of a resource, as many as `resources` says. Absent: they have none. */
  devices: deviceNames.optional(),
  /** Claims may be so many times a resource, such as 1.5. Absent: none may be more than there is. */
  overcommit: z.record(z.string(), z.number().min(1)).optional(),
  /** The pool that it belongs to; absent: `default`. */
  pool: z.string().optional(),
  /** For so long after it started it is given less than others; absent: as its pool says. */
  warmupMs: z.number().nonnegative().optional(),
  /** When its machine is taken away, in milliseconds since 1970; it drains. Absent: nothing is known of it. */
  until: z.number().optional(),
  /** Its machine is overloaded: it begins nothing new. Absent: it is not. */
  pressed: z.literal(true).optional(),
});
export type WorkerRecord = z.output<typeof workerSchema>;

/** `/assignments/<worker>`. `drainedBy`: only while the leader asks the worker to drain. */
export const workerAssignmentsSchema = z.looseObject({
  v,
  draining: z.boolean(),
  drainedBy: changeSchema.optional(),
});
export type WorkerAssignmentsRecord = z.output<typeof workerAssignmentsSchema>;

/** Tasks of one batch that are out at one worker, all with the same attempt number. */
export const assignmentSchema = z.looseObject({
  v,
  batch: z.string(),
  tasks: ranges,
  attempt: count,
  epoch: count,
  at: z.number(),
  /** The leader asks to hand back what has not begun. */
  recall: z.boolean().optional(),
  /** The leader asks to abort these. */
  cancel: ranges.optional(),
  /**
   * The leader asks to abort these, for their deadline is over. Only of tasks that have one, so their batch needs it.
   */
  exceeded: ranges.optional(),
  /** The worker is to say in its reports how long each task took: tenants of the queue share by that. */
  timed: z.literal(true).optional(),
  /** The leader asks to abort these, each for the task that runs in its place. Only of tasks with a unique key. */
  superseded: z.array(z.tuple([count, z.string()])).optional(),
  /** The leader asks these to make room: they end as preempted, and have `preemptGraceMs` for it (default: the worker's own). */
  preempt: ranges.optional(),
  preemptGraceMs: z.number().nonnegative().optional(),
  /** Results below the batch whose lines have checkpoints for these tasks: what earlier attempts have left for this one. */
  checkpoints: z.array(z.tuple([count, z.string()])).optional(),
  /** At most so many of its tasks run at once: the leader has claimed resources for no more. Absent: any number. */
  width: count.min(1).optional(),
  /** The resources that each of its tasks needs, where that does not follow from the options of the tasks alone. */
  use: amounts.optional(),
  /** Names of devices: for each of `width` tasks as many as one needs, one after the other. A part of one names it too. */
  devices: deviceNames.optional(),
  /** Another attempt of its one task is out beside it, as this assignment: `<worker>/<assignment>`. */
  rival: z.string().optional(),
  /** It is the attempt that was begun beside the other one. */
  isCopy: z.literal(true).optional(),
});
export type AssignmentRecord = z.output<typeof assignmentSchema>;

const settingSchemas = Object.fromEntries(
  QUEUE_SETTING_NAMES.map((name) => [name, schemaOf(QUEUE_SETTINGS[name].shape)]),
) as { [Name in keyof QueueSettings]: z.ZodType<QueueSettings[Name]> };

/** Settings that earlier releases did not know stand in a record only where they are not the default. */
const recordedSchemas = Object.fromEntries(
  QUEUE_SETTING_NAMES.map((name) => {
    const { since, default: standard } = QUEUE_SETTINGS[name];
    const schema: z.ZodType = settingSchemas[name];
    return [name, since === undefined ? schema : schema.default(standard)];
  }),
) as unknown as typeof settingSchemas;

export const queueSchema = z.looseObject({
  v,
  ...recordedSchemas,
  /** The person who paused it; only while it is paused. */
  pausedBy: changeSchema.optional(),
  /** The person who made the last change of any setting. */
  changedBy: changeSchema.optional(),
});
export type QueueRecord = z.output<typeof queueSchema>;

const settingsSchema = z.looseObject(settingSchemas);
export const commandRequestSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('cancel'), tasks: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('retry'), tasks: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('purge'), tasks: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('erase'), tasks: z.array(z.string()) }),
  /**
   * Tasks that wait, or with `dead` those that failed, are to be otherwise. Due: `delayMs` from when the leader acts, or at
   * `dueAt`, milliseconds since 1970.
   */
  z.looseObject({
    kind: z.literal('change'),
    tasks: z.array(z.string()),
    delayMs: z.number().nonnegative().optional(),
    dueAt: z.number().optional(),
    priority: z.number().int().optional(),
    queue: z.string().optional(),
    dead: z.boolean().optional(),
  }),
  z.looseObject({ kind: z.literal('drain'), worker: z.string(), draining: z.boolean() }),
  z.looseObject({ kind: z.literal('configure'), queue: z.string(), settings: settingsSchema.partial() }),
  z.looseObject({ kind: z.literal('why'), task: z.string() }),
  /** Each by itself: of some that are refused the others are set. `ifRevision`: 0 is for one that is not there. */
  z.looseObject({
    kind: z.literal('set-schedules'),
    schedules: z.array(z.looseObject({ name: z.string(), spec: z.looseObject({}), ifRevision: count.optional() })),
    /** Texts of plans that these name by their hashes. Absent: those that the leader knows are named. */
    plans: z.array(z.string()).optional(),
  }),
  z.looseObject({ kind: z.literal('remove-schedules'), names: z.array(z.string()), cancel: z.boolean().optional() }),
  z.looseObject({ kind: z.literal('pause-schedules'), names: z.array(z.string()), paused: z.boolean() }),
  /** Every time up to now counts as decided. */
  z.looseObject({ kind: z.literal('reset-schedules'), names: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('trigger-schedule'), name: z.string(), overlap: z.string().optional() }),
  /**
   * `from` is included, `to` is not (absent: now). `dryRun`: nothing is written, and the answer has the times that would be
   * made.
   */
  z.looseObject({
    kind: z.literal('backfill-schedule'),
    name: z.string(),
    from: z.number().int(),
    to: z.number().int().optional(),
    parallel: count.min(1),
    order: z.enum(BACKFILL_ORDERS),
    redo: z.enum(BACKFILL_REDOS),
    dryRun: z.boolean().optional(),
  }),
  z.looseObject({
    kind: z.literal('remove-backfill'),
    name: z.string(),
    id: z.string(),
    cancel: z.boolean().optional(),
  }),
  z.looseObject({ kind: z.literal('show-schedule'), name: z.string() }),
  z.looseObject({ kind: z.literal('set-calendar'), name: z.string(), dates: z.array(z.string()) }),
  z.looseObject({ kind: z.literal('remove-calendar'), name: z.string(), force: z.boolean().optional() }),
  /** `ifRevision`: 0 is for one that is not there. */
  z.looseObject({
    kind: z.literal('set-limit'),
    name: z.string(),
    spec: limitSpecSchema,
    ifRevision: count.optional(),
  }),
  z.looseObject({
    kind: z.literal('remove-limit'),
    name: z.string(),
    ifRevision: count.optional(),
    force: z.boolean().optional(),
  }),
  /** `limit`: a name, or a name and a key (`stripe/acme`). `ms`: from now on; 0 ends it. */
  z.looseObject({ kind: z.literal('hold-limit'), limit: z.string(), ms: z.number().nonnegative() }),
  z.looseObject({ kind: z.literal('show-limits'), names: z.array(z.string()) }),
  ...definitionRequestSchemas,
  ...scaleRequestSchemas,
  ...flowRequestSchemas,
  z.looseObject({ kind: z.literal('cancel-broadcasts'), broadcasts: z.array(z.string()) }),
]);
export type CommandRequest = z.output<typeof commandRequestSchema>;

/**
 * Of `why`: the reasons for which a task is not running, in the order in which the leader looks at them, each with a
 * sentence and with numbers of its own. `line`: its place among the tasks of its queue and type; `workers`: how they
 * look to the task. Both `null` where it waits for no worker. `asOf`: when the leader looked.
 */
export const whySchema = z.looseObject({
  state: z.string(),
  reasons: z.array(z.looseObject({ code: z.string(), blocking: z.boolean(), text: z.string() })),
  line: z
    .looseObject({
      ahead: count,
      exact: z.boolean(),
      perSecond: z.number().nullable(),
      etaMs: z.number().nullable(),
    })
    .nullable(),
  workers: z
    .looseObject({
      total: count,
      usable: count,
      eligible: count,
      filtered: z.record(z.string(), z.union([count, z.record(z.string(), count)])),
      table: z.array(z.looseObject({ worker: z.string(), verdict: z.string(), free: count })).readonly(),
    })
    .nullable(),
  asOf: z.number(),
});
export type WhyRecord = z.output<typeof whySchema>;

const scheduleReplySchema = z.looseObject({
  name: z.string(),
  ok: z.boolean(),
  /** `created`, `changed`, `unchanged`, `removed`, `paused`, `resumed`, `reset`. */
  change: z.string().optional(),
  /** The one that is there. */
  revision: count.optional(),
  /** `revision`: it is not the one that was expected; `unknown`: there is none of that name; absent: see `message`. */
  code: z.string().optional(),
  message: z.string().optional(),
});
export type ScheduleReplyRecord = z.output<typeof scheduleReplySchema>;

const fireTimes = z.looseObject({ nominal: z.number(), due: z.number() });
/** `task`: the id of what the fire started. `starts`: a run of a flow, or a broadcast; absent: a task. */
const startedFields = { task: z.string(), starts: z.enum(FIRE_STARTS).optional() };
const fireViewSchema = fireTimes.extend({ ...startedFields, kind: z.string() });
/** Why nothing is fired: `skew`, clocks disagree; `intake`, no tasks are accepted. */
const heldSchema = z.looseObject({ code: z.string(), reason: z.string() });
/** A schedule as the leader knows it. Times are milliseconds since 1970. */
const scheduleViewSchema = z.looseObject({
  name: z.string(),
  revision: count,
  spec: z.looseObject({}),
  changedBy: changeSchema,
  paused: changeSchema.nullable(),
  endedAt: z.number().nullable(),
  /** Why it stands still; `null`: it does not. */
  broken: z.string().nullable(),
  /** Why no schedule fires now; absent: they fire. */
  held: heldSchema.optional(),
  next: z.array(fireTimes),
  last: fireTimes.extend(startedFields).nullable(),
  fired: count,
  skipped: count,
  missed: count,
  excluded: count,
  failed: count,
  running: z.array(fireViewSchema),
  waiting: z.array(fireViewSchema),
  reasons: z.looseObject({
    skipped: z.string().optional(),
    missed: z.string().optional(),
    failed: z.string().optional(),
  }),
  /** Open ones, and the last that have ended. `running`: its tasks that have not ended. */
  backfills: z.array(backfillSchema.extend({ running: count })).optional(),
});
export type ScheduleViewRecord = z.output<typeof scheduleViewSchema>;

/** `ok: false` carries why. `tasks`: per task of the request what became of it, in its order. */
export const commandAnswerSchema = z.looseObject({
  ok: z.boolean(),
  message: z.string().optional(),
  /** Of `configure`: whether the queue had tasks or settings before. `false` may be a typing error. */
  known: z.boolean().optional(),
  tasks: z
    .array(
      z.looseObject({
        task: z.string(),
        ok: z.boolean(),
        state: z.string().optional(),
        message: z.string().optional(),
        /** Of `change`: it goes on as this task. */
        moved: z.string().optional(),
      }),
    )
    .optional(),
  why: whySchema.optional(),
  /** Of `cancel-broadcasts`: what became of each, in their order. */
  broadcasts: z
    .array(
      z.looseObject({
        broadcast: z.string(),
        ok: z.boolean(),
        /** `unknown`: there is no such broadcast; `finished`: it is over. */
        state: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .optional(),
  /** Of commands on schedules: what became of each, in their order. */
  schedules: z.array(scheduleReplySchema).optional(),
  /** Of `trigger-schedule`: the id of what it started. `starts`: a run of a flow, or a broadcast; absent: a task. */
  task: z.string().optional(),
  starts: z.enum(FIRE_STARTS).optional(),
  /** Of `show-schedule`. */
  schedule: scheduleViewSchema.optional(),
  /** Of `backfill-schedule`. */
  backfill: backfillSchema.optional(),
  /** ... that was only tried: times that it would make, and where the next part begins (`null`: there is none). */
  times: z.array(z.number().int()).optional(),
  cursor: z.number().int().nullable().optional(),
  /** Of `set-limit`, `remove-limit` and `hold-limit`. */
  limit: scheduleReplySchema.optional(),
  /** Of `show-limits`: those of the names that are limits. */
  limits: z.array(limitUseSchema).optional(),
  /** Of `set-account`, `remove-account`, and the same of pools and resources. */
  definition: definitionReplySchema.optional(),
  /** Of `show-capacity`. */
  capacity: capacitySchema.optional(),
  /** Of `show-accounts`. */
  accounts: accountPageSchema.optional(),
  /** Of `show-scale` and `scale-coming`. */
  scale: adviceSchema.optional(),
  /** Of `flow-signal`, `flow-cancel`, `flow-retry` and `flow-close`. */
  runs: z.array(runReplySchema).optional(),
  /** Of `flow-get`; absent: there is no such run. */
  run: runViewSchema.optional(),
  /** Of `flow-list`. */
  page: runPageSchema.optional(),
});
export type CommandAnswer = z.output<typeof commandAnswerSchema>;

export const commandSchema = z.looseObject({
  v,
  request: commandRequestSchema,
  /** The requester and the reason: the leader keeps it with what the command changed, and logs it. */
  by: z.string().optional(),
  reason: z.string().optional(),
  /** The requester asks again, because an answer was lost: a leader may have carried it out. Absent: it asks for the first time. */
  again: z.literal(true).optional(),
  answer: commandAnswerSchema.optional(),
});
export type CommandRecord = z.output<typeof commandSchema>;

export const keySchema = z.looseObject({ v, task: z.string(), queue: z.string(), key: z.string() });
export type KeyRecord = z.output<typeof keySchema>;

/**
 * Why no more tasks are accepted: too many unfinished `tasks`, too many `bytes` of their payloads, too many distinct
 * `names` of their queues and types, or the `quota` of ZooKeeper is used up.
 */
export const INTAKE_CODES = ['tasks', 'bytes', 'names', 'quota'] as const;
export type IntakeCode = (typeof INTAKE_CODES)[number];

/**
 * A queue that takes no more tasks, with its bound in `max`, or none of these tenants (`''`: tasks without one), with
 * their bound in `maxPerTenant`.
 */
const fullQueueSchema = z.looseObject({
  queue: z.string(),
  max: count.optional(),
  maxPerTenant: count.optional(),
  tenants: z.array(z.string()).optional(),
});

/** `open: false`: clients refuse new tasks, with `reason` in the error. */
export const intakeSchema = z.looseObject({
  v,
  open: z.boolean(),
  /** One of `INTAKE_CODES`, or a later one. Only while it is closed. */
  code: z.string().optional(),
  /** The same as a sentence for people. Only while it is closed. */
  reason: z.string().optional(),
  /** The unfinished work when it last changed. */
  tasks: count,
  bytes: count,
  names: count.optional(),
  maxTasks: count,
  maxBytes: count,
  maxNames: count.optional(),
  /** Clients refuse new tasks for these, also while it is open. Absent: none. */
  full: z.array(fullQueueSchema).optional(),
  /** Queues and tenants that are full and that `full` has no room for: submits to them are accepted. Absent: none. */
  fullLeftOut: count.optional(),
});
export type IntakeRecord = z.output<typeof intakeSchema>;

const tally = z.looseObject({
  scheduled: count,
  pending: count,
  /** Handed out to workers, whether they run or wait there. */
  out: count.optional(),
  /** The same number, for readers of earlier versions. */
  running: count,
  retrying: count,
  succeeded: count,
  failed: count,
  cancelled: count,
});
/** Final states count what the leader still keeps (retention removes the rest). */
export const statusSchema = z.looseObject({
  v,
  at: z.number(),
  epoch: count,
  leader: z.string(),
  tasks: tally,
  /** The busiest ones, 100 at most. `out` and `running` as in `tasks`. */
  queues: z.record(
    z.string(),
    z.looseObject({
      paused: z.boolean(),
      pausedBy: changeSchema.optional(),
      pending: count,
      out: count.optional(),
      running: count,
      /** Only of a queue that has a bound of them, for itself or for each tenant. */
      unfinished: count.optional(),
      /** It takes no more tasks; so many of its tenants may submit no more. Absent: not, and none. */
      full: z.literal(true).optional(),
      fullTenants: count.optional(),
    }),
  ),
  /** Queues with unfinished tasks or settings that `queues` does not name. */
  queuesLeftOut: count.optional(),
  /** Types with pending tasks that no worker offers, 100 at most. */
  unservedTypes: z.array(z.string()),
  unservedTypesLeftOut: count.optional(),
  /** Batches that the leader cannot read; their tasks are counted nowhere. Absent: none. */
  unreadableBatches: count.optional(),
  /** Limits that unfinished tasks name, and nobody has declared: they limit nothing. Absent: none. */
  undeclaredLimits: z.array(z.string()).optional(),
  /**
   * Since when the finished batch is to be removed that has waited longest for it. Absent: none has waited for a minute.
   */
  removalDueSince: z.number().optional(),
  /** Batches whose removal ZooKeeper has refused in this term: they stay. Absent: none. */
  removalsRefused: count.optional(),
  /** False: the leader has just taken over and still reads, the counts are of a part. */
  complete: z.boolean().optional(),
  /** Advice for pools with a template, 100 at most. Absent: there are none. */
  scale: z.record(z.string(), scaleSchema).optional(),
  /**
   * The stretches in which ids of unfinished batches lie: beginnings of ids, both included. Advice for the next leader,
   * which reads these batches first.
   */
  unfinishedIds: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Whether tasks are accepted, as in `/intake`. */
  intake: z.looseObject({ open: z.boolean(), code: z.string().optional(), reason: z.string().optional() }).optional(),
  /** Why no schedule fires now; absent: they fire. */
  firesHeld: heldSchema.optional(),
});
export type StatusRecord = z.output<typeof statusSchema>;

export const RECORDS = {
  root: rootSchema,
  epoch: epochSchema,
  leader: leaderSchema,
  scheduler: schedulerSchema,
  worker: workerSchema,
  workerAssignments: workerAssignmentsSchema,
  assignment: assignmentSchema,
  queue: queueSchema,
  command: commandSchema,
  key: keySchema,
  intake: intakeSchema,
  status: statusSchema,
  plan: planSchema,
  calendar: calendarSchema,
  limit: limitSchema,
  limitShard: limitShardSchema,
  account: accountSchema,
  pool: poolSchema,
  resource: resourceSchema,
  token: tokenSchema,
  sessionKeys: sessionKeysSchema,
} as const;
export type RecordKind = keyof typeof RECORDS;

/** Compact JSON with the version in front. Throws `RecordError` where a reader would refuse it. */
export function encodeRecord(kind: RecordKind, fields: object): string {
  return formatRecord(`a record of the kind '${kind}'`, fields, RECORDS[kind]);
}

/** Throws `RecordError` with `path` when `data` is not such a record. */
export function decodeRecord<Kind extends RecordKind>(
  kind: Kind,
  path: string,
  data: Uint8Array,
): z.output<(typeof RECORDS)[Kind]> {
  return parseRecord(path, utf8.decode(data), RECORDS[kind]) as z.output<(typeof RECORDS)[Kind]>;
}

/**
 * Which tasks of which batch, in which attempt: that much an assignment says in every version, so that a worker can
 * hand back one that it does not understand. `null`: it does not even say that.
 */
export function assignedTasks(
  path: string,
  data: Uint8Array,
): Pick<AssignmentRecord, 'batch' | 'tasks' | 'attempt'> | null {
  const parsed = assignmentSchema
    .pick({ batch: true, tasks: true, attempt: true })
    .safeParse(parseJson(path, utf8.decode(data)));
  if (!parsed.success) return null;
  const { batch, tasks, attempt } = parsed.data;
  return { batch, tasks, attempt };
}
