import type {
  AfterMode,
  Outcome,
  QueueSettings,
  RetryPolicy,
  Sequence,
  ShownState,
  TaskFailure,
  TaskId,
  UniquePolicy,
} from '@drover/core';
import type { StepOfTask } from './flows/step-of-task.js';

/** A task as `drover get` shows it. Times are milliseconds since 1970. */
export interface TaskView {
  id: TaskId;
  type: string;
  queue: string;
  /** Absent: it names none. */
  tenant?: string;
  /** Within its tenant; absent: 0. */
  priority?: number;
  /** `unreadable`: its batch needs what this program does not understand; `reason` says what. */
  state: ShownState;
  /** Number of the last attempt that began or may have begun; 0 before the first. */
  attempt: number;
  maxAttempts: number;
  timeoutMs: number | null;
  /** For how long at most an attempt may tell no progress; absent: for as long as it likes, or the handler says. */
  heartbeatMs?: number;
  retry: RetryPolicy | null;
  /** Its key, of whatever unique mode. */
  key: string | null;
  /** How tasks with the same key replace each other, if the leader decides it, or the key is held beyond the end. */
  unique?: UniquePolicy;
  /** The tasks that it is to run after, and how they must have ended. Absent: none. */
  after?: readonly TaskId[];
  afterMode?: AfterMode;
  /** The limits that it names; absent: none. */
  limits?: readonly string[];
  /** Tasks of its queue with the same one run one at a time, in order. */
  sequence?: Sequence;
  /** It ended because this task runs in its place: it has the same unique key, or is the same work in another queue. */
  supersededBy?: TaskId;
  /** Of the current or the last attempt; `null` before the first. */
  worker: string | null;
  /** When it succeeded. */
  result?: unknown;
  /** Why it failed, or why the last attempt did. */
  error?: TaskFailure;
  submittedAt: number;
  /** When it is due, while it is `scheduled` or `retrying`. */
  dueAt?: number;
  /** When it fails unless it has been started by then; while it has not. */
  expiresAt?: number;
  /** When it fails unless it has ended by then; while it has not. */
  deadlineAt?: number;
  /** When the current attempt was handed out or, if it runs long enough to be known, began. */
  startedAt?: number;
  finishedAt?: number;
  /** 0 to 1, of the running attempt. */
  progress?: number;
  note?: string;
  /** Why it is still pending, or why the task or its result cannot be read. */
  reason?: string;
  /** The submitter. */
  client: string;
  /** Earlier and last attempts, oldest first. */
  history: AttemptView[];
  /** Only if it was asked for and is still stored. */
  payload?: unknown;
  /** The broadcast that it is a part of, and the name of the workers that alone may run it. Absent: it is none of one. */
  broadcast?: string;
  onlyWorker?: string;
  /** The run of a flow that it is a step of, and which one. Absent: it is none. */
  flow?: StepOfTask;
  /** Somebody has erased its payload, its result and its errors. Absent: nobody has. */
  erased?: true;
}

/** A broadcast without its workers. Times are milliseconds since 1970, by ZooKeeper's clock. */
export interface BroadcastSummary {
  id: string;
  type: string;
  queue: string;
  /** Labels that a worker must have; empty: none. */
  where: Readonly<Record<string, string>>;
  key: string | null;
  skipDraining: boolean;
  /** `open`: names may join it; `closed`: some of its tasks have not ended; `finished`. */
  state: 'open' | 'closed' | 'finished';
  submittedAt: number;
  /** Until then names may join it, and workers that are gone are waited for. */
  until: number;
  /** The leader has given it to each worker that matched, so many; `null`: not yet. */
  reached: { at: number; workers: number } | null;
  /** Why nobody joins it any more; `null`: it is open. `newer`: the broadcast of the same key that closed it. */
  closed: (Change & { why: 'over' | 'superseded' | 'cancelled'; newer?: string }) | null;
  finishedAt: number | null;
  /** The submitter, and what it said. */
  client: string;
  by?: string;
  reason?: string;
  counts: BroadcastCounts;
}

