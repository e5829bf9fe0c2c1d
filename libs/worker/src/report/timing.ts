import type { Spent } from '@drover/protocol';
import type { Work } from '../run/work.js';

/**
 * When what has ended may leave. A whole assignment leaves at once. A part waits for its neighbours, for a time that is
 * small beside the time that the worker has had the assignment: half of it, or twice, where the pace so far says that the
 * whole will have ended soon; 100 ms at most. And the first part always waits for a millisecond, each further one twice as
 * long, up to 16 ms.
 *
 * So what ended beside a slow neighbour is out within milliseconds, while tasks that end one by one make few znodes: the
 * parts of an assignment grow with the time it takes, and what had to wait for others before it leaves whole.
 */
const FIRST_PART_MS = 1;
const MAX_PART_MS = 16;
const LONGEST_WAIT_MS = 100;

/** Milliseconds until `work` should be reported; `null`: there is nothing. `nowMs`: monotonic. */
export function dueInMs(work: Work, isHurried: boolean, nowMs: number): number | null {
  if (work.fresh === 0) return null;
  if (work.isComplete || isHurried || work.freshSinceMs === null) return 0;
  const ranMs = nowMs - (work.begunMs ?? nowMs);
  const heldMs = nowMs - (work.arrivedMs ?? nowMs);
  const leftMs = (ranMs / work.ended) * (work.size - work.ended);
  const waitMs = Math.max(
    Math.min(FIRST_PART_MS * 2 ** Math.min(work.parts, 10), MAX_PART_MS),
    Math.min(heldMs / 2, LONGEST_WAIT_MS),
    leftMs <= LONGEST_WAIT_MS ? Math.min(2 * heldMs, LONGEST_WAIT_MS) : 0,
  );
  return Math.max(work.freshSinceMs + waitMs - nowMs, 0);
}

/**
 * How much of this worker's time its tasks took, by type, all places together: tasks that ran side by side share it, so
 * over many reports it sums up to the time in which tasks of the type ran, and to no more.
 */
export class SpentTime {
  /** Until when the time of a type is accounted for. Monotonic. */
  readonly #accounted = new Map<string, number>();

  /** The time that a report of `work` has to state now. */
  take(work: Work, nowMs: number): Spent {
    const { type } = work.optionsAt(0);
    const from = Math.max(work.begunMs ?? work.endedMs, this.#accounted.get(type) ?? 0);
    this.#accounted.set(type, Math.max(from, work.endedMs));
    return { ranUs: micros(work.endedMs - from), heldUs: micros(nowMs - (work.arrivedMs ?? nowMs)) };
  }
}

const micros = (ms: number): number => Math.max(0, Math.round(ms * 1_000));
