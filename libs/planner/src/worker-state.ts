import type { Assignment } from './assignments.js';
import type { ClassFields } from './classes.js';
import type { WorkerKind } from './routes.js';
import type { SpentTime, WorkerFact } from './model.js';
import { MAX_AHEAD, MAX_SLICE } from './settings.js';
import { AgingMap, Pace, RoundTrip } from './speed.js';

/** `places`: it runs less than its capacity. `ahead`: it may be given more than it runs. `full`: neither. */
export type Room = 'places' | 'ahead' | 'full';

/** Against 2.9999999 where 3 is meant. */
const ROUNDING = 1e-9;
/** Of so many types that are out at a worker what they take is added up anew each time, of more where they change. */
const FEW_TYPES = 8;

/** The tasks of one type that are out at a worker, and how fast it ends them. */
interface TypeAt {
  readonly type: string;
  out: number;
  /** The part of its window that `out` takes. */
  taken: number;
  readonly pace: Pace;
}

/** A worker as the planner sees it: what it offers, what is out at it, how fast it is. */
export class WorkerState {
  readonly id: string;
  capacity: number;
  weight: number;
  kind: WorkerKind;
  draining: boolean;
  /** Its session has ended; it is remembered until its assignments are settled. */
  gone = false;
  /** Kept for suspects. */
  reserved = false;
  reservedAt = 0;
  /** Tasks that are out at it. The ledger's business alone. */
  out = 0;
  /** Its assignments, the oldest first. */
  readonly assignments = new Set<Assignment>();
  /** When it ended a task last, or was given one while it had none. */
  lastProgressAt = 0;
  /** As the routes know it; null: they do not, it may be given nothing. */
  room: Room | null = null;
  isCountedUsable = false;
  /** The pool looks at it again before anything is handed out. */
  isStale = false;
  readonly #types = new AgingMap<TypeAt>();
  readonly #outTypes = new Set<TypeAt>();
  readonly #roundTrip = new RoundTrip();
  /** The part of its window that is taken, 0 to 1 and a little more. */
  #taken = 0;

  constructor({ id, capacity, weight, draining }: WorkerFact, kind: WorkerKind) {
    this.id = id;
    this.capacity = capacity;
    this.weight = weight;
    this.draining = draining;
    this.kind = kind;
  }

  offers(type: string): boolean {
    return this.kind.types.has(type);
  }

  /** It offers the type of the class, and understands all that the class needs. */
  mayRun(fields: ClassFields): boolean {
    return this.kind.mayRun(fields);
  }

  get hasRoom(): boolean {
    return this.room !== null && this.room !== 'full';
  }

  /** It may be given work. */
  get isUsable(): boolean {
    return !this.gone && !this.draining && this.capacity > 0;
  }

  /** It may be given work that is under no suspicion. */
  get eligible(): boolean {
    return this.isUsable && !this.reserved;
  }

  /** So many more tasks of the type are out at it. The ledger's business alone. */
  gave(type: string, tasks: number, aheadMs: number, now: number): void {
    const at = this.#at(type, now);
    if (at.out === 0) {
      at.pace.begin(now);
      this.#outTypes.add(at);
    }
    if (this.out === 0) this.lastProgressAt = now;
    at.out += tasks;
    this.out += tasks;
    this.#reckon(at, aheadMs);
  }

  /** So many are no longer. The ledger's business alone. */
  took(type: string, tasks: number, aheadMs: number): void {
    this.out -= tasks;
    const at = this.#types.get(type);
    if (at === undefined) return;
    at.out -= tasks;
    if (at.out === 0) this.#outTypes.delete(at);
    this.#reckon(at, aheadMs);
  }

  /** It has been given tasks of the type before. */
  tried(type: string): boolean {
    return this.#types.get(type) !== undefined;
  }

