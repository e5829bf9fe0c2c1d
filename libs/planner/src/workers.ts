import type { Assignment } from './assignments.js';
import type { SpentTime, WorkerFact } from './model.js';
import { Pace } from './pace.js';
import { MAX_AHEAD, MAX_SLICE } from './settings.js';
import { Way } from './way.js';

/** A worker as the planner sees it: what it offers, what is out at it, how fast it is. */
export class WorkerState {
  readonly id: string;
  capacity: number;
  weight: number;
  types: ReadonlySet<string>;
  draining: boolean;
  /** Its session has ended; it is remembered until its assignments are settled. */
  gone = false;
  /** Kept for suspects. */
  reserved = false;
  reservedAt = 0;
  /** Tasks that are out at it. */
  out = 0;
  /** Its assignments, the oldest first. */
  readonly assignments = new Set<Assignment>();
  /** When it ended a task last, or was given one while it had none. */
  lastProgressAt = 0;
  readonly #outByType = new Map<string, number>();
  readonly #paces = new Map<string, Pace>();
  readonly #way = new Way();

  constructor(fact: WorkerFact) {
    this.id = fact.id;
    this.capacity = fact.capacity;
    this.weight = fact.weight;
    this.types = new Set(fact.types);
    this.draining = fact.draining;
  }

  /** It may be given work. */
  get isUsable(): boolean {
    return !this.gone && !this.draining && this.capacity > 0;
  }

  /** It may be given work that is under no suspicion. */
  get eligible(): boolean {
    return this.isUsable && !this.reserved;
  }

  gave(type: string, tasks: number, now: number): void {
    const before = this.#outByType.get(type) ?? 0;
    if (before === 0) this.#pace(type, now).begin(now);
    if (this.out === 0) this.lastProgressAt = now;
    this.#outByType.set(type, before + tasks);
    this.out += tasks;
  }

  /** It has been given tasks of the type before. */
  tried(type: string): boolean {
    return this.#paces.has(type);
  }

  /** So many tasks of the type are no longer out at it. */
  took(type: string, tasks: number): void {
    const left = (this.#outByType.get(type) ?? 0) - tasks;
    if (left > 0) this.#outByType.set(type, left);
    else this.#outByType.delete(type);
    this.out -= tasks;
  }

  /** It ended so many tasks of the type, well or badly. */
  progressed(type: string, tasks: number, at: number, spent: SpentTime | undefined): void {
    const pace = this.#pace(type, at);
    pace.end(tasks, at);
    if (spent !== undefined) pace.told(tasks, spent.ranMs, at);
    this.lastProgressAt = Math.max(this.lastProgressAt, at);
  }

  /** The way of an assignment there and back took so long, without the time that the worker had it. */
  answeredAfter(wayMs: number): void {
    this.#way.told(wayMs);
  }

  /** How long the way there and back is; 0: not known. */
  get wayMs(): number {
    return this.#way.ms;
  }

  /** Tasks of the type that it may have out at a time: what it runs, and what hides a round trip. */
  window(type: string, aheadMs: number): number {
    return this.capacity + this.#ahead(type, aheadMs);
  }

  /**
   * Tasks of the type that it may be given now. Work of several types shares the window: each takes its part of its own
   * type's window. A worker that is busy is topped up only by half of what goes ahead, which is a slice. `grain`: tasks
   * that no worker takes long for, as the others have shown.
   */
  room(type: string, aheadMs: number, grain: number): number {
    const idle = Math.max(0, this.capacity - this.out);
    if (this.out === 0) return this.#paceOf(type) === null ? Math.max(idle, grain) : this.window(type, aheadMs);
    const window = this.window(type, aheadMs);
    let taken = 0;
    for (const [other, out] of this.#outByType) taken += out / this.window(other, aheadMs);
    const room = Math.max(idle, Math.floor((1 - taken) * window + 1e-9));
    return idle > 0 || room >= (window - this.capacity) / 2 ? Math.max(0, room) : 0;
  }

  /** Tasks of the type that make one assignment: as much as it ends while another is on its way. */
  slice(type: string, aheadMs: number, grain: number): number {
    const ms = this.#paceOf(type);
    if (ms === null) return Math.min(MAX_SLICE, Math.max(grain, this.capacity));
    return Math.max(1, Math.min(MAX_SLICE, Math.floor(this.#hideMs(aheadMs) / ms)));
  }

  /** Two slices: one that it works on, and one that is on its way. */
  #ahead(type: string, aheadMs: number): number {
    const ms = this.#paceOf(type);
    return ms === null ? 0 : Math.min(MAX_AHEAD, Math.floor((2 * this.#hideMs(aheadMs)) / ms));
  }

  #hideMs(aheadMs: number): number {
    return aheadMs === 0 ? 0 : Math.max(aheadMs, this.#way.ms);
  }

  #paceOf(type: string): number | null {
    return this.#paces.get(type)?.msPerTask ?? null;
  }

  #pace(type: string, now: number): Pace {
    let pace = this.#paces.get(type);
    if (pace === undefined) {
      pace = new Pace(now);
      this.#paces.set(type, pace);
    }
    return pace;
  }
}

/** Who offers which type, kept while nobody joins, leaves or changes. */
export class WorkerPool {
  readonly #workers = new Map<string, WorkerState>();
  #byType: Map<string, WorkerState[]> | null = null;

  get(id: string): WorkerState | undefined {
    return this.#workers.get(id);
  }

  all(): Iterable<WorkerState> {
    return this.#workers.values();
  }

  set(fact: WorkerFact): void {
    const known = this.#workers.get(fact.id);
    if (known === undefined) this.#workers.set(fact.id, new WorkerState(fact));
    else {
      known.capacity = fact.capacity;
      known.weight = fact.weight;
      known.types = new Set(fact.types);
      known.draining = fact.draining;
    }
    this.#byType = null;
  }

  /** A worker that was never told of, or is gone already; it holds assignments that must be settled. */
  lost(id: string): WorkerState {
    const known = this.#workers.get(id);
    const worker = known ?? new WorkerState({ id, capacity: 0, weight: 1, types: [], draining: true });
    worker.gone = true;
    this.#workers.set(id, worker);
    this.#byType = null;
    return worker;
  }

  /** Gone, and everything that was out at it is settled. */
  drop(worker: WorkerState): void {
    this.#workers.delete(worker.id);
    this.#byType = null;
  }

  /** From now on it is kept for suspects, or not any more. */
  reserve(worker: WorkerState, reserved: boolean, now = 0): void {
    worker.reserved = reserved;
    worker.reservedAt = now;
    this.#byType = null;
  }

  /** Whether anybody offers the type, also if for suspects only now. */
  serves(type: string): boolean {
    if (this.offering(type).length > 0) return true;
    for (const worker of this.#workers.values()) if (worker.isUsable && worker.types.has(type)) return true;
    return false;
  }

  /** How many may be given work. */
  usable(): number {
    let count = 0;
    for (const worker of this.#workers.values()) count += Number(worker.isUsable);
    return count;
  }

  /** Those that may be given tasks of the type, in the order in which they joined. */
  offering(type: string): readonly WorkerState[] {
    return this.#index().get(type) ?? [];
  }

  #index(): Map<string, WorkerState[]> {
    if (this.#byType !== null) return this.#byType;
    const index = new Map<string, WorkerState[]>();
    for (const worker of this.#workers.values()) {
      if (!worker.eligible) continue;
      for (const type of worker.types) {
        const offering = index.get(type);
        if (offering === undefined) index.set(type, [worker]);
        else offering.push(worker);
      }
    }
    this.#byType = index;
    return index;
  }
}
