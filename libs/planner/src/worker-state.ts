import type { Assignment } from './assignments.js';
import type { ClassFields } from './classes.js';
import type { PinnedRoute, Route, WorkerKind } from './routes.js';
import type { SpentTime, WorkerFact } from './model.js';
import type { PlacedWorker } from './placement/placed-worker.js';
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

/** A worker says that it is this and has this, besides its places. */
export interface Declared {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, number>>;
  readonly devices: Readonly<Record<string, readonly string[]>>;
  readonly overcommit: Readonly<Record<string, number>>;
  readonly pool: string;
  /** Null: as its pool says. */
  readonly warmupMs: number | null;
}

const NOTHING = Object.freeze({});

export const declaredBy = ({
  host = '',
  labels = NOTHING,
  resources = NOTHING,
  devices = NOTHING,
  overcommit = NOTHING,
  pool = 'default',
  warmupMs,
}: WorkerFact): Declared => ({
  ...{ host, labels, resources, devices, overcommit, pool },
  warmupMs: warmupMs ?? null,
});

/** A worker as the planner sees it: what it offers, what is out at it, how fast it is. */
export class WorkerState {
  readonly id: string;
  /** Of all its incarnations. */
  readonly name: string;
  capacity: number;
  weight: number;
  kind: WorkerKind;
  draining: boolean;
  /** It drains, and goes on with tasks that are pinned to its name. */
  takesPinned: boolean;
  /** Of classes that are pinned to its name and that it may run; null: there are none. The pool's business alone. */
  pinnedRoutes: Set<PinnedRoute> | null = null;
  /** Its session has ended; it is remembered until its assignments are settled. */
  gone = false;
  /** Types of which it runs fewer at a time than its capacity; null: none. */
  concurrency: Readonly<Record<string, number>> | null;
  declared: Declared;
  /** When this leader met it first; -Infinity: it was there already. */
  joinedAt = -Infinity;
  /** Its machine is overloaded. */
  pressed: boolean;
  /** As the books of resources know it; null: there are none. Their business alone. */
  placed: PlacedWorker | null = null;
  /** Of `out`, the tasks of assignments that claim resources. The ledger's business alone. */
  placedOut = 0;
  /** Of `placedOut`, those that wait for others of their assignments. */
  placedAhead = 0;
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

  constructor(fact: WorkerFact, kind: WorkerKind) {
    const { id, name, capacity, weight, draining, takesPinned, concurrency } = fact;
    this.id = id;
    this.name = name ?? id;
    this.capacity = capacity;
    this.weight = weight;
    this.draining = draining;
    this.takesPinned = takesPinned === true;
    this.concurrency = concurrency ?? null;
    this.kind = kind;
    this.declared = declaredBy(fact);
    this.pressed = fact.pressed === true;
  }

  offers(type: string): boolean {
    return this.kind.types.has(type);
  }