  /** It ended so many tasks of the type, well or badly. */
  progressed(
    type: string,
    { tasks, at, spent, aheadMs }: { tasks: number; at: number; spent: SpentTime | undefined; aheadMs: number },
  ): void {
    const of = this.#at(type, at);
    of.pace.end(tasks, at);
    if (spent !== undefined) of.pace.reported(tasks, spent.ranMs, at);
    this.#reckon(of, aheadMs);
    this.lastProgressAt = Math.max(this.lastProgressAt, at);
  }

  /** The round trip of an assignment took so long, without the time that the worker had it. */
  answeredAfter(tripMs: number): void {
    this.#roundTrip.took(tripMs);
  }

  /** 0: not known. */
  get roundTripMs(): number {
    return this.#roundTrip.ms;
  }

  /** Tasks of the type that it may have out at a time: what it runs, and what hides a round trip. */
  window(type: string, aheadMs: number): number {
    return this.#window(this.#msPerTask(type), aheadMs);
  }

  /**
   * Tasks of the type that it may be given now, if it is not full. Work of several types shares the window: each takes
   * its part of its own type's window. `minChunk`: tasks that no worker takes long for, as the others have shown.
   */
  roomFor(type: string, aheadMs: number, minChunk: number): number {
    if (!this.hasRoom) return 0;
    const idle = Math.max(0, this.capacity - this.out);
    const ms = this.#msPerTask(type);
    if (this.out === 0) return ms === null ? Math.max(idle, minChunk) : this.#window(ms, aheadMs);
    return Math.max(1, idle, Math.floor((1 - this.#taken) * this.#window(ms, aheadMs) + ROUNDING));
  }

  /** Tasks of the type that make one assignment: as much as it ends while another is on its way. */
  slice(type: string, aheadMs: number, minChunk: number): number {
    const ms = this.#msPerTask(type);
    if (ms === null) return Math.min(MAX_SLICE, Math.max(minChunk, this.capacity));
    return Math.max(1, Math.min(MAX_SLICE, Math.floor(this.#hideMs(aheadMs) / ms)));
  }

  /**
   * A worker that has no idle place is topped up only when half of what goes ahead is through: in slices, not task by
   * task. If several types are out, by the window that they have together.
   */
  roomNow(aheadMs: number): Room {
    if (this.#outTypes.size <= FEW_TYPES) for (const at of this.#outTypes) this.#reckon(at, aheadMs);
    if (this.out < this.capacity) return 'places';
    if (this.#taken <= 0) return 'full';
    const window = this.out / this.#taken;
    const room = Math.floor(window - this.out + ROUNDING);
    return room > 0 && room >= (window - this.capacity) / 2 ? 'ahead' : 'full';
  }

  /** Lets go what it knows of types that it has not been given since the last time. */
  forgetOld(): void {
    for (const { type } of this.#outTypes) this.#types.get(type);
    this.#types.turn();
  }

  /** Types that it remembers. */
  get remembered(): number {
    return this.#types.size;
  }

  #reckon(at: TypeAt, aheadMs: number): void {
    const taken = at.out === 0 ? 0 : at.out / this.#window(at.pace.msPerTask, aheadMs);
    this.#taken = this.out === 0 ? 0 : this.#taken + taken - at.taken;
    at.taken = taken;
  }

  /** Two slices: one that it works on, and one that is on its way. */
  #window(ms: number | null, aheadMs: number): number {
    if (ms === null) return this.capacity;
    return this.capacity + Math.min(MAX_AHEAD, Math.floor((2 * this.#hideMs(aheadMs)) / ms));
  }

  #hideMs(aheadMs: number): number {
    return aheadMs === 0 ? 0 : Math.max(aheadMs, this.#roundTrip.ms);
  }

  #msPerTask(type: string): number | null {
    return this.#types.get(type)?.pace.msPerTask ?? null;
  }

  #at(type: string, now: number): TypeAt {
    let at = this.#types.get(type);
    if (at === undefined) {
      at = { type, out: 0, taken: 0, pace: new Pace(now) };
      this.#types.set(type, at);
    }
    return at;
  }
}
