import type { Assignment } from './assignments.js';
import type { ClassFields } from './classes.js';
import type { Route, WorkerKind } from './routes.js';
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
  /** Those of `out` that wait there because the worker runs no more of the type at a time. */
  excess: number;
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
  /** Types of which it runs fewer at a time than its capacity; null: none. */
  concurrency: Readonly<Record<string, number>> | null;
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
  /** Tasks that are out at it and do not run there although places are free, for it runs no more of their types. */
  #excess = 0;
  /** As the routes of one type know it: it may be full there alone. Null: there is none. */
  #rooms: Map<Route, Room> | null = null;

  constructor({ id, capacity, weight, draining, concurrency }: WorkerFact, kind: WorkerKind) {
    this.id = id;
    this.capacity = capacity;
    this.weight = weight;
    this.draining = draining;
    this.concurrency = concurrency ?? null;
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

  /** As the route knows it. */
  roomAt(route: Route): Room | null {
    return route.type === null ? this.room : (this.#rooms?.get(route) ?? null);
  }

  /** Of a route of one type. The pool's business alone. */
  setRoomAt(route: Route, room: Room | null): void {
    if (room !== null) (this.#rooms ??= new Map<Route, Room>()).set(route, room);
    else this.#rooms?.delete(route);
  }

  /** Its room for the type. `room`: for types of which it runs as many as it has places. */
  roomOf(type: string, room: Room | null, aheadMs: number): Room | null {
    const limit = this.#limitOf(type);
    if (room === null || room === 'full' || limit === null) return room;
    const out = this.#types.get(type)?.out ?? 0;
    if (out < limit) return room;
    const window = this.window(type, aheadMs);
    return window > out && window - out >= (window - limit) / 2 ? 'ahead' : 'full';
  }

  /** It has room, and none for the type: it runs no more of it at a time. */
  hasEnoughOf(type: string, aheadMs: number): boolean {
    return this.roomOf(type, 'places', aheadMs) === 'full';
  }

  /** Idle places that tasks of the type may take. */
  placesFor(type: string): number {
    const limit = this.#limitOf(type);
    const idle = Math.max(0, this.capacity - this.#busy);
    return limit === null ? idle : Math.max(0, Math.min(idle, limit - (this.#types.get(type)?.out ?? 0)));
  }

  /** Tasks that are out at it and do not run yet, as far as one can tell. */
  get ahead(): number {
    return this.out - Math.min(this.capacity, this.#busy);
  }

  /** So many times the longest of its tasks pass until all that are out at it have run, in waves; for one of the type. */
  waves(type: string): number {
    const limit = this.#limitOf(type);
    const all = Math.ceil(this.out / Math.max(1, this.capacity));
    return Math.max(1, all + (limit === null ? 0 : Math.ceil((this.#types.get(type)?.out ?? 0) / limit)));
  }

  /** Tasks that take up a place, or would if there were one. */
  get #busy(): number {
    return this.out - this.#excess;
  }

  #limitOf(type: string): number | null {
    const limit = this.concurrency?.[type];
    return limit === undefined || limit >= this.capacity ? null : limit;
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
    return this.#window(this.#msPerTask(type), aheadMs, this.#limitOf(type) ?? this.capacity);
  }

  /**
   * Tasks of the type that it may be given now, if it is not full. Work of several types shares the window: each takes
   * its part of its own type's window. `minChunk`: tasks that no worker takes long for, as the others have shown.
   */
  roomFor(type: string, aheadMs: number, minChunk: number): number {
    if (!this.hasRoom) return 0;
    const room = this.#roomForAny(type, aheadMs, minChunk);
    return this.concurrency === null ? room : Math.min(room, this.#leftOf(type, aheadMs, minChunk));
  }

  #roomForAny(type: string, aheadMs: number, minChunk: number): number {
    const idle = Math.max(0, this.capacity - this.#busy);
    const ms = this.#msPerTask(type);
    if (this.out === 0) return ms === null ? Math.max(idle, minChunk) : this.#window(ms, aheadMs, this.capacity);
    return Math.max(1, idle, Math.floor((1 - this.#taken) * this.#window(ms, aheadMs, this.capacity) + ROUNDING));
  }

  /** As far as its limit of the type is concerned. */
  #leftOf(type: string, aheadMs: number, minChunk: number): number {
    if (this.#limitOf(type) === null) return Infinity;
    const out = this.#types.get(type)?.out ?? 0;
    const left = Math.max(0, this.window(type, aheadMs) - out);
    return out === 0 && this.#msPerTask(type) === null ? Math.max(left, minChunk) : left;
  }

  /** Tasks of the type that make one assignment: as much as it ends while another is on its way. */
  slice(type: string, aheadMs: number, minChunk: number): number {
    const ms = this.#msPerTask(type);
    if (ms === null) return Math.min(MAX_SLICE, Math.max(minChunk, this.#limitOf(type) ?? this.capacity));
    return Math.max(1, Math.min(MAX_SLICE, Math.floor(this.#hideMs(aheadMs) / ms)));
  }

  /**
   * A worker that has no idle place is topped up only when half of what goes ahead is through: in slices, not task by
   * task. If several types are out, by the window that they have together.
   */
  roomNow(aheadMs: number): Room {
    if (this.#outTypes.size <= FEW_TYPES) for (const at of this.#outTypes) this.#reckon(at, aheadMs);
    if (this.#busy < this.capacity) return 'places';
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
    const limit = this.concurrency === null ? null : this.#limitOf(at.type);
    const places = limit ?? this.capacity;
    const part = limit === null ? 1 : places / this.capacity;
    const taken = at.out === 0 ? 0 : (at.out / this.#window(at.pace.msPerTask, aheadMs, places)) * part;
    this.#taken = this.out === 0 ? 0 : this.#taken + taken - at.taken;
    at.taken = taken;
    if (limit === null && at.excess === 0) return;
    const excess = limit === null ? 0 : Math.max(0, at.out - limit);
    this.#excess += excess - at.excess;
    at.excess = excess;
  }

  /** Two slices: one that it works on, and one that is on its way. `places`: that its tasks may take. */
  #window(ms: number | null, aheadMs: number, places: number): number {
    if (ms === null) return places;
    return places + Math.min(MAX_AHEAD, Math.floor((2 * this.#hideMs(aheadMs)) / ms));
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
      at = { type, out: 0, excess: 0, taken: 0, pace: new Pace(now) };
      this.#types.set(type, at);
    }
    return at;
  }
}
