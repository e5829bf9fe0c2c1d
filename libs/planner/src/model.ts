import type {
  Amounts,
  BatchId,
  Labels,
  LimitSpec,
  OnDead,
  Outcome,
  FairnessMeasure,
  PreemptGround,
  Range,
  RangeEnd,
  TaskId,
  TaskOptions,
} from '@drover/core';

/**
 * The things that the planner speaks of. It knows tasks, workers, queues and time; no bytes, no paths, no znodes. Facts
 * come in through the methods of `Planner`, commands go out of `plan`. Times are milliseconds of one clock (`now`).
 *
 * The planner assumes that its commands are carried out, in their order: writes of a leader's term succeed, or end the
 * term (and with it this planner). The exceptions are told: a `revoke` or a `notify` that came too late, because the
 * worker's last report was accepted first, is answered by `assignmentGone`, and the report itself arrives as a fact.
 *
 * A `revoke` takes effect when it is told as a fact, not when it is commanded: after its transaction was applied, tell
 * `result({ assignment, ends, last: true, .. })` with the ends of the command. Until then its tasks count as out, for
 * the worker's last report may have been accepted first, and nothing may go out again beside it. Every other command
 * has taken effect here when `plan` returns it. Do not tell a `record` again in the same term: an end that a task had
 * before it was retried would count as a new one.
 */

/** Tasks of a batch that share options; `count` consecutive ones. */
export interface Group extends TaskOptions {
  count: number;
}

export interface BatchFact {
  id: BatchId;
  queue: string;
  groups: readonly Group[];
  /** When it was submitted, by ZooKeeper's clock: delays count from here. */
  submittedAt: number;
  /** Payload bytes, for the limits on what is pending. */
  bytes: number;
  /**
   * Attempts of tasks of it of which nobody can tell whose they were, for neither a report nor an assignment can be
   * read.
   * Numbers of later attempts go on behind them, so that none is used twice. Default 0.
   */
  unaccounted?: number;
  /** The transaction that created it: tasks of a unique key, and those that wait for others, are ordered by it. Default 0. */
  order?: bigint;
  /** Features that a worker must understand to be given its tasks. Default: none. */
  needs?: readonly string[];
  /** Somebody waits for the ends of its tasks: `Planner.takeEnded` tells them. Absent: nobody does. */
  watch?: WatchFact;
  /** Tasks that are no more: dead letters that somebody purged. They count as cancelled. Default: none. */
  purged?: readonly Range[];
  /** Tasks that somebody has erased: they do not run again. Default: none. */
  erased?: readonly Range[];
  /** The leader made it for dead letters: for its own none is made. Default: false. */
  isForDead?: boolean;
  /**
   * Of a batch that was finished and is not any more, where its results do not say `isSettled`: these had failed then, and
   * whoever was to be told was told.
   */
  diedBefore?: readonly number[];
  /** Retention keeps it until `Planner.letGo`. Default: false. */
  isKept?: boolean;
  /**
   * Its tasks are steps of runs, or items of a map: `Planner.takeEndedSteps` tells their ends, and nobody may retry, purge
   * or move them, for their flow goes by how they have ended. Default: false.
   */
  isStep?: boolean;
  /** Nothing of it goes out before `Planner.activate`, and the times of its tasks count from then. Default: false. */
  isDraft?: boolean;
  /** Each task goes to the workers of one name alone. Absent: to whoever offers its type. */
  pinned?: PinnedFact;
  /** Set when the batch was finished (rewritten) before. Only retention and retry concern it. */
  finished?: FinishedFact;
}

export interface PinnedFact {
  /** Names of workers, in the order of the tasks. */
  readonly workers: readonly string[];
  /** A worker that drains is given none of them; false: it is, as long as it goes on. */
  readonly skipsDraining: boolean;
  /** From then on a task whose name no worker has that may be given it ends as failed, unless it is out. */
  readonly until: number;
}

export interface WatchFact {
  /**
   * Tasks that wait until `Planner.release`, though they are due; `behind`: what each waits for, as `explain` says it.
   */
  held: readonly { index: number; behind: string }[];
}

/** A task of a watched batch that has ended; `gone`: its batch is not there any more; `again`: it is to run again. */
export interface EndedTask extends TaskName {
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'gone' | 'again';
  /** When that was written; of what is `gone`, when it was last planned before. */
  readonly at: number;
}

export interface FinishedFact {
  /** When. */
  at: number;
  succeeded: number;
  cancelled: number;
  /** Indexes of the failed tasks, and the number of each one's last attempt (1 where it is not known). */
  failed: readonly number[];
  attempts?: readonly number[];
  /** Which tasks were cancelled, where the counts do not tell; absent: that is not known. */
  cancelledTasks?: readonly Range[];
}

