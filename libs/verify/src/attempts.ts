import { touches } from './faults.js';
import type { Effect } from './history.js';
import { expiryMs, type Run } from './rules/rule.js';
import { submitOf } from './subjects.js';
import { startsOf, type TaskHistory } from './task-history.js';

/** The time in which something of a task ran, as its handler wrote it down. */
export interface Span {
  task: TaskHistory;
  /** The number of the attempt, of a task that of its last one. */
  attempt: number;
  worker: string;
  from: number;
  /** `Infinity`: no end was written. */
  to: number;
  /** The start of the attempt that ended at `to`. */
  since: number;
  /** The line of its start, of a task that of its last attempt. */
  start: Effect;
}

/**
 * Each attempt that began. It is over for Drover when its handler has ended, its time limit has passed, somebody has
 * asked to cancel the task, or a newer attempt has begun: a handler that goes on after that is nobody's.
 */
export function attemptsOf(task: TaskHistory): Span[] {
  const starts = startsOf(task);
  const { timeoutMs = Infinity } = submitOf(task) ?? {};
  const cancelled = task.operations.find(({ op, type }) => op === 'cancel' && type !== 'fail')?.at ?? Infinity;
  return starts.map((start, index) => {
    const newer = starts[index + 1]?.at ?? Infinity;
    const to = Math.min(endOf(start, task), newer, start.at + timeoutMs, Math.max(cancelled, start.at));
    return { task, attempt: start.attempt, worker: start.worker, from: start.at, to, since: start.at, start };
  });
}

/** The task from its first start to the end of its last attempt, the times between attempts included. */
export function runOf(task: TaskHistory): Span | undefined {
  const attempts = attemptsOf(task);
  const last = attempts.at(-1);
  if (last === undefined) return undefined;
  return { ...last, from: Math.min(...attempts.map(({ from }) => from)), since: last.from };
}

function endOf(start: Effect, { effects }: TaskHistory): number {
  return effects.find(({ type, token }) => type !== 'start' && String(token) === String(start.token))?.at ?? Infinity;
}

/**
 * Whether `span` may be of a handler that goes on, although its worker lost the task by a fault before `at`: then it
 * counts for nothing. Without a history of faults nobody knows.
 */
export function mayBeZombie({ worker, since }: Span, at: number, { given, faults, settings }: Run): boolean {
  if (!given.has('faults')) return true;
  return faults.some(
    (fault) => (fault.workers === 'all' || fault.workers.has(worker)) && touches(fault, since, at, expiryMs(settings)),
  );
}

/**
 * Whether a start may be long after its hand-out: its worker was stopped or cut off, or ZooKeeper was in trouble, so
 * shortly before that the way may have been longer than `handOutMs`.
 */
export function mayBeLate(start: Pick<Span, 'worker' | 'from'>, { faults, settings }: Run): boolean {
  return faults.some(
    (fault) =>
      (fault.workers === 'all' || fault.workers.has(start.worker)) &&
      touches(fault, start.from, start.from, expiryMs(settings)),
  );
}

/** The first that begins while another one runs which is no zombie; both, the earlier one first. */
export function besideEachOther(spans: readonly Span[], run: Run): [earlier: Span, later: Span] | undefined {
  let open: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    open = open.filter(({ to }) => to > span.from + run.settings.clockErrorMs);
    const other = open.find((one) => !mayBeZombie(one, span.from, run));
    if (other !== undefined) return [other, span];
    open.push(span);
  }
  return undefined;
}
