import { DEFAULT_QUEUE_SETTINGS, toRanges, type QueueSettings, type Range } from '@drover/core';
import Denque from 'denque';
import type { BatchState, Run } from './batch-state.js';
import { FairTurns, newShare, type FairShare } from './fair-share.js';
import { TASK } from './task-table.js';

/** Tasks `[from, to)` of a batch that were out before and are due again. */
export interface Again {
  readonly batch: BatchState;
  readonly from: number;
  readonly to: number;
}

/** Tasks that can make one assignment: of one batch, with one attempt number. */
export interface Slice {
  readonly batch: BatchState;
  readonly attempt: number;
  readonly tasks: readonly Range[];
  readonly count: number;
}

/**
 * The pending tasks of one type in one queue, so that a type that nobody offers blocks no other. First in, first out;
 * tasks that were out before go first. The queues are hints, the tasks' codes are the truth: an entry may name tasks that
 * have ended, moved on, or are named by another entry; they are passed over.
 */
export class Lane {
  readonly queue: QueueState;
  readonly type: string;
  readonly share: FairShare = newShare();
  /** Tasks that are due and not out. */
  pending = 0;
  /** Runs of unfinished batches: with the last one the lane is forgotten. */
  runs = 0;
  #fresh = new Denque<Run>();
  readonly #again = new Denque<Again>();

  constructor(queue: QueueState, type: string) {
    this.queue = queue;
    this.type = type;
  }

  pushRun(run: Run): void {
    this.#fresh.push(run);
  }

  /** Neighbours that come back one after the other can go out together. */
  pushAgain({ batch, from, to }: Again): void {
    const last = this.#again.peekBack();
    if (last?.batch === batch && last.to === from) {
      this.#again.pop();
      this.#again.push({ batch, from: last.from, to });
    } else this.#again.push({ batch, from, to });
  }

  /** After a rebuild, which finds batches in any order: by the time of the submit. */
  sort(): void {
    const runs = this.#fresh.toArray().sort((a, b) => {
      const apart = a.batch.submittedAt - b.batch.submittedAt;
      if (apart !== 0) return apart;
      return a.batch.id < b.batch.id ? -1 : a.batch.id > b.batch.id ? 1 : a.from - b.from;
    });
    this.#fresh = new Denque(runs);
  }

  /** Nothing is pending: what the queues still name is stale. */
  clear(): void {
    this.#fresh.clear();
    this.#again.clear();
  }

  /** The next tasks that can go out together, at most `max`, or null. The caller changes their codes before the next call. */
  take(max: number): Slice | null {
    return this.#takeAgain(max) ?? this.#takeFresh(max);
  }

  #takeAgain(max: number): Slice | null {
    for (let entry = this.#again.peekFront(); entry !== undefined; entry = this.#again.peekFront()) {
      const { batch, from, to } = entry;
      const indexes: number[] = [];
      let attempt = 0;
      let index = from;
      for (; index < to && indexes.length < max; index++) {
        if (batch.code(index) !== TASK.again) continue;
        const next = batch.touch().progress(index).attempt + 1;
        if (indexes.length > 0 && next !== attempt) break;
        attempt = next;
        indexes.push(index);
      }
      this.#again.shift();
      if (index < to) this.#again.unshift({ batch, from: index, to });
      if (indexes.length > 0) return { batch, attempt, tasks: toRanges(indexes), count: indexes.length };
    }
    return null;
  }

  #takeFresh(max: number): Slice | null {
    for (let run = this.#fresh.peekFront(); run !== undefined; run = this.#fresh.peekFront()) {
      const { batch } = run;
      const ranges: [number, number][] = [];
      let count = 0;
      while (run.next < run.to && count < max) {
        const index = run.next++;
        if (batch.code(index) !== TASK.waiting) continue;
        const last = ranges.at(-1);
        if (last?.[1] === index) last[1] = index + 1;
        else ranges.push([index, index + 1]);
        count++;
      }
      if (run.next >= run.to) this.#fresh.shift();
      if (count > 0) return { batch, attempt: 1, tasks: ranges, count };
    }
    return null;
  }
}

/** A queue: its settings, its lanes by type, and how much of it waits and runs. */
export class QueueState {
  readonly name: string;
  readonly lanes = new Map<string, Lane>();
  /** Those with pending tasks. */
  readonly busy = new Set<Lane>();
  readonly turns = new FairTurns();
  readonly share: FairShare = newShare();
  settings: QueueSettings = DEFAULT_QUEUE_SETTINGS;
  /** It has settings of its own. */
  declared = false;
  /** Unfinished ones. */
  batches = 0;
  pending = 0;
  /** Suspects that are due and not out: pending too, and in no lane. */
  suspects = 0;
  running = 0;

  constructor(name: string) {
    this.name = name;
  }

  lane(type: string): Lane {
    let lane = this.lanes.get(type);
    if (lane === undefined) {
      lane = new Lane(this, type);
      this.lanes.set(type, lane);
    }
    return lane;
  }

  /** Tasks that may go out now besides those that are out. */
  get allowance(): number {
    const { paused, maxRunning } = this.settings;
    if (paused) return 0;
    return maxRunning === null ? Infinity : Math.max(0, maxRunning - this.running);
  }
}
