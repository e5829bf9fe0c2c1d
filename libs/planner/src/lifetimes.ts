import type { Outcome } from '@drover/core';
import type { State } from './state.js';
import type { BatchState } from './tasks.js';

/**
 * How long tasks may wait (`expires`) and live (`deadline`), from facts alone: the submit of the batch, or, for tasks that
 * were retried by hand, the record that says so. Pure but for the heap of due times; `late.ts` acts.
 */

/** The end that the leader gives a task whose time is over. */
export type LateEnd = Extract<Outcome, 'expired' | 'exceeded'>;

/** Tasks `[from, to)` of a batch whose time began together. A retry by hand grows it task by task. */
export interface Lifetime {
  readonly batch: BatchState;
  readonly from: number;
  to: number;
  /** When it began: the submit, or the retry by hand. */
  readonly at: number;
  /** The delay before they were due. */
  readonly delayMs: number;
}

/** One entry of the heap for each of the two, however many tasks. All of them have the options of the first one. */
function arm(state: State, lifetime: Lifetime): void {
  const { expiresMs, deadlineMs } = lifetime.batch.groupAt(lifetime.from);
  const { at, delayMs } = lifetime;
  if (expiresMs !== null) state.due.add(at + delayMs + expiresMs, { kind: 'late', lifetime, end: 'expired' });
  if (deadlineMs !== null) state.due.add(at + deadlineMs, { kind: 'late', lifetime, end: 'exceeded' });
}

/** Tasks `[from, to)`, of one run, were submitted. */
export function beginLifetime(state: State, batch: BatchState, from: number, to: number): void {
  if (!batch.isLimited || batch.isDraft) return;
  arm(state, { batch, from, to, at: batch.countsFrom, delayMs: batch.groupAt(from).delayMs });
}

/**
 * The task was retried by hand: somebody wants it now, so its time begins anew. Neighbours of it share an entry, unless that
 * has come up already: `at` may be long ago, for a claim is answered later and a rebuild reads what was written before.
 */
export function beginAgain(state: State, batch: BatchState, index: number, at: number): void {
  const lifetime: Lifetime = { batch, from: index, to: index + 1, at, delayMs: 0 };
  const last = batch.again.at(-1);
  if (last?.to !== index || last.at !== at || batch.runAt(index) !== batch.runAt(last.from))
    batch.again = [...batch.again, lifetime];
  else {
    last.to++;
    if (!hasComeUp(state, last)) return;
  }
  arm(state, lifetime);
}

/** One of its entries at least. */
function hasComeUp({ firedUntil }: State, { batch, from, at, delayMs }: Lifetime): boolean {
  const { expiresMs, deadlineMs } = batch.groupAt(from);
  return at + Math.min(delayMs + (expiresMs ?? Infinity), deadlineMs ?? Infinity) <= firedUntil;
}

/**
 * How a task that has not ended is to end at `now`, if its time is over: whichever was over first. `null`: it may go on. A
 * task has been started when an attempt of it has begun, or may have; then it cannot expire.
 */
export function lateEnd(batch: BatchState, index: number, now: number): LateEnd | null {
  if (!batch.isLimited) return null;
  const { expiresMs, deadlineMs, delayMs } = batch.groupAt(index);
  const again = batch.again.findLast(({ from, to }) => from <= index && index < to);
  const at = again?.at ?? batch.countsFrom;
  const expiresAt =
    expiresMs === null || hasStarted(batch, index) ? Infinity : at + (again?.delayMs ?? delayMs) + expiresMs;
  const exceedsAt = deadlineMs === null ? Infinity : at + deadlineMs;
  if (Math.min(expiresAt, exceedsAt) > now) return null;
  return expiresAt <= exceedsAt ? 'expired' : 'exceeded';
}

const hasStarted = (batch: BatchState, index: number): boolean => (batch.table?.progress(index).attempt ?? 0) > 0;
