import type { TaskId } from './ids.js';
import { LIMITS } from './limits.js';
import { DEFAULT_RETRY, retryDelayMs } from './retry.js';
import type { TaskOptions } from './task-options.js';

/**
 * How an attempt ended, in the words of the records:
 * succeeded · failed: the handler failed and may be tried again · rejected: it failed for good (`retryable: false`) ·
 * timed-out · cancelled: on request · lost: the worker's session ended · returned: handed back before it began ·
 * expired: it was not started in time · exceeded: its deadline is over ·
 * later: the handler asked to be run again later, and used up none of its attempts ·
 * preempted: it made room for others; the number of the attempt is used up, and nothing else ·
 * superseded: another task runs in its place · refused: its unique key is in use with another mode,
 * or it waits for a task that is not there, or for a worker that did not come back.
 * `requeued` is no end of an attempt: an operator asked for a failed task to run again.
 */
export const OUTCOMES = [
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'cancelled',
  'lost',
  'returned',
  'requeued',
  'expired',
  'exceeded',
  'later',
  'preempted',
  'superseded',
  'refused',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A task whose attempts ended this often with the worker's death is failed: it may well be the killer. */
export const MAX_LOSSES = 3;

/** The attempts of a task so far; a fold over its outcomes. */
export interface Progress {
  /** Number of the last attempt that began or may have begun; 0 before the first. */
  attempt: number;
  /** Failed and timed out attempts since the submit or the last requeue. */
  failures: number;
  losses: number;
  /** Attempts in a row that asked to be run again later. */
  later: number;
  /** Attempts that made room for others since the submit or the last requeue. They bound nothing but further ones. */
  preemptions: number;
}

export const NO_PROGRESS: Progress = Object.freeze({ attempt: 0, failures: 0, losses: 0, later: 0, preemptions: 0 });

/** How an attempt ended. Every record, fact and report of ends is this, and says in addition of which attempts it speaks. */
export interface AttemptOutcome {
  outcome: Outcome;
  /** When the worker asks for the next attempt: by the handler's policy, or because the error asked for it. */
  retryAfterMs?: number;
}

/** Of one task. */
export interface AttemptEnd extends AttemptOutcome {
  /** The attempt that ended; for `requeued` and where a waiting task is ended: the last one. */
  attempt: number;
}

/** Of the tasks `[from, to)` of a batch, which ended alike. */
export interface RangeEnd extends AttemptOutcome {
  from: number;
  to: number;
  /** Of `superseded` and `refused`: the task that has the key instead. Readers of the ends alone do not know it. */
  winner?: TaskId;
  /** Of `refused`: the task that it waits for and that is not there. As `winner`. */
  missing?: TaskId;
  /** Of `refused`: the needs of the task that no worker could meet, even an empty one, in words. As `winner`. */
  unplaceable?: string;
  /** Of `refused`: the name of the workers that alone may run it, none of which came back in time. As `winner`. */
  worker?: string;
}

/** The consequence of the end of an attempt. */
export type Verdict =
  | { state: 'succeeded' | 'failed' | 'cancelled'; progress: Progress }
  /** `delayMs` from the end of the attempt; 0: at once. */
  | { state: 'pending' | 'retrying'; delayMs: number; progress: Progress };

/**
 * The one rule of what happens after an attempt that counts; `foldEnd` says which do.
 */
export function afterAttempt(before: Progress, end: AttemptEnd, options: TaskOptions, taskId: string): Verdict {
  const { outcome, attempt } = end;
  if (outcome === 'returned') {
    // With a delay: somebody wants the task later.
    if (end.retryAfterMs === undefined) return { state: 'pending', delayMs: 0, progress: { ...before } };
    return { state: 'retrying', delayMs: delayOf(end.retryAfterMs), progress: { ...before } };
  }
  const progress = { ...before, attempt: Math.max(before.attempt, attempt), later: 0 };
  switch (outcome) {
    case 'succeeded':
      return { state: 'succeeded', progress };
    case 'cancelled':
    case 'superseded':
      return { state: 'cancelled', progress };
    case 'expired':
    case 'exceeded':
    case 'refused':
      return { state: 'failed', progress };
    case 'rejected':
      progress.failures++;
      return { state: 'failed', progress };
    case 'failed':
    case 'timed-out':
      progress.failures++;
      if (progress.failures >= options.maxAttempts) return { state: 'failed', progress };
      return { state: 'retrying', delayMs: retryDelay(progress.failures, end, options, taskId), progress };
    case 'lost':
      progress.losses++;
      return progress.losses >= MAX_LOSSES ? { state: 'failed', progress } : { state: 'pending', delayMs: 0, progress };
    case 'later':
      progress.later = before.later + 1;
      if (progress.later >= LIMITS.retriesLater) return { state: 'failed', progress };
      return { state: 'retrying', delayMs: delayOf(end.retryAfterMs ?? 0), progress };
    case 'preempted':
      progress.preemptions++;
      return { state: 'pending', delayMs: 0, progress };
    case 'requeued':
      return { state: 'pending', delayMs: 0, progress: { ...progress, failures: 0, losses: 0, preemptions: 0 } };
  }
}

/**
 * Whether an end counts for a task of which `before` is known; `final`: it has ended for good. A leader that takes an
 * assignment away names every task of which it knows no end, and the worker may have reported one the moment before: the
 * first word on an attempt counts. An end that is about the task and not about an attempt counts in any case: a cancel,
 * an expiry, a deadline, a decision about its unique key.
 */
export function isNews(before: Progress, final: boolean, { outcome, attempt }: AttemptEnd): boolean {
  switch (outcome) {
    case 'requeued':
      return final;
    case 'cancelled':
    case 'expired':
    case 'exceeded':
    case 'superseded':
    case 'refused':
    case 'returned':
      return !final;
    default:
      return !final && attempt > before.attempt;
  }
}

/** The knowledge of a task to which an end is added. */
export interface KnownTask {
  readonly progress: Progress;
  /** It has ended for good. */
  readonly isOver: boolean;
}

/**
 * How the ends of attempts make a task's state: the leader, the next leader, whoever awaits a result, whoever shows a
 * task and the rules of the simulation fold the ends of a task with this, in the order in which they were written. Null:
 * the end is no news and changes nothing. `options` is asked only where the end is no success.
 */
export function foldEnd(task: KnownTask, end: AttemptEnd, options: () => TaskOptions, taskId: string): Verdict | null {
  const { progress, isOver } = task;
  if (!isNews(progress, isOver, end)) return null;
  if (end.outcome !== 'succeeded') return afterAttempt(progress, end, options(), taskId);
  return { state: 'succeeded', progress: { ...progress, attempt: Math.max(progress.attempt, end.attempt), later: 0 } };
}

/** The next attempt is due within a year, whatever a policy or a report says; `NaN` and negative delays mean at once. */
function retryDelay(failures: number, end: AttemptEnd, options: TaskOptions, taskId: string): number {
  return delayOf(end.retryAfterMs ?? retryDelayMs(options.retry ?? DEFAULT_RETRY, failures, taskId));
}

function delayOf(delayMs: number): number {
  return delayMs > 0 ? Math.min(delayMs, LIMITS.retryDelayMs) : 0;
}
