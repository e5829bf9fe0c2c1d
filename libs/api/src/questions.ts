import type { Filter, QueueSettings } from '@drover/core';
import type * as z from 'zod';
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
  /** The counters' account of queues, the busiest first. */
  queues: { ask: { names: readonly string[] | null; most: number }; answer: readonly QueueLive[] | null };
  limits: { ask: { most: number }; answer: readonly unknown[] | null };
  scaling: { ask: { queue: string | null; type: string | null }; answer: ScalingAnswer | null };
  /** True: it led and hands over. */
  resign: { ask: { reason: string }; answer: boolean };
  /** The scheduler's own metrics, in Prometheus' text format. */
  metrics: { ask: null; answer: string };
}
export type QuestionName = keyof Questions;

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

export interface ScalingAnswer {
  pending: number;
  out: number;
  oldestDueAt: number | null;
  capacity: number;
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
  intake: { open: boolean; code?: string; reason?: string } | null;
  firesHeld: { code: string; reason: string } | null;
  workers: { accepting: number; draining: number; slots: number; busy: number } | null;
  /** Workers that died with work out, of the last ten minutes. */
  workersLost: readonly { worker: string; at: number; tasks: number }[];
}