  /** It offers the type of the class, understands all that the class needs, and has its name if it is pinned to one. */
  mayRun(fields: ClassFields): boolean {
    return this.kind.mayRun(fields) && (fields.pin === null || fields.pin.worker === this.name);
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
    const out = this.#countOf(type);
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
    const idle = Math.max(0, this.places - this.#busy);
    return limit === null ? idle : Math.max(0, Math.min(idle, limit - this.#countOf(type)));
  }

  /** Places that tasks without claims may have. */
  get places(): number {
    return this.placed === null ? this.capacity : Math.max(0, this.capacity - Math.ceil(this.placed.slots / 1000));
  }

  /** Slots that nobody has; parts of one too. */
  get freeSlots(): number {
    return this.capacity - this.#busy - (this.placed?.slots ?? 0) / 1000;
  }

  /** Tasks of the type that are out at it and claim nothing. */
  outOf(type: string): number {
    return this.#types.get(type)?.out ?? 0;
  }

  /** ... and those that claim resources and may run. */
  #countOf(type: string): number {
    return this.outOf(type) + (this.placed?.placesOf(type) ?? 0);
  }

  /** Tasks that are out at it and do not run yet, as far as one can tell. */
  get ahead(): number {
    return this.out - this.placedOut - Math.min(this.places, this.#busy) + this.placedAhead;
  }

  /** So many times the longest of its tasks pass until all that are out at it have run, in waves; for one of the type. */
  waves(type: string): number {
    const limit = this.#limitOf(type);
    const all = Math.ceil(this.out / Math.max(1, this.capacity));
    return Math.max(1, all + (limit === null ? 0 : Math.ceil(this.#countOf(type) / limit)));
  }

  /** Tasks that take up a place, or would if there were one. */
  get #busy(): number {
    return this.out - this.placedOut - this.#excess;
  }

  get #plainOut(): number {
    return this.out - this.placedOut;
  }

  /** Somebody waits for no more than a slot of it: nothing goes ahead that would have the next one that is free. */
  get isWanted(): boolean {
    return this.placed !== null && this.placed.of.wanting > 0;
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
    return this.isUsable && !this.reserved && !this.pressed && this.placed?.isKept !== true;
  }

  /** It may be given work of the class, which it may run; suspects too. */
  serves({ pin }: ClassFields): boolean {
    if (pin === null || !this.draining) return this.isUsable;
    return !this.gone && this.capacity > 0 && this.takesPinned && !pin.skipsDraining;
  }

  /** ... and that is under no suspicion. */
  mayTake(fields: ClassFields): boolean {
    return fields.pin === null ? this.eligible : this.serves(fields) && !this.reserved;
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

  /** Tasks of an assignment that claims resources are out at it; `ahead` of them wait for the others. The ledger's business alone. */
  placedTasks(tasks: number, ahead: number, now: number): void {
    if (this.out === 0) this.lastProgressAt = now;
    this.out += tasks;
    this.placedOut += tasks;
    this.placedAhead += ahead;
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
    return this.#window(this.#msPerTask(type), aheadMs, this.#limitOf(type) ?? this.places);
  }

  /**
   * Tasks of the type that it may be given now, if it is not full. Work of several types shares the window: each takes
   * its part of its own type's window. `minChunk`: tasks that no worker takes long for, as the others have shown.
   */
  roomFor(type: string, aheadMs: number, minChunk: number): number {
    return this.hasRoom ? this.#roomForSome(type, aheadMs, minChunk) : 0;
  }

  /** ... if they are pinned to its name, and by that on this route. */
  roomForPinned(route: PinnedRoute, aheadMs: number, minChunk: number): number {
    const room = this.roomAt(route);
    return room === null || room === 'full' ? 0 : this.#roomForSome(route.fields.type, aheadMs, minChunk);
  }

  #roomForSome(type: string, aheadMs: number, minChunk: number): number {
    const room = this.#roomForAny(type, aheadMs, minChunk);
    return this.concurrency === null ? room : Math.min(room, this.#leftOf(type, aheadMs, minChunk));
  }

  #roomForAny(type: string, aheadMs: number, minChunk: number): number {
    const { places } = this;
    const idle = Math.max(0, places - this.#busy);
    if (this.isWanted) return idle;
    const ms = this.#msPerTask(type);
    if (this.#plainOut === 0) return ms === null ? Math.max(idle, minChunk) : this.#window(ms, aheadMs, places);
    return Math.max(1, idle, Math.floor((1 - this.#taken) * this.#window(ms, aheadMs, places) + ROUNDING));
  }

  /** As far as its limit of the type is concerned. */
  #leftOf(type: string, aheadMs: number, minChunk: number): number {
    if (this.#limitOf(type) === null) return Infinity;
    const out = this.#countOf(type);
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
    const { places } = this;
    if (this.#busy < places) return 'places';
    if (this.#taken <= 0 || this.isWanted) return 'full';
    const out = this.#plainOut;
    const window = out / this.#taken;
    const room = Math.floor(window - out + ROUNDING);
    return room > 0 && room >= (window - places) / 2 ? 'ahead' : 'full';
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
    const all = Math.max(1, this.places);
    const places = limit ?? all;
    const part = limit === null ? 1 : places / all;
    const taken = at.out === 0 ? 0 : (at.out / this.#window(at.pace.msPerTask, aheadMs, places)) * part;
    this.#taken = this.#plainOut === 0 ? 0 : this.#taken + taken - at.taken;
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
