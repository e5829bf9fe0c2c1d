import type { ClassFields, WorkClass } from './classes.js';
import { PinnedRoutes } from './pinned-routes.js';
import type { WorkerFact } from './model.js';
import { PlacedRoute } from './placement/placed-route.js';
import { Placement, type PlacedPool } from './placement/placement.js';
import { kindKey, PinnedRoute, Route, WorkerKind, type Offer, type PinnedFields } from './routes.js';
import { declaredBy, WorkerState, type Room } from './worker-state.js';

export interface PoolEvents {
  /** Some worker of the route has room, or none. */
  opened: (route: Route, isOpen: boolean) => void;
  /** Other workers may run the class. */
  rerouted: (workClass: WorkClass, route: Route) => void;
  /** The route has more workers, or fewer, that may be given work. */
  resized: (route: Route) => void;
  /** A worker of this name has come or gone, or may be given more or less. */
  changed: (name: string) => void;
}

/** The workers, by what they offer and by whether they have room. */
export class WorkerPool {
  readonly #events: PoolEvents;
  /** The resources of the workers, for classes that need some. */
  readonly placement: Placement;
  readonly #workers = new Map<string, WorkerState>();
  readonly #kinds = new Map<string, WorkerKind>();
  readonly #kindsOf = new Map<string, Set<WorkerKind>>();
  /** Of classes that nobody may run. */
  readonly #nobody = new Route();
  readonly #routes = new Set<Route>([this.#nobody]);
  readonly #pinned = new PinnedRoutes();
  /** Workers whose room may have changed. */
  #stale: WorkerState[] = [];
  /** Workers that have nothing and may be given something, and those that have more than they run. */
  readonly starved = new Set<WorkerState>();
  readonly loaded = new Set<WorkerState>();
  #usable = 0;
  #kindsMade = 0;
  /** As it was at the last look. */
  #aheadMs = 0;

  constructor(events: PoolEvents) {
    this.#events = events;
    this.placement = new Placement({ ...events, workers: () => this.#workers.values() });
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
      known.takesPinned = fact.takesPinned === true;
      known.concurrency = fact.concurrency ?? null;
      known.pressed = fact.pressed === true;
      known.declared = declaredBy(fact);
      if (known.kind.key !== kindKey(fact)) this.#changeKind(known, fact);
      this.placement.changed(known);
      this.touch(known);
      this.#events.changed(known.name);
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
    this.placement.left(worker);
    this.loaded.delete(worker);
    this.#workers.delete(worker.id);
    this.#leaveKind(worker);
    this.#pinned.left(worker);
    this.#events.changed(worker.name);
  }

  /** From now on it is kept for suspects, or not any more. */
  reserve(worker: WorkerState, reserved: boolean, now = 0): void {
    worker.reserved = reserved;
    worker.reservedAt = now;
    if (reserved) this.#standDown(worker);
    this.touch(worker);
  }

  /** The tasks that it may be given may have changed. */
  touch(worker: WorkerState): void {
    if (worker.isStale) return;
    worker.isStale = true;
    this.#stale.push(worker);
  }

  /** Looks again at those that were touched. */
  refresh(aheadMs: number): void {
    this.#aheadMs = aheadMs;
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
    if (fields.pin !== null) return this.#pinnedRoute({ ...fields, pin: fields.pin });
    const { type, needs, placement } = fields;
    const offering = this.#kindsOf.get(type) ?? NO_KINDS;
    const kinds = needs.length === 0 ? offering : new Set([...offering].filter((kind) => kind.mayRun(fields)));
    if (placement !== null) return this.placement.routeOf({ ...fields, placement }, kinds);
    return kinds.size === 0 ? this.#nobody : this.#routeOver(kinds, type);
  }

  /** Its class is no more. */
  forget(route: Route): void {
    if (route instanceof PinnedRoute) this.#pinned.forget(route);
    else if (route instanceof PlacedRoute) this.placement.forget(route);
  }

  /** Some worker of its name may be given such work, now or when it has room. */
  reaches(fields: ClassFields): boolean {
    for (const worker of this.#pinned.named(fields.pin?.worker ?? ''))
      if (worker.mayRun(fields) && worker.serves(fields)) return true;
    return false;
  }

  /** Those of the name that are there. */
  named(name: string): Iterable<WorkerState> {
    return this.#pinned.named(name);
  }

  all(): Iterable<WorkerState> {
    return this.#workers.values();
  }

  #pinnedRoute(fields: PinnedFields): Route {
    const route = this.#pinned.make(fields);
    for (const worker of route.workers) this.#movePinned(route, worker, this.#aheadMs);
    return route;
  }

  #movePinned(route: PinnedRoute, worker: WorkerState, aheadMs: number): void {
    const { fields } = route;
    const may = worker.mayRun(fields) && worker.mayTake(fields);
    this.#move(route, worker, may ? worker.roomOf(fields.type, worker.roomNow(aheadMs), aheadMs) : null);
  }

  #enter(worker: WorkerState): void {
    this.#workers.set(worker.id, worker);
    worker.kind.members.add(worker);
    this.#pinned.came(worker);
    if (this.placement.now > 0) worker.joinedAt = this.placement.now;
    this.placement.entered(worker);
    this.touch(worker);
    this.#events.changed(worker.name);
  }

