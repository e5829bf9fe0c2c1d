import * as z from 'zod';
import { change, count, instant } from './common.js';

export const scheduler = z.object({
  id: z.string(),
  host: z.string(),
  pid: count,
  version: z.string(),
  startedAt: instant,
  role: z.enum(['leader', 'follower']),
  tz: z.string().optional(),
  /** The time, as leader, that it gives workers to end a task after a timeout or cancel. */
  graceMs: z.number().optional(),
  api: z.string().optional(),
});

export const worker = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string(),
  pid: count,
  version: z.string(),
  startedAt: instant,
  state: z.enum(['accepting', 'draining']),
  capacity: count,
  weight: z.number(),
  out: count,
  running: count,
  drainedBy: change.optional(),
  types: z.array(z.string()),
  concurrency: z.record(z.string(), count).optional(),
  labels: z.record(z.string(), z.string()),
  tasks: z.array(
    z.object({
      task: z.string(),
      attempt: count,
      startedAt: instant,
      progress: z.number().optional(),
      note: z.string().optional(),
    }),
  ),
  asOf: instant,
  /** The time that it gives a handler to end after a timeout or cancel. */
  abortGraceMs: z.number().optional(),
});

/** As `Drover.queues` answers. `settings` are fields beside the others: see docs/operations.md. */
export const queue = z.looseObject({
  name: z.string(),
  paused: z.boolean(),
  pending: count,
  out: count,
  unfinished: count.optional(),
  full: z.literal(true).optional(),
  fullTenants: count.optional(),
  pausedBy: change.optional(),
  changedBy: change.optional(),
});

/** The leader's account of a queue beside its settings; absent without a leader. */
export const queueLive = z.object({
  scheduled: count,
  retrying: count,
  /** For how long the task that has been due longest waits; null: none waits. */
  oldestPendingMs: z.number().nullable(),
  /** Per second, over the last 10 s. */
  rates: z.object({ submitted: z.number(), finished: z.number(), failed: z.number() }),
  /** Workers that offer a type of its pending tasks. */
  servedBy: count,
  /** Types of its pending tasks that no worker offers. */
  unservedTypes: z.array(z.string()),
});
export const queueWithLive = queue.extend({ live: queueLive.optional() });

export const tally = z.object({
  scheduled: count,
  pending: count,
  /** Handed out to workers. */
  out: count,
  /** The part of them that workers say they run. */
  running: count,
  retrying: count,
  succeeded: count,
  failed: count,
  cancelled: count,
});

export const SEVERITIES = ['info', 'warn', 'error'] as const;
export const ATTENTION_CODES = [
  'no-leader',
  'leader-reading',
  'leader-flapping',
  'intake-closed',
  'fires-held',
  'type-unserved',
  'queue-paused',
  'queue-at-limit',
  'queue-full',
  'oldest-wait',
  'failing',
  'worker-lost',
  'worker-silent',
  'versions-mixed',
  'records-invalid',
  'limit-undeclared',
  'zookeeper-slow',
  'acl-open',
  'auth-off',
] as const;

/** Something that a person should look at, with a sentence and what the sentence is about. */
export const attention = z.looseObject({
  code: z.enum(ATTENTION_CODES),
  severity: z.enum(SEVERITIES),
  text: z.string(),
  since: instant.optional(),
});
export type Attention = z.output<typeof attention>;

export const rates = z.object({ submitted: z.number(), finished: z.number(), failed: z.number() });

