import type { Spent } from '@drover/protocol';
import type { Work } from '../run/work.js';

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
