import { DEFAULT_QUEUE_SETTINGS, toRanges, type QueueSettings, type Range } from '@drover/core';
import Denque from 'denque';
import { Gate, Turns, type Band, type Contest, type Share } from './contest.js';
import { Ranking, type Ranked } from './ranking.js';
import { PLACE, type BatchState, type Run } from './tasks.js';
import type { Route } from './routes.js';

/**
 * What tasks must have in common to be interchangeable for the planner: it decides once for a work class what else it
 * would decide for each task. A field that decides who may run a task, or who goes first, joins here, and in `keyOf`:
 * nowhere else are classes told apart. What guards a task one by one (the key of a limit, a sequence) is no field: it is
 * a gate beside the class.
 */
export interface ClassFields {
  readonly type: string;
  /** Features that a worker must understand to run it: sorted, each once. */
  readonly needs: readonly string[];
}

/** Classes are interned by exact equality of this text, never by a hash of it. No type has a bracket. */
const keyOf = ({ type, needs }: ClassFields): string => (needs.length === 0 ? type : type + JSON.stringify(needs));

/** A work class of unfinished tasks, and how far its tasks have come; as a gate it is closed until the next plan. */
export class WorkClass extends Gate implements ClassFields, Ranked {
  readonly key: string;
  readonly type: string;
  readonly needs: readonly string[];
  /** Its sub-queues, one in each queue. */
  readonly subs = new Set<SubQueue>();
  /** The workers that may run it. */
  route: Route;
  /** Tasks that are due and not out, of queues that are not paused. */
  pending = 0;
  /** Work that its pending tasks are, divided by the workers that may run them, as it was added up last. */
  drainMs = 0;
  /** Something that `drainMs` follows from has changed. */
  isStale = false;
  isUnranked = false;
  rank: Ranked['rank'] = null;

  constructor(key: string, { type, needs }: ClassFields, route: Route) {
    super();
    this.key = key;
    this.type = type;
    this.needs = needs;
    this.route = route;
  }

  /** Some task of it is due and not out, in whatever queue. */
  get hasPending(): boolean {
    if (this.pending > 0) return true;
    for (const sub of this.subs) if (sub.pending > 0) return true;
    return false;
  }
}

/** The work classes of unfinished tasks. */
export class ClassTable {
  readonly #classes = new Map<string, WorkClass>();
  /** Those of its classes that need something, by type. */
  readonly #needing = new Map<string, Set<WorkClass>>();
  /** Those that `drainMs` must be added up for again. */
  readonly stale: WorkClass[] = [];
  /** Those that have pending tasks and no worker, by type. */
  readonly unserved = new Ranking<WorkClass, string>(
    (workClass) => (!workClass.route.isUsable && workClass.hasPending ? workClass.type : null),
    (a, b) => a < b,
  );

  get size(): number {
    return this.#classes.size;
  }

  /** `routeOf`: for one that is new. */
  intern(fields: ClassFields, routeOf: (fields: ClassFields) => Route): WorkClass {
    const key = keyOf(fields);
    let known = this.#classes.get(key);
    if (known === undefined) {
      known = new WorkClass(key, fields, routeOf(fields));
      known.route.classes.add(known);
      this.#classes.set(key, known);
      if (known.needs.length > 0) this.#addNeeding(known);
    }
    return known;
  }

