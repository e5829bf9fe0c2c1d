import { toRanges, type Range } from '@drover/core';
import Denque from 'denque';
import type { WorkClass } from './classes.js';
import type { Aside } from './gates.js';
import type { Guard } from './guards.js';
import type { QueueState } from './queue-state.js';
import { PLACE, type BatchState, type Run } from './tasks.js';
import type { Level } from './tenants.js';
import type { Share } from './turns.js';

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
 * The pending tasks of one class, one tenant and one priority in one queue, so that a class that nobody may run blocks
 * no other. First in, first out; tasks that were out before go first. Its entries are hints, the tasks' places are the
 * truth: an entry may name tasks that have ended, moved on, or are named by another entry; they are passed over.
 */
export class SubQueue implements Share {
  readonly queue: QueueState;
  readonly level: Level;
  /** Changes where its queue gets settings that keep its classes apart from others. */
  workClass: WorkClass;
  /** Tasks that are due and not out. */
  pending = 0;
  /** Of these, the ones that wait until a limit has room for them, or an earlier one of their sequence has ended. */
  aside = 0;
  /** It may keep its tasks from going out one by one; null: nothing does. */
  guard: Guard | null = null;
  /** The limits by which its guard was made; see `LimitBook.version`. */
  guardedAt = -1;
  /** Runs of unfinished batches: with the last one the sub-queue is forgotten. */
  runs = 0;
  readonly number = 0;
  served = 0;
  turn = 0;
  heapAt = -1;
  /**
   * The place where it waits for its turn: in its queue, at a gate that was closed when its turn came; null: nothing
   * is pending.
   */
  at: 'queue' | Aside | null = null;
  /** As the gate knows `order` at which it waits. */
  orderAside = 0;
  #fresh = new Denque<Run>();
  #again: Denque<Again> | null = null;
  /** Runs that stand in the place of another one, whose task another one of its unique key superseded. */
  #heirs: Map<Run, Run> | null = null;

  constructor(level: Level, workClass: WorkClass) {
    this.queue = level.tenant.queue;
    this.level = level;
    this.workClass = workClass;
  }

  /** Tasks of it that may go out now besides those that are out. */
  get allowance(): number {
    return Math.min(this.queue.allowance, this.level.tenant.allowance);
  }

  /** Tasks that are in its line. */
  get ready(): number {
    return this.pending - this.aside;
  }

  get sub(): this {
    return this;
  }

  /** Its place at a gate within its tenant. */
  get rank(): number {
    return -this.level.priority;
  }

  /** It is the only one of its kind where it waits. */
  readonly order = 0;