  /** It is given nothing more from this moment on. */
  #standDown(worker: WorkerState): void {
    this.#look(worker, 0);
  }

  #look(worker: WorkerState, aheadMs: number): void {
    const { isUsable, eligible } = worker;
    this.placement.looked(worker);
    const isOther = isUsable !== worker.isCountedUsable;
    if (isOther) {
      worker.isCountedUsable = isUsable;
      this.#usable += isUsable ? 1 : -1;
    }
    toggle(this.starved, worker, eligible && worker.out === 0);
    toggle(this.loaded, worker, !worker.gone && worker.ahead > 0);
    const room = eligible ? worker.roomNow(aheadMs) : null;
    if (isOther && (room === null) === (worker.room === null))
      for (const route of worker.kind.routes) this.#events.resized(route);
    if (worker.kind.limited.size > 0) this.#lookAtTypes(worker, room, aheadMs);
    if (worker.pinnedRoutes !== null) for (const route of worker.pinnedRoutes) this.#movePinned(route, worker, aheadMs);
    if (room === worker.room) return;
    for (const route of worker.kind.routes)
      if (route.type === null || worker.kind.limited.size === 0) this.#move(route, worker, room);
    worker.room = room;
  }

  /** Routes of one type: it may be full there alone. */
  #lookAtTypes(worker: WorkerState, room: Room | null, aheadMs: number): void {
    for (const route of worker.kind.routes)
      if (route.type !== null) this.#move(route, worker, worker.roomOf(route.type, room, aheadMs));
  }

  #move(route: Route, worker: WorkerState, room: Room | null): void {
    const was = worker.roomAt(route);
    if (route.type !== null) worker.setRoomAt(route, room);
    if (was === room) return;
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
    let kind = this.#kinds.get(kindKey(offer));
    if (kind === undefined) {
      kind = new WorkerKind(offer, ++this.#kindsMade);
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
    for (const route of [...this.#routes, ...this.placement.routes])
      for (const workClass of [...route.classes]) if (kind.mayRun(workClass)) this.reroute(workClass);
    this.#dropUnused();
  }

  /** `null`: it is as by default. */
  setPool(name: string, spec: PlacedPool | null): void {
    if (this.placement.setPool(name, spec)) this.#reroutePlaced(() => true);
  }

  /** The whole system has the resource from now on, or the workers have it again. */
  floatingChanged(name: string): void {
    this.#reroutePlaced(({ placement }) => placement?.demand[name] !== undefined);
  }

  #reroutePlaced(isMeant: (workClass: WorkClass) => boolean): void {
    for (const route of [...this.placement.routes])
      for (const workClass of [...route.classes]) if (isMeant(workClass)) this.reroute(workClass);
  }

  /** Other workers may run the class from now on, perhaps. */
  reroute(workClass: WorkClass): void {
    const { route } = workClass;
    this.#events.rerouted(workClass, this.routeOf(workClass));
    if (route instanceof PlacedRoute && route !== workClass.route) this.placement.forget(route);
  }

  #routeOver(kinds: ReadonlySet<WorkerKind>, ofType: string): Route {
    const [any] = kinds;
    const type = [...kinds].some(({ limited }) => limited.has(ofType)) ? ofType : null;
    for (const route of any?.routes ?? [])
      if (route.type === type && route.kinds.size === kinds.size && [...kinds].every((kind) => route.kinds.has(kind)))
        return route;
    const route = new Route(type);
    this.#routes.add(route);
    for (const kind of kinds) {
      route.kinds.add(kind);
      kind.routes.add(route);
      for (const worker of kind.members) {
        const room = type === null ? worker.room : worker.roomOf(type, worker.room, this.#aheadMs);
        if (type !== null) worker.setRoomAt(route, room);
        if (room === 'places') route.places.add(worker);
        else if (room === 'ahead') route.ahead.add(worker);
        route.eligible += Number(room !== null);
      }
    }
    if (route.roomy > 0) this.#events.opened(route, true);
    return route;
  }

  /** Routes that no class takes any more. */
  #dropUnused(): void {
    for (const route of this.#routes) {
      if (route.classes.size > 0 || route === this.#nobody) continue;
      for (const kind of route.kinds) {
        kind.routes.delete(route);
        if (route.type !== null) for (const worker of kind.members) worker.setRoomAt(route, null);
      }
      this.#routes.delete(route);
    }
  }
}

const NO_KINDS: ReadonlySet<WorkerKind> = new Set();

function toggle<Item>(set: Set<Item>, item: Item, isIn: boolean): void {
  if (isIn) set.add(item);
  else set.delete(item);
}