export interface AssignmentFact {
  /** Unique: `<batch>.e<epoch>-<n>` in the znode tree, opaque here. */
  id: string;
  worker: string;
  batch: BatchId;
  tasks: readonly Range[];
  attempt: number;
  /** When it was handed out. */
  at: number;
  /** The worker is to tell how long each task took: its tenants share by that. Default: false. */
  timed?: boolean;
  /** At most so many of its tasks run at once: for so many it claims resources. Absent: it claims none. */
  width?: number;
  /** The demand of each of its tasks. Only beside `width`. */
  use?: Amounts;
  /** Names of devices, for each of `width` tasks as many as one needs. */
  devices?: Readonly<Record<string, readonly string[]>>;
  /** Another attempt of its one task is out beside it: the id of that assignment. */
  rival?: string;
  /** It began beside the rival, which was out. Only beside `rival`. */
  isCopy?: true;
  /** Rebuild: what the assignment asked the worker already. */
  recall?: boolean;
  cancel?: readonly Range[];
  exceeded?: readonly Range[];
  superseded?: readonly Superseded[];
  preempt?: readonly Range[];
}

/** The task at `index` is to be ended, for the winner runs in its place. */
export type Superseded = readonly [index: number, winner: TaskId];

export interface WorkerFact {
  id: string;
  /** Of all its incarnations; tasks may be pinned to it. Default: its id. */
  name?: string;
  capacity: number;
  weight: number;
  types: readonly string[];
  /** Features of batches that it understands. Default: none. */
  understands?: readonly string[];
  /** Types of which it runs fewer at a time than its capacity: so many. Default: none. */
  concurrency?: Readonly<Record<string, number>>;
  draining: boolean;
  /** Of one that drains: it goes on with tasks that are pinned to its name. Default: false. */
  takesPinned?: boolean;
  /** The name of its machine. Default: ''. */
  host?: string;
  /** Default: none. */
  labels?: Labels;
  /** Its amounts of resources besides slots. Default: none. */
  resources?: Amounts;
  /** Names of the devices of a resource. Default: they have none. */
  devices?: Readonly<Record<string, readonly string[]>>;
  /** Claims may be so many times a resource. Default: once. */
  overcommit?: Readonly<Record<string, number>>;
  /** Default: `default`. */
  pool?: string;
  /** So long after it joined it is filled little by little. Default: what its pool says. */
  warmupMs?: number;
  /** Its machine is overloaded: it is given nothing. Default: false. */
  pressed?: boolean;
}

/** How some tasks of a batch ended, as written by a worker or by a leader. */
export interface ResultFact {
  batch: BatchId;
  /** The assignment it reports on; `null` for what a leader wrote about tasks that were not out. */
  assignment: string | null;
  /**
   * `all`: every task of the assignment succeeded. Only for an assignment that is known: a rebuilding leader that finds
   * such a result reads its header and lists the ends.
   */
  ends: readonly RangeEnd[] | 'all';
  attempt: number;
  /** When it was written, by ZooKeeper's clock. */
  at: number;
  /** The assignment is over with this. */
  last: boolean;
  /** The time that the worker reports; absent: nothing. */
  spent?: SpentTime;
  /**
   * Keys of limits that a handler wants to be left alone, and for so many milliseconds from `at` on; a limit that is
   * named without a key means the key that the task itself is under.
   */
  holds?: readonly (readonly [limitRef: string, ms: number])[];
  /** For these dead letters tasks were started. */
  told?: readonly Range[];
  /** Its batch was finished after it: whoever was to be told of its deaths was told. Default: false. */
  isSettled?: boolean;
  /** The worker died with these tasks; `many`: others died about that time. Rebuild: a planner knows of its own. */
  death?: { worker: string; many: boolean };
}

/** Milliseconds, with fractions. */
export interface SpentTime {
  /** Of the worker's time, for the tasks of this report, all its places together. */
  ranMs: number;
  /** From the arrival of the assignment at the worker until this report: not part of the way there and back. */
  heldMs: number;
  /** Of its places: how long each of the tasks took, added up. Absent: the worker was not asked, or does not say. */
  busyMs?: number;
}

