import type { Filter, QueueSettings } from '@drover/core';
import type * as z from 'zod';
import type { broadcastSummary } from './schemas/broadcasts.js';
import type { run, runCounts, runSummary, STEP_TASK_STATES } from './schemas/flows.js';
import type { group, groupSummary } from './schemas/groups.js';
import type { failureEntry, taskRow } from './schemas/task.js';

/**
 * The thread of the API asks the thread of the scheduler these questions, over a `MessagePort`, and is told facts without asking.
 * Plain data only. The scheduler answers each question within 2 ms of its thread, or gives a part and a cursor.
 */
export interface Questions {
  /** Null: this scheduler does not lead. */
  tasks: { ask: TasksAsked; answer: TasksAnswer | null };
  /** `exact` false: the budget was used up. */
  count: { ask: { filter: Filter; now: number }; answer: { count: number; exact: boolean } | null };
  /** As the command `why` answers (`WhyRecord`); `unknown`: there is no such task. */
  why: { ask: { task: string }; answer: WhyAnswer | 'unknown' | null };
  /** `unknown`: there is no such run. Null also while the term is still reading. */
  run: { ask: { run: string }; answer: RunAnswer | 'unknown' | null };
  runs: { ask: RunsAsked; answer: RunsAnswer | null };
  /** Those of the runs that are groups. `unknown`: there is no such group. */
  groups: { ask: RunsAsked; answer: GroupsAnswer | null };
  group: { ask: { run: string }; answer: GroupAnswer | 'unknown' | null };
  /** The places of the results of a step, as far as the run has got; `unknown`: there is no such run, or no such step. */
  results: { ask: { run: string; step: string }; answer: ResultsAnswer | 'unknown' | null };
  broadcasts: { ask: BroadcastsAsked; answer: BroadcastsAnswer | null };
  /** `unknown`: there is no such run, or no such step in it. Null also while the term is still reading. */
  stepTasks: { ask: StepTasksAsked; answer: StepTasksAnswer | 'unknown' | null };
  /** The counters' account of queues, the busiest first. */
  queues: { ask: { names: readonly string[] | null; most: number }; answer: readonly QueueLive[] | null };
  limits: { ask: { most: number }; answer: readonly unknown[] | null };
  /** A text: why there is no advice for the pool. */
  scale: { ask: { pool: string }; answer: ScaleAnswer | string | null };
  scaling: { ask: { queue: string | null; type: string | null }; answer: ScalingAnswer | null };
  /** True: it led and hands over. */
  resign: { ask: { reason: string }; answer: boolean };
  /** The scheduler's own metrics, in Prometheus' text format. */
  metrics: { ask: null; answer: string };
}
export type QuestionName = keyof Questions;

/** `leader`: about the leader's memory, so replicas ask each other, too. `own`: to the scheduler beside the API alone. */
export const QUESTIONS: Readonly<Record<QuestionName, 'leader' | 'own'>> = {
  ...{ tasks: 'leader', count: 'leader', why: 'leader', run: 'leader', runs: 'leader', stepTasks: 'leader' },
  ...{ groups: 'leader', group: 'leader', results: 'leader', broadcasts: 'leader' },
  ...{ queues: 'leader', limits: 'leader', scale: 'leader', scaling: 'leader' },
  ...{ resign: 'own', metrics: 'own' },
};

export interface TasksAsked {
  filter: Filter;
  order: 'newest' | 'oldest';
  limit: number;
  /** The instant that times in the filter are counted from. */
  now: number;
  /** Behind this task. */
  after: string | null;
  /** The token of an earlier answer that was not complete: the walk goes on. */
  walk: number | null;
}
export interface TasksAnswer {
  rows: readonly z.output<typeof taskRow>[];
  /** The id of the last row if there is more. */
  next: string | null;
  complete: boolean;
  walk: number | null;
  scanned: number;
  revision: string;
}

export interface WhyAnswer {
  state: string;
  reasons: readonly { code: string; blocking: boolean; text: string }[];
  line: unknown;
  workers: unknown;
  asOf: number;
}

export type RunAnswer = z.output<typeof run>;

export interface RunsAsked {
  flow: string | null;
  states: readonly z.output<typeof runSummary>['state'][] | null;
  /** Names, or beginnings such as `images*`; null: all. */
  queues: readonly string[] | null;
  limit: number;
  /** The run that the page before ended with. */
  after: string | null;
  counts: boolean;
}
export interface RunsAnswer {
  /** The newest first. */
  runs: readonly z.output<typeof runSummary>[];
  /** The last run if there is more. */
  next: string | null;
  counts: z.output<typeof runCounts> | null;
}

export interface GroupsAnswer {
  groups: readonly z.output<typeof groupSummary>[];
  next: string | null;
}
export type GroupAnswer = z.output<typeof group>;