  /** Since when its next task is due; Infinity: nothing is in its line. */
  get since(): number {
    return sinceOf(this.#nextAgain()) ?? sinceOf(this.#nextFresh()) ?? Infinity;
  }

  pushRun(run: Run): void {
    this.#fresh.push(run);
  }

  /** `heir` waits where `seat` stands in line. */
  inherit(seat: Run, heir: Run): void {
    (this.#heirs ??= new Map()).set(seat, heir);
  }

  /** Neighbours that come back one after the other can go out together. */
  pushAgain({ batch, from, to }: Again): void {
    const entries = (this.#again ??= new Denque<Again>());
    const last = entries.peekBack();
    if (last?.batch === batch && last.to === from) {
      entries.pop();
      entries.push({ batch, from: last.from, to });
    } else entries.push({ batch, from, to });
  }

  /** After a rebuild, which finds batches in any order: by the time of the submit. */
  sort(): void {
    if (this.#fresh.length < 2) return;
    const runs = this.#fresh.toArray().sort((a, b) => {
      const apart = a.batch.submittedAt - b.batch.submittedAt;
      if (apart !== 0) return apart;
      return a.batch.id < b.batch.id ? -1 : a.batch.id > b.batch.id ? 1 : a.from - b.from;
    });
    this.#fresh = new Denque(runs);
  }

  /** Nothing is pending: what is still named is stale. */
  clear(): void {
    this.#fresh.clear();
    this.#again = null;
    this.#heirs = null;
  }

  /**
   * The next tasks that can go out together, at most `max`, or null. The ledger moves them out before the next call.
   * `admit` is asked of each; one that may not go out now it sets aside.
   */
  take(max: number, admit: Admit | null = null): Slice | null {
    return this.#takeAgain(max, admit) ?? this.#takeFresh(max, admit);
  }

  /** The next task in its line. */
  get head(): At | null {
    return this.#nextAgain() ?? this.#nextFresh();
  }

  /** Tasks that go out before this one, which is pending here; after `most` looks it gives up: `exact` is false. */
  countBefore(batch: BatchState, index: number, most: number): { ahead: number; exact: boolean } {
    let ahead = 0;
    let looked = 0;
    const count = (of: BatchState, from: number, to: number, place: number): 'found' | 'given-up' | null => {
      for (let at = from; at < to; at++) {
        if (++looked > most) return 'given-up';
        if (of.place(at) !== place) continue;
        if (of === batch && at === index) return 'found';
        ahead++;
      }
      return null;
    };
    const again = this.#again;
    for (let i = 0; again !== null && i < again.length; i++) {
      const entry = again.peekAt(i);
      if (entry === undefined) break;
      const end = count(entry.batch, entry.from, entry.to, PLACE.again);
      if (end !== null) return { ahead, exact: end === 'found' };
    }
    for (let i = 0; i < this.#fresh.length; i++) {
      const seat = this.#fresh.peekAt(i);
      if (seat === undefined) break;
      const run = this.#heirs?.get(seat) ?? seat;
      const end = count(run.batch, run.next, run.to, PLACE.fresh);
      if (end !== null) return { ahead, exact: end === 'found' };
    }
    return { ahead, exact: false };
  }

  #nextAgain(): At | null {
    const entries = this.#again;
    for (let entry = entries?.peekFront(); entry !== undefined; entry = entries?.peekFront()) {
      const { batch, from, to } = entry;
      for (let index = from; index < to; index++) if (batch.place(index) === PLACE.again) return { batch, index };
      entries?.shift();
    }
    return null;
  }

  /** An heir stays behind its seat until it is taken: another one may stand in that place first. */
  #nextFresh(): At | null {
    for (let seat = this.#fresh.peekFront(); seat !== undefined; seat = this.#fresh.peekFront()) {
      const next = freshOf(seat) ?? freshOf(this.#heirs?.get(seat));
      if (next !== null) return next;
      this.#fresh.shift();
      this.#heirs?.delete(seat);
    }
    return null;
  }

  #takeAgain(max: number, admit: Admit | null): Slice | null {
    const entries = this.#again;
    if (entries === null) return null;
    for (let entry = entries.peekFront(); entry !== undefined; entry = entries.peekFront()) {
      const { batch, from, to } = entry;
      const indexes: number[] = [];
      let attempt = 0;
      let index = from;
      for (; index < to && indexes.length < max; index++) {
        if (batch.place(index) !== PLACE.again) continue;
        const next = batch.nextAttempt(index);
        if (indexes.length > 0 && next !== attempt) break;
        const may = admit === null ? 'take' : admit(batch, index);
        if (may === 'stop') break;
        if (may === 'set aside') continue;
        attempt = next;
        indexes.push(index);
      }
      entries.shift();
      if (index < to) entries.unshift({ batch, from: index, to });
      if (indexes.length > 0) return { batch, attempt, tasks: toRanges(indexes), count: indexes.length };
      if (index < to) return null;
    }
    return null;
  }

  /** The first run has been walked to its end; its heir stands in its place. */
  #shiftFresh(run: Run): void {
    this.#fresh.shift();
    const heir = this.#heirs?.get(run);
    if (heir === undefined) return;
    this.#heirs?.delete(run);
    this.#fresh.unshift(heir);
  }

  #takeFresh(max: number, admit: Admit | null): Slice | null {
    for (let run = this.#fresh.peekFront(); run !== undefined; run = this.#fresh.peekFront()) {
      const { batch } = run;
      const ranges: [number, number][] = [];
      let count = 0;
      let isStopped = false;
      while (run.next < run.to && count < max) {
        const index = run.next++;
        if (batch.place(index) !== PLACE.fresh) continue;
        const may = admit === null ? 'take' : admit(batch, index);
        if (may === 'set aside') continue;
        if (may === 'stop') {
          run.next--;
          isStopped = true;
          break;
        }
        const last = ranges.at(-1);
        if (last?.[1] === index) last[1] = index + 1;
        else ranges.push([index, index + 1]);
        count++;
      }
      if (run.next >= run.to) this.#shiftFresh(run);
      if (count > 0) return { batch, attempt: batch.nextAttempt(ranges[0]?.[0] ?? 0), tasks: ranges, count };
      if (isStopped) return null;
    }
    return null;
  }
}

/** `stop`: neither it nor those behind it are to be taken now. */
export type Admit = (batch: BatchState, index: number) => 'take' | 'set aside' | 'stop';

interface At {
  readonly batch: BatchState;
  readonly index: number;
}

/** Its first task that has not been out, passing over those that have moved on. */
function freshOf(run: Run | undefined): At | null {
  if (run === undefined) return null;
  const { batch } = run;
  for (; run.next < run.to; run.next++) if (batch.place(run.next) === PLACE.fresh) return { batch, index: run.next };
  return null;
}

const sinceOf = (at: At | null): number | null => (at === null ? null : at.batch.firstDueAt(at.index));