export type Command =
  /** Hand these out. The id is the planner's own choice of `n`; the leader prefixes batch and epoch. */
  | { kind: 'assign'; assignment: AssignmentFact }
  /**
   * Begin the next attempt at the one task of `beside`, which goes on: in one transaction write that both are rivals, and hand
   * `assignment` out. If `beside` is gone meanwhile, tell `result` with no ends for `assignment`.
   */
  | { kind: 'copy'; assignment: AssignmentFact; beside: AssignmentFact }
  /**
   * Take the assignment away; `ends` is written in the same transaction, for the tasks that have no end yet. Without
   * `ends` nothing is written: there was no such task, or the batch itself is gone.
   */
  | {
      kind: 'revoke';
      assignment: AssignmentFact;
      ends: readonly RangeEnd[];
      reason: RevokeReason;
      /**
       * Its worker died with it, by itself or among many: kept with the ends, so that the next leader knows its
       * suspects.
       */
      death?: 'one' | 'many';
    }
  /**
   * Ask the worker, in the assignment: hand back what has not begun; abort these; abort these, their deadline is over;
   * abort these, another task runs in the place of each.
   */
  | {
      kind: 'notify';
      assignment: AssignmentFact;
      recall: boolean;
      cancel: readonly Range[];
      exceeded?: readonly Range[];
      superseded?: readonly Superseded[];
      /** These are to make room, within so long. */
      preempt?: readonly Range[];
      preemptGraceMs?: number;
    }
  /**
   * Write ends of tasks that are not out: `cancelled` and `requeued` on request, `expired` and `exceeded` when their
   * time is over, `superseded` and `refused` by their unique key, `cancelled` and `refused` by the tasks that they waited
   * for, `lost` where an assignment is over and nobody can
   * tell how. `worker`: whose attempt that was; `null`: none, the end is the leader's own.
   */
  | {
      kind: 'record';
      batch: BatchId;
      n: number;
      attempt: number;
      ends: readonly RangeEnd[];
      worker: string | null;
      /** The leader's own; absent: that of whoever asked for it, if somebody did. */
      reason?: string;
    }
  /**
   * The task with this key is finished: the key is free again. Remove it only where its record names this task: a
   * rebuilt planner says it again for tasks that ended before, and the key may be another task's by now.
   */
  | { kind: 'release-key'; queue: string; key: string; batch: BatchId; index: number }
  /**
   * Every task has ended: rewrite the batch; `failed` are the indexes whose payloads are kept, `attempts` the number of
   * each one's last attempt. Comes after the `release-key` of its tasks.
   */
  | {
      kind: 'finish';
      batch: BatchId;
      succeeded: number;
      failed: readonly number[];
      attempts: readonly number[];
      cancelled: number;
      /** Which, where the counts do not tell. */
      cancelledTasks?: readonly Range[];
      /** The last number that was given out, if tasks have failed. Deaths in results up to it are settled. */
      lastN?: number;
    }
  /**
   * Dead letters of a finished batch are no more: rewrite it. `purged` are all such tasks of it; the others as in `finish`.
   */
  | {
      kind: 'purge';
      batch: BatchId;
      purged: readonly Range[];
      failed: readonly number[];
      attempts: readonly number[];
      cancelled: number;
      cancelledTasks?: readonly Range[];
    }
  /**
   * In one transaction: tasks go on in a new batch, and end in this one as superseded by those. `requeued`: they had failed,
   * and are requeued before they end, with this number; the mark of a finished batch is taken away.
   */
  | {
      kind: 'move';
      batch: BatchId;
      requeued: number | null;
      n: number;
      ends: readonly RangeEnd[];
      into: { id: BatchId; queue: string; tasks: readonly { index: number; group: Group }[] };
    }
  /**
   * In one transaction: start a task for each of these dead letters, and write down with the number `n` that it was done.
   */
  | { kind: 'tell-dead'; batch: BatchId; queue: string; n: number; onDead: OnDead; dead: readonly DeadTask[] }
  /** A finished batch has unfinished tasks again (a retry): take the mark away. Comes before the `record`. */
  | { kind: 'reopen'; batch: BatchId }
  /**
   * Write down how far the rates of these keys may have been used when an `assign` that comes after it is carried out,
   * and which keys reports hold. It is all that there is to know of this shard: a key that is not named is idle; no keys:
   * nothing is to be known. Comes before the `assign`s that rely on it.
   */
  | { kind: 'reserve'; limit: string; shard: number; keys: readonly Reservation[] }
  /** Retention: remove the batch with its results. It has so many tasks, `failed` of which had failed. */
  | { kind: 'remove'; batch: BatchId; tasks: number; failed: number };

/** A task that has failed for good. */
export interface DeadTask {
  readonly index: number;
  readonly type: string;
  /** Empty: none. */
  readonly tenant: string;
  /** How its last attempt ended. */
  readonly outcome: Outcome;
  /** The number of its last attempt; 0: none has begun. */
  readonly attempts: number;
  /** When the end was written. */
  readonly at: number;
}

/** `terminated`: at once, whoever ran it was not asked first. `removed`: the batch is gone, somebody removed it by hand. */
export const REVOKE_REASONS = [
  'worker-lost',
  'timed-out',
  'cancelled',
  'terminated',
  'exceeded',
  'superseded',
  'preempted',
  'outrun',
  'removed',
] as const;
export type RevokeReason = (typeof REVOKE_REASONS)[number];

