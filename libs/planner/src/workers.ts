import type { Assignment } from './assignments.js';
import type { ClassFields, WorkClass } from './classes.js';
import { Bag } from './collections.js';
import { Gate } from './contest.js';
import type { SpentTime, WorkerFact } from './model.js';
import { MAX_AHEAD, MAX_SLICE } from './settings.js';
import { AgingMap, Pace, RoundTrip } from './speed.js';

/** `places`: it runs less than its capacity. `ahead`: it may be given more than it runs. `full`: neither. */
type Room = 'places' | 'ahead' | 'full';

/** Against 2.9999999 where 3 is meant. */
const ROUNDING = 1e-9;
/** Of so many types that are out at a worker what they take is added up anew each time, of more where they change. */
const FEW_TYPES = 8;

/** What is out at a worker of one type, and how fast it ends it. */
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
   * task. Where several types are out, by the window that they have together.
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

/** Workers that offer the same types and understand the same features: what may go to one may go to all. */
export class WorkerKind {
  readonly key: string;
  readonly types: ReadonlySet<string>;
  readonly understands: ReadonlySet<string>;
  readonly members = new Set<WorkerState>();
  readonly routes = new Set<Route>();

  constructor({ types, understands = [] }: Offer) {
    this.key = keyOf({ types, understands });
    this.types = new Set(types);
    this.understands = new Set(understands);
  }

  mayRun({ type, needs }: ClassFields): boolean {
    return this.types.has(type) && needs.every((feature) => this.understands.has(feature));
  }
}

type Offer = Pick<WorkerFact, 'types' | 'understands'>;

const keyOf = ({ types, understands = [] }: Offer): string => JSON.stringify([sorted(types), sorted(understands)]);

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/**
 * The workers that may run some classes: those of one or several kinds. As a gate it is open while one of them has room.
 * Workers that are full are in no list, so nobody looks at them until they have room again.
 */
export class Route extends Gate {
  override isOpen = false;
  readonly kinds = new Set<WorkerKind>();
  readonly classes = new Set<WorkClass>();
  readonly places = new Bag<WorkerState>();
  readonly ahead = new Bag<WorkerState>();
  /** Workers that may be given work that is under no suspicion. */
  eligible = 0;
  /** Where the last look at some of them ended. */
  cursor = 0;

  /** How many have room. */
  get roomy(): number {
    return this.places.size + this.ahead.size;
  }

  /** Everybody who has room, those with idle places first. */
  get all(): WorkerState[] {
    return [...this.places.items, ...this.ahead.items];
  }

  /** Some that have room, those with idle places first; others each time. */
  some(count: number): WorkerState[] {
    const wanted = Math.min(count, this.roomy);
    const some: WorkerState[] = [];
    const from = this.cursor;
    this.cursor = (from + wanted) % 2 ** 30;
    for (const { items } of [this.places, this.ahead]) {
      const taken = Math.min(wanted - some.length, items.length);
      for (let n = 0; n < taken; n++) some.push(items[(from + n) % items.length] as WorkerState);
    }
    return some;
  }

  /** Everybody who may be given work, those that are full too. */
  *everybody(): Generator<WorkerState> {
    for (const { members } of this.kinds) for (const worker of members) if (worker.eligible) yield worker;
  }

  get isUsable(): boolean {
    for (const { members } of this.kinds) for (const worker of members) if (worker.isUsable) return true;
    return false;
  }
}

export interface PoolEvents {
  /** Some worker of the route has room, or none. */
  opened: (route: Route, isOpen: boolean) => void;
  /** Other workers may run the class. */
  rerouted: (workClass: WorkClass, route: Route) => void;
  /** The route has more workers, or fewer, that may be given work. */
  resized: (route: Route) => void;
}