export interface ResultsAnswer {
  kind: string;
  state: string;
  reason?: string;
  /** As records say it: `readSchema` of `@drover/protocol`. Positions are items for a map, else runs. */
  reads: readonly unknown[];
  /** Items of a map; null: it is none, or nobody knows how many. */
  items: number | null;
}

export interface BroadcastsAsked {
  type: string | null;
  states: readonly string[] | null;
  /** Names, or beginnings such as `images*`; null: all. */
  queues: readonly string[] | null;
  limit: number;
  /** The broadcast that the page before ended with. */
  after: string | null;
}
export interface BroadcastsAnswer {
  /** The newest first. */
  broadcasts: readonly z.output<typeof broadcastSummary>[];
  next: string | null;
}

export interface StepTasksAsked {
  run: string;
  step: string;
  state: (typeof STEP_TASK_STATES)[number] | null;
  /** The item to begin with. */
  from: number;
  limit: number;
}
export interface StepTasksAnswer {
  /** `index`: the item, of a map or a reduce. */
  tasks: readonly { id: string; index: number | null }[];
  /** The item to go on with; null: there is nothing more. */
  next: number | null;
}

export interface QueueLive {
  name: string;
  settings: QueueSettings;
  scheduled: number;
  pending: number;
  out: number;
  retrying: number;
  /** When the task was due that has been due longest; null: none waits. */
  oldestDueAt: number | null;
  /** Since the term began. */
  submitted: number;
  finished: number;
  failed: number;
  servedBy: number;
  unservedTypes: readonly string[];
}

export interface ScaleAnswer {
  pool: string;
  wanted: number;
  have: number;
  coming: number;
  remove: readonly string[];
  why: string;
  at: number;
}

export interface ScalingAnswer {
  pending: number;
  out: number;
  oldestDueAt: number | null;
  capacity: number;
}

/** Of one queue: ids that have changed, and how many besides. */
export interface ChangedIds {
  queue: string;
  ids: readonly string[];
  more: number;
}

/** Scheduler to API. */
export type FromScheduler =
  | { kind: 'answer'; id: number; answer: unknown }
  /** The question could not be answered: a fault of the program. */
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'facts'; facts: Facts }
  /** The event loop turned: about every second. */
  | { kind: 'beat'; health: { ready: boolean; why: string; hasConnected: boolean } }
  /** The thread ends its streams with `bye`, closes its session and ends, with exit code 0. */
  | { kind: 'stop' };

/** API to scheduler. */
export type FromApi =
  | { kind: 'ask'; id: number; name: QuestionName; ask: unknown }
  /** It listens; schedulers advertise it. */
  | { kind: 'listening'; url: string }
  /** The address that was given cannot be listened at; the thread ends. */
  | { kind: 'cannot-listen'; message: string }
  /** Sent at most 20 times a second from then on, when something has changed. */
  | { kind: 'follow' };

/**
 * The changes at the scheduler since the last message; at most one in 50 ms. `null` fields have not changed. Counters
 * are those of the term, so that nothing is lost if a message is left out.
 */
export interface Facts {
  /** Null: this scheduler does not lead. */
  epoch: number | null;
  /** Grows with each message of a term. */
  n: number;
  at: number;
  /** When the term began. */
  since: number | null;
  /** False: the term is still reading. */
  whole: boolean;
  tally: {
    scheduled: number;
    pending: number;
    out: number;
    retrying: number;
    succeeded: number;
    failed: number;
    cancelled: number;
  } | null;
  /** Since the term began. */
  totals: { submitted: number; finished: number; failed: number; failedAttempts: number } | null;
  oldestDueAt: number | null;
  /** Queues that changed, 50 at most. */
  queues: readonly QueueLive[];
  /** Failures since the last message: 200 a second at most. */
  failures: readonly z.output<typeof failureEntry>[];
  /** ... and so many besides. */
  failuresLeftOut: number;
  unservedTypes: readonly { type: string; pending: number; since: number }[];
  /** Workers joined, left or changed their state. */
  workersChanged: boolean;
  schedulesChanged: boolean;
  /** Flows and broadcasts that have changed. */
  flows: readonly ChangedIds[];
  broadcasts: readonly ChangedIds[];
  intake: { open: boolean; code?: string; reason?: string } | null;
  firesHeld: { code: string; reason: string } | null;
  workers: { accepting: number; draining: number; slots: number; busy: number } | null;
  /** Workers that died with work out, of the last ten minutes. */
  workersLost: readonly { worker: string; at: number; tasks: number }[];
  /** Workers that did not end tasks in time, as they were to, of the last ten minutes; absent: the leader is of an earlier version. */
  workersSilent?: readonly { worker: string; at: number; tasks: number }[];
}