/** Of one key of a limit; times are milliseconds of the planner's clock. */
export interface Reservation {
  /** '' where the limit counts all tasks together. */
  readonly key: string;
  /** The theoretical arrival time of the rate's algorithm (`gcra.ts`), with everything that may go out until it is written anew. */
  readonly tat: number;
  /** A report holds the key until then; 0: none does. */
  readonly holdUntil: number;
}

/** A limit as `drover limit ls` and `status` show it. */
export interface LimitView {
  readonly name: string;
  /** Null: tasks name it, and nobody has declared it. It limits nothing. */
  readonly spec: LimitSpec | null;
  /** Tasks that are out under it. */
  readonly out: number;
  /** Keys that have tasks waiting, and these tasks. */
  readonly waitingKeys: number;
  readonly waitingTasks: number;
  /** All of it is held until then; null: it is not. */
  readonly heldUntil: number | null;
  /** The busiest keys, and how many there are besides. */
  readonly keys: readonly LimitKeyView[];
  readonly keysLeftOut: number;
}

export interface LimitKeyView {
  /** '' where the limit counts all tasks together; the tenant, or the text after the slash. */
  readonly key: string;
  readonly out: number;
  readonly waiting: number;
  /** When the rate or a hold lets the next task go; null: now, as far as they are concerned. */
  readonly nextAt: number | null;
  readonly heldUntil: number | null;
}

export interface TaskName {
  readonly batch: BatchId;
  readonly index: number;
}

/** The answer for one task of a cancel or a retry. */
export interface TaskReply {
  ok: boolean;
  /**
   * The state it is in now, or was found in; `unknown`: there is no such task; `ended`: succeeded or cancelled, the
   * leader does not remember which.
   */
  state: string;
  message?: string;
  /** It goes on as this task. */
  moved?: TaskId;
}

export interface Tally {
  scheduled: number;
  pending: number;
  out: number;
  retrying: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

/**
 * Told of what goes through the queues, for whoever counts it: once for a batch, an assignment, a report. Times are
 * milliseconds.
 */
export interface Flow {
  /** A batch was learned of, which was submitted at `at`. */
  readonly submitted: (queue: string, tasks: number, at: number) => void;
  /** Tasks of a queue of the account go out that had waited so long. */
  readonly handedOut: (queue: string, tasks: number, waitedMs: number, account: string) => void;
  /** Tasks have ended for good at `at`, so long after their submit. Also those of which a rebuild tells. */
  readonly ended: (queue: string, state: 'succeeded' | 'failed' | 'cancelled', tasks: number, end: FlowEnd) => void;
}
export interface FlowEnd {
  readonly tookMs: number;
  readonly at: number;
}

/** Nobody counts. */
export const NO_FLOW: Flow = { submitted: () => undefined, handedOut: () => undefined, ended: () => undefined };

/** Tasks without an end, the bytes of the payloads of their batches, and how many queues or types they name. */
export interface Load {
  tasks: number;
  bytes: number;
  names: number;
}

export interface PlannerSettings {
  /** Finished batches beyond so many tasks are removed, the oldest first, and at least `retainAtLeastMs` old. */
  retainTasks: number;
  /** ... and whenever they are older than this. */
  retainMs: number;
  /** So many failed tasks are kept beside them, with their batches. */
  retainDeadTasks: number;
  /** ... for so long at most. */
  retainDeadMs: number;
  /** Never removed younger: submitters read their results in this time. */
  retainAtLeastMs: number;
  /** Work that hides a round trip: a worker is given this much ahead, by the pace that it has shown. */
  aheadMs: number;
  /** After a timeout or cancel the worker has this long to obey; then the leader revokes. */
  graceMs: number;
  /**
   * Within a tenant the first task of a lower priority goes first once it has waited so long for each level of the
   * difference. Null: never.
   */
  agingMs: number | null;
  /** Tasks that allow it make room for others on these grounds: each includes those before it. */
  preempt: PreemptGround;
  /** A class waits so long for room before others make room for it; on the ground of its priority a sixth of it. */
  preemptAfterMs: number;
  /** A task that is to make room has so long; then it is revoked. */
  preemptGraceMs: number;
  /** A task that made room so often is not asked again. */
  maxPreemptions: number;
  /** `tasks`: the share of an account counts the places of its tasks only. */
  fairness: FairnessMeasure;
  /** Resources that no share counts. */
  fairnessExclude: readonly string[];
  /** Half-life of what is remembered of the shares of accounts; 0: nothing is. */
  fairnessMemoryMs: number;
  /** A class of tasks that has had no room for so long gets the room of a worker; 0: never. */
  reserveAfterMs: number;
  /** A speculative task is slow after so many times the median of its type. */
  speculateAfter: number;
  /** The part of the attempts that are out which may be copies, at least one; 0: none. */
  speculateShare: number;
}