/** Tasks of a broadcast, one for each worker that it reaches. */
export interface BroadcastCounts {
  workers: number;
  /** They wait, or are handed out. */
  waiting: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface BroadcastView extends BroadcastSummary {
  payload: unknown;
  /** By name. */
  workers: BroadcastWorker[];
}

/** A broadcast at the workers of one name, and how far it has come there. */
export interface BroadcastWorker {
  worker: string;
  task: TaskId;
  state: ShownState;
  attempt: number;
  /** When it succeeded. */
  result?: unknown;
  /** Why it failed, or why the last attempt did. */
  error?: TaskFailure;
  startedAt?: number;
  finishedAt?: number;
}

export interface AttemptView {
  attempt: number;
  outcome: Outcome;
  /** `null`: no worker had the task when somebody cancelled it, or set it to run again. */
  worker: string | null;
  /** When it was written. */
  at: number;
  /** How long the handler ran. */
  ms?: number;
  error?: TaskFailure;
  /** The end of what it logged, where the worker stored it: mostly of failed attempts. Absent: nothing is stored. */
  log?: readonly string[];
  /** The person who cancelled it or set it to run again, and the reason that was given. */
  by?: string;
  reason?: string;
}

/** A change that somebody asked for: who, why, and when the leader made it. */
export interface Change {
  by?: string;
  reason?: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface ListOptions {
  /** `state:failed queue:images type:resize* since:1h`: docs/filters.md has all of it. Default: every task. */
  filter?: string | undefined;
  /** Only tasks in this state, as `state:` in a filter. */
  state?: ShownState | undefined;
  /** Only tasks of this queue, as `queue:` in a filter. */
  queue?: string | undefined;
  /** Default 100; `Infinity` for all. */
  limit?: number | undefined;
  /** Only tasks that follow this one in the list: the last id of an earlier list gives the next page. */
  after?: TaskId | undefined;
  /** Ends the list with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface WorkerView {
  /** The id in paths: the name and the session. */
  id: string;
  name: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
  state: 'accepting' | 'draining';
  capacity: number;
  weight: number;
  /** Tasks that are handed out to it: those that it runs, and those that wait there. */
  out: number;
  /** Those of them that it says it runs: as many as ran at `asOf`, never more than `out`. */
  running: number;
  /** The person who drains it; absent if nobody asked for it. */
  drainedBy?: Change;
  types: string[];
  /** Types of which it runs fewer at a time than its capacity: so many; absent: none. */
  concurrency?: Record<string, number>;
  labels: Record<string, string>;
  /** Those that had run for 250 ms at `asOf`, 64 at most. */
  tasks: { task: TaskId; attempt: number; startedAt: number; progress?: number; note?: string }[];
  /**
   * When it wrote its record. It does so when `tasks` or its state change, every two seconds at most; as long as it
   * runs only tasks shorter than 250 ms it does not, and `running` grows old.
   */
  asOf: number;
  /** The milliseconds that it gives a handler to end after a timeout or cancel; absent: it is of an earlier version. */
  abortGraceMs?: number;
}

export interface SchedulerView {
  id: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
  role: 'leader' | 'follower';
  /** The version of its zone data; absent: it is of an earlier version. */
  tz?: string;
  /** The milliseconds that it gives workers, as leader, to end a task after a timeout or cancel; absent: it is of an earlier version. */
  graceMs?: number;
  /** URL at which it answers; absent: nowhere. */
  api?: string;
}

export interface TaskTally {
  scheduled: number;
  pending: number;
  /** Handed out to workers: those that run, and those that wait there. */
  out: number;
  /** Those of them that workers say they run: see `WorkerView.running`. */
  running: number;
  retrying: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface StatusView {
  /** `api`: URL at which it answers; absent: nowhere. */
  leader: { id: string; epoch: number; host: string; pid: number; api?: string } | null;
  schedulers: SchedulerView[];
  workers: WorkerView[];
  /**
   * The leader's last counts (it writes changed counts, about once a second at most); final states count the tasks that
   * are kept. `null`: no scheduler has led here yet.
   */
  tasks: TaskTally | null;
  /** The busiest ones, 100 at most. */
  queues: QueueView[];
  /** Queues with unfinished tasks or settings that `queues` does not name. */
  queuesLeftOut: number;
  /** Types with pending tasks that no worker offers, 100 at most. */
  unservedTypes: string[];
  unservedTypesLeftOut: number;
  /** Batches that the leader leaves alone because it cannot read them; absent: none. */
  unreadableBatches?: number;
  /** Some limits that unfinished tasks name, and nobody has declared: they limit nothing. Absent: none. */
  undeclaredLimits?: readonly string[];
  /** Since when the finished batch is to be removed that has waited longest for it; absent: none has waited for a minute. */
  removalDueSince?: number;
  /** Batches whose removal ZooKeeper has refused in this term: they stay. Absent: none. */
  removalsRefused?: number;
  /** Whether new tasks are accepted, and why not. `null`: unknown. */
  intake: { open: boolean; code?: string; reason?: string } | null;
  /** Why no schedule fires now: `skew`, clocks disagree; `intake`, no tasks are accepted. `null`: schedules fire. */
  firesHeld: { code: string; reason: string } | null;
  /** False: the leader has just taken over and is still reading batches, the counts are of a part. */
  complete: boolean;
  /** When the leader wrote the counts; `null`: never. */
  at: number | null;
}

export interface QueueView extends QueueSettings {
  name: string;
  pending: number;
  /** Handed out to workers. */
  out: number;
  /** All that have not ended; only of a queue that has `maxPending` or `maxPendingPerTenant`, while it has tasks. */
  unfinished?: number;
  /** `maxPending` is reached: submits are refused. */
  full?: true;
  /** So many of its tenants have reached `maxPendingPerTenant`: their submits are refused. */
  fullTenants?: number;
  /** The person who paused it; absent while it is open. */
  pausedBy?: Change;
  /** The person who changed a setting last. */
  changedBy?: Change;
}