export const overview = z.object({
  /** Null: nobody leads; what is shown comes from the znodes. */
  revision: z.string().nullable(),
  at: instant,
  leader: z.object({ id: z.string(), epoch: count, sinceMs: count.nullable(), api: z.string().optional() }).nullable(),
  schedulers: z.array(z.object({ id: z.string(), role: z.enum(['leader', 'follower']), version: z.string() })),
  workers: z.object({ accepting: count, draining: count, slots: count, busy: count }),
  tasks: tally.nullable(),
  /** Per second, over the last 10 s. */
  rates: rates.nullable(),
  /** For how long the task that has been due longest waits; null: none waits. */
  oldestPendingMs: z.number().nullable(),
  failedLastHour: count.nullable(),
  attention: z.array(attention),
  intake: z.object({ open: z.boolean(), code: z.string().optional(), reason: z.string().optional() }),
  zookeeper: z.object({ state: z.string(), roundTripMs: z.number().nullable() }),
  /** False: the leader has just taken over and is still reading. */
  complete: z.boolean(),
});
export type Overview = z.output<typeof overview>;

/** As `Drover.status` answers. */
export const status = z.looseObject({
  leader: z
    .looseObject({ id: z.string(), epoch: count, host: z.string(), pid: count, api: z.string().optional() })
    .nullable(),
  schedulers: z.array(scheduler),
  workers: z.array(worker),
  tasks: tally.nullable(),
  queues: z.array(queue),
  queuesLeftOut: count,
  unservedTypes: z.array(z.string()),
  unservedTypesLeftOut: count,
  complete: z.boolean(),
  at: instant.nullable(),
});

export const SERIES = [
  'submitted',
  'finished',
  'failed',
  'pending',
  'out',
  'oldestPendingMs',
  'busy',
  'slots',
] as const;
/** `values[i]` is of the step that ends at `from + (i + 1) * stepMs`; null: nobody was there to count. */
export const timeSeries = z.object({
  metric: z.enum(SERIES),
  queue: z.string().nullable(),
  stepMs: count,
  from: instant,
  values: z.array(z.number().nullable()),
});

export const election = z.object({
  epoch: count.nullable(),
  leader: z.string().nullable(),
  since: instant.nullable(),
  /** The newest first, 50 at most. `reason`: why the one before ended, as far as this replica knows. */
  changes: z.array(
    z.object({
      epoch: count,
      leader: z.string(),
      at: instant,
      leaderlessMs: z.number().nullable(),
      takeoverMs: z.number().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});

export const zookeeper = z.object({
  connect: z.string(),
  session: z.object({
    id: z.string().nullable(),
    state: z.string(),
    timeoutMs: z.number().nullable(),
    leaseMs: z.number().nullable(),
  }),
  roundTripMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable() }),
  servers: z.array(
    z.object({
      address: z.string(),
      reachable: z.boolean(),
      version: z.string().nullable(),
      mode: z.string().nullable(),
      connections: count.nullable(),
      outstanding: count.nullable(),
      latencyMs: z.number().nullable(),
      znodes: count.nullable(),
      watches: count.nullable(),
      dataBytes: count.nullable(),
      /** Why the four-letter words gave nothing, where they did not. */
      why: z.string().nullable(),
    }),
  ),
});

export const znode = z.object({
  path: z.string(),
  /** JSON where it is JSON; text otherwise; null where it is empty. Secrets are left out. */
  data: z.unknown(),
  bytes: count,
  stat: z.object({
    version: count,
    cversion: count,
    createdAt: instant,
    changedAt: instant,
    ephemeralOwner: z.string().nullable(),
    children: count,
  }),
  acl: z.array(z.object({ scheme: z.string(), id: z.string(), permissions: z.string() })),
});

/** Advice on how many workers a pool should have. */
export const scale = z.object({
  pool: z.string(),
  /** All together, those that come included. */
  wanted: count,
  /** Those that are there and do not drain. */
  have: count,
  coming: count,
  /** Names of those that were given up and have nothing any more: they may be removed. */
  remove: z.array(z.string()),
  why: z.string(),
  at: instant,
});

export const scaling = z.object({
  queue: z.string().nullable(),
  type: z.string().nullable(),
  outstanding: count,
  pending: count,
  out: count,
  oldestAgeSeconds: z.number(),
  capacity: count,
});