/** The workers, by what they offer and by whether they have room. */
export class WorkerPool {
  readonly #events: PoolEvents;
  readonly #workers = new Map<string, WorkerState>();
  readonly #kinds = new Map<string, WorkerKind>();
  readonly #kindsOf = new Map<string, Set<WorkerKind>>();
  /** Of classes that nobody may run. */
  readonly #nobody = new Route();
  readonly #routes = new Set<Route>([this.#nobody]);
  /** Workers whose room may have changed. */
  #stale: WorkerState[] = [];
  /** Workers that have nothing and may be given something, and those that have more than they run. */
  readonly starved = new Set<WorkerState>();
  readonly loaded = new Set<WorkerState>();
  #usable = 0;

  constructor(events: PoolEvents) {
    this.#events = events;
  }

  get(id: string): WorkerState | undefined {
    return this.#workers.get(id);
  }

  /** Joined, or changed. */
  set(fact: WorkerFact): void {
    const known = this.#workers.get(fact.id);
    if (known === undefined) this.#enter(new WorkerState(fact, this.#kindOf(fact)));
    else {
      known.capacity = fact.capacity;
      known.weight = fact.weight;
      known.draining = fact.draining;
      if (known.kind.key !== keyOf(fact)) this.#changeKind(known, fact);
      this.touch(known);
    }
  }

  /** A worker that nobody knew, or that is gone already; it holds assignments that must be settled. */
  lost(id: string): WorkerState {
    let worker = this.#workers.get(id);
    if (worker === undefined) {
      worker = new WorkerState({ id, capacity: 0, weight: 1, types: [], draining: true }, this.#kindOf({ types: [] }));
      this.#enter(worker);
    }
    worker.gone = true;
    this.#standDown(worker);
    return worker;
  }

  /** Gone, and everything that was out at it is settled. */
  drop(worker: WorkerState): void {
    worker.gone = true;
    this.#standDown(worker);
    this.loaded.delete(worker);
    this.#workers.delete(worker.id);
    this.#leaveKind(worker);
  }

  /** From now on it is kept for suspects, or not any more. */
  reserve(worker: WorkerState, reserved: boolean, now = 0): void {
    worker.reserved = reserved;
    worker.reservedAt = now;
    if (reserved) this.#standDown(worker);
    this.touch(worker);
  }

  /** What it may be given may have changed. */
  touch(worker: WorkerState): void {
    if (worker.isStale) return;
    worker.isStale = true;
    this.#stale.push(worker);
  }

  /** Looks again at those that were touched. */
  refresh(aheadMs: number): void {
    if (this.#stale.length === 0) return;
    const stale = this.#stale;
    this.#stale = [];
    for (const worker of stale) {
      worker.isStale = false;
      this.#look(worker, aheadMs);
    }
  }

  /** Whether anybody may run the class, also if kept for suspects now. */
  serves({ route }: WorkClass): boolean {
    return route.eligible > 0 || route.isUsable;
  }

  /** How many may be given work. */
  get usable(): number {
    return this.#usable;
  }

  /** Those that may be given tasks of such a class. */
  routeOf(fields: ClassFields): Route {
    const offering = this.#kindsOf.get(fields.type);
    if (offering === undefined) return this.#nobody;
    if (fields.needs.length === 0) return this.#routeOver(offering);
    const kinds = new Set([...offering].filter((kind) => kind.mayRun(fields)));
    return kinds.size === 0 ? this.#nobody : this.#routeOver(kinds);
  }

  all(): Iterable<WorkerState> {
    return this.#workers.values();
  }

  #enter(worker: WorkerState): void {
    this.#workers.set(worker.id, worker);
    worker.kind.members.add(worker);
    this.touch(worker);
  }

  /** It is given nothing more from this moment on. */
  #standDown(worker: WorkerState): void {
    this.#look(worker, 0);
  }