  #addNeeding(workClass: WorkClass): void {
    const others = this.#needing.get(workClass.type);
    if (others === undefined) this.#needing.set(workClass.type, new Set([workClass]));
    else others.add(workClass);
  }

  /** Some class has the type. */
  hasType(type: string): boolean {
    return this.#classes.has(type) || this.#needing.has(type);
  }

  /** Its last sub-queue is gone. */
  forget(workClass: WorkClass): void {
    const { key, type } = workClass;
    this.#classes.delete(key);
    const needing = this.#needing.get(type);
    if (needing?.delete(workClass) === true && needing.size === 0) this.#needing.delete(type);
    workClass.route.classes.delete(workClass);
    this.touch(workClass);
    this.unserved.forget(workClass);
  }

  /** How long its backlog lasts has changed. */
  touch(workClass: WorkClass): void {
    this.unserved.touch(workClass);
    if (workClass.isStale) return;
    workClass.isStale = true;
    this.stale.push(workClass);
  }

  /** The pace of the type has changed. */
  touchType(type: string): void {
    const plain = this.#classes.get(type);
    if (plain !== undefined) this.touch(plain);
    if (this.#needing.size === 0) return;
    for (const workClass of this.#needing.get(type) ?? []) this.touch(workClass);
  }
}

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
 * The pending tasks of one class in one queue, so that a class that nobody may run blocks no other. First in, first out;
 * tasks that were out before go first. What it names are hints, the tasks' places are the truth: an entry may name tasks
 * that have ended, moved on, or are named by another entry; they are passed over.
 */
export class SubQueue implements Share {
  readonly queue: QueueState;
  readonly workClass: WorkClass;
  /** Tasks that are due and not out. */
  pending = 0;
  /** Runs of unfinished batches: with the last one the sub-queue is forgotten. */
  runs = 0;
  served = 0;
  turn = 0;
  heapAt = -1;
  /** Where it waits for its turn: in its queue, at a gate that was closed when its turn came; null: nothing is pending. */
  at: 'queue' | Gate | null = null;
  /** As the gate knows it: priority and virtual times when it was set aside. */
  asideAs = { priority: 0, queueServed: 0, queueTurn: 0, served: 0, turn: 0 };
  #fresh = new Denque<Run>();
  #again: Denque<Again> | null = null;
  /** Runs that stand in the place of another one, whose task another one of its unique key superseded. */
  #heirs: Map<Run, Run> | null = null;

  constructor(queue: QueueState, workClass: WorkClass) {
    this.queue = queue;
    this.workClass = workClass;
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

  /** The next tasks that can go out together, at most `max`, or null. The ledger moves them out before the next call. */
  take(max: number): Slice | null {
    return this.#takeAgain(max) ?? this.#takeFresh(max);
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

  #takeAgain(max: number): Slice | null {
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
        attempt = next;
        indexes.push(index);
      }
      entries.shift();
      if (index < to) entries.unshift({ batch, from: index, to });
      if (indexes.length > 0) return { batch, attempt, tasks: toRanges(indexes), count: indexes.length };
    }
    return null;
  }

  #seatHeirOf(run: Run): void {
    const heir = this.#heirs?.get(run);
    if (heir === undefined) return;
    this.#heirs?.delete(run);
    this.#fresh.unshift(heir);
  }

  #takeFresh(max: number): Slice | null {
    for (let run = this.#fresh.peekFront(); run !== undefined; run = this.#fresh.peekFront()) {
      const { batch } = run;
      const ranges: [number, number][] = [];
      let count = 0;
      while (run.next < run.to && count < max) {
        const index = run.next++;
        if (batch.place(index) !== PLACE.fresh) continue;
        const last = ranges.at(-1);
        if (last?.[1] === index) last[1] = index + 1;
        else ranges.push([index, index + 1]);
        count++;
      }
      if (run.next >= run.to) {
        this.#fresh.shift();
        this.#seatHeirOf(run);
      }
      if (count > 0) return { batch, attempt: batch.nextAttempt(ranges[0]?.[0] ?? 0), tasks: ranges, count };
    }
    return null;
  }
}

/** A queue: its settings, its sub-queues by class, and how much of it waits and runs. */
export class QueueState implements Share, Ranked {
  readonly name: string;
  readonly subs = new Map<WorkClass, SubQueue>();
  /** Whose turn it is among its sub-queues. */
  readonly turns = new Turns<SubQueue>();
  band: Band;
  /** It takes turns: something of it may be handed out, as far as it is concerned. */
  isInContest = false;
  /** Gates at which one of its sub-queues stands for those that wait there. */
  readonly candidacies = new Set<Gate>();
  served = 0;
  turn = 0;
  heapAt = -1;
  isUnranked = false;
  rank: Ranked['rank'] = null;
  settings: QueueSettings = DEFAULT_QUEUE_SETTINGS;
  /** It has settings of its own. */
  declared = false;
  /** Unfinished ones. */
  batches = 0;
  pending = 0;
  /** Suspects that are due and not out: pending too, and in no sub-queue. */
  suspects = 0;
  /** Tasks that are assigned. */
  out = 0;

  constructor(name: string, contest: Contest) {
    this.name = name;
    this.band = contest.band(this.settings.priority);
  }

  /** Its sub-queue for the class, made now if there is none. */
  sub(workClass: WorkClass): SubQueue {
    let sub = this.subs.get(workClass);
    if (sub === undefined) {
      sub = new SubQueue(this, workClass);
      this.subs.set(workClass, sub);
      workClass.subs.add(sub);
    }
    return sub;
  }

  /** Tasks that are due or out. */
  get load(): number {
    return this.pending + this.suspects + this.out;
  }

  /** Tasks that may go out now besides those that are out. */
  get allowance(): number {
    const { paused, maxRunning } = this.settings;
    if (paused) return 0;
    return maxRunning === null ? Infinity : Math.max(0, maxRunning - this.out);
  }
}