  #look(worker: WorkerState, aheadMs: number): void {
    const { isUsable, eligible } = worker;
    const isOther = isUsable !== worker.isCountedUsable;
    if (isOther) {
      worker.isCountedUsable = isUsable;
      this.#usable += isUsable ? 1 : -1;
    }
    toggle(this.starved, worker, eligible && worker.out === 0);
    toggle(this.loaded, worker, !worker.gone && worker.out > worker.capacity);
    const room = eligible ? worker.roomNow(aheadMs) : null;
    if (isOther && (room === null) === (worker.room === null))
      for (const route of worker.kind.routes) this.#events.resized(route);
    if (room === worker.room) return;
    for (const route of worker.kind.routes) this.#move(route, worker, room);
    worker.room = room;
  }

  #move(route: Route, worker: WorkerState, room: Room | null): void {
    const was = worker.room;
    if (was === 'places') route.places.delete(worker);
    else if (was === 'ahead') route.ahead.delete(worker);
    if (room === 'places') route.places.add(worker);
    else if (room === 'ahead') route.ahead.add(worker);
    if ((was === null) !== (room === null)) {
      route.eligible += room === null ? -1 : 1;
      this.#events.resized(route);
    }
    if (route.isOpen !== route.roomy > 0) this.#events.opened(route, route.roomy > 0);
  }

  #kindOf(offer: Offer): WorkerKind {
    let kind = this.#kinds.get(keyOf(offer));
    if (kind === undefined) {
      kind = new WorkerKind(offer);
      this.#kinds.set(kind.key, kind);
      for (const type of kind.types) {
        const kinds = this.#kindsOf.get(type);
        if (kinds === undefined) this.#kindsOf.set(type, new Set([kind]));
        else kinds.add(kind);
      }
      this.#rerouteClassesOf(kind);
    }
    return kind;
  }

  #changeKind(worker: WorkerState, offer: Offer): void {
    const { room } = worker;
    for (const route of worker.kind.routes) this.#move(route, worker, null);
    worker.room = null;
    for (const route of worker.kind.routes) this.#events.resized(route);
    this.#leaveKind(worker);
    worker.kind = this.#kindOf(offer);
    worker.kind.members.add(worker);
    for (const route of worker.kind.routes) this.#events.resized(route);
    if (room !== null) this.touch(worker);
  }

  #leaveKind(worker: WorkerState): void {
    const { kind } = worker;
    kind.members.delete(worker);
    if (kind.members.size > 0) return;
    this.#kinds.delete(kind.key);
    for (const type of kind.types) {
      const kinds = this.#kindsOf.get(type);
      kinds?.delete(kind);
      if (kinds?.size === 0) this.#kindsOf.delete(type);
    }
    this.#rerouteClassesOf(kind);
  }

  /** A kind was made, or is no more: the classes that it may run have other workers. */
  #rerouteClassesOf(kind: WorkerKind): void {
    for (const route of [...this.#routes])
      for (const workClass of [...route.classes])
        if (kind.mayRun(workClass)) this.#events.rerouted(workClass, this.routeOf(workClass));
    this.#dropUnused();
  }

  #routeOver(kinds: ReadonlySet<WorkerKind>): Route {
    const [any] = kinds;
    for (const route of any?.routes ?? [])
      if (route.kinds.size === kinds.size && [...kinds].every((kind) => route.kinds.has(kind))) return route;
    const route = new Route();
    this.#routes.add(route);
    for (const kind of kinds) {
      route.kinds.add(kind);
      kind.routes.add(route);
      for (const worker of kind.members) {
        if (worker.room === 'places') route.places.add(worker);
        else if (worker.room === 'ahead') route.ahead.add(worker);
        route.eligible += Number(worker.room !== null);
      }
    }
    if (route.roomy > 0) this.#events.opened(route, true);
    return route;
  }

  /** Routes that no class takes any more. */
  #dropUnused(): void {
    for (const route of this.#routes) {
      if (route.classes.size > 0 || route === this.#nobody) continue;
      for (const kind of route.kinds) kind.routes.delete(route);
      this.#routes.delete(route);
    }
  }
}

function toggle<Item>(set: Set<Item>, item: Item, isIn: boolean): void {
  if (isIn) set.add(item);
  else set.delete(item);
}
