import { SLOTS, UNIT, withSlots, type Amounts, type PoolSpec } from '@drover/core';
import type { Assignment } from '../assignments.js';
import type { WorkClass } from '../classes.js';
import type { Route, WorkerKind } from '../routes.js';
import type { WorkerState } from '../worker-state.js';
import { sortedAmounts, type ClassPlacement } from './class-placement.js';
import { Dimensions, type Demand } from './dimensions.js';
import { Offers } from './offers.js';
import { Parked } from './parked.js';
import { PlacedRoute, type PlacedFields, type Ties } from './placed-route.js';
import { PlacedWorker } from './placed-worker.js';
import { classKey, escapes, WorkerClass, type Labels } from './worker-class.js';
import { Places } from './places.js';
import { Counter, counterKey, ruleOf, type Counted, type SpreadRule } from './spreads.js';
import { WhereGroup, type Whereabouts } from './where-group.js';

interface PlacementEvents {
  /** Somebody may have room for what waits at the route, or nobody has. */
  readonly opened: (route: Route, isOpen: boolean) => void;
  /** The route has more workers, or fewer, that may be given work. */
  readonly resized: (route: Route) => void;
  readonly workers: () => Iterable<WorkerState>;
}

/**
 * The books of resources: which worker has how much of what, which classes of tasks may go where, who waits for room. None
 * of it exists before the first class of tasks that says something of it.
 */
export class Placement {
  readonly dimensions = new Dimensions();
  readonly pools = new Map<string, PlacedPool>();
  /** Parked routes that no worker could take, were it empty. */
  readonly unplaceable = new Set<PlacedRoute>();
  readonly parked = new Parked();
  /** Room that has become free, and whom it is offered to. */
  readonly offers = new Offers(this.parked, (route) => {
    this.wake(route);
  });
  isUsed = false;
  /** When the plan that is made was begun; between plans the last one. */
  now = 0;
  #isPlanning = false;
  /** Parked by a fact, since the last plan. */
  readonly #undated = new Set<PlacedRoute>();
  /** Resources of the whole system: no worker has them. */
  isFloating: (name: string) => boolean = () => false;
  readonly #events: PlacementEvents;
  readonly #classes = new Map<string, WorkerClass>();
  readonly #groups = new Map<string, WhereGroup>();
  readonly #routes = new Map<string, PlacedRoute>();
  /** Their workers are others, or have more or less than they had: what they can take is looked at again. */
  readonly #unsure = new Set<WhereGroup>();
  readonly #places = new Places();
  /** Workers that warm up, and for how long each. */
  readonly #cold = new Map<PlacedWorker, number>();
  readonly #counters = new Map<string, Counter>();
  /** Parked routes whose tasks wait for a better place, until then. */
  readonly #waiting = new Map<PlacedRoute, number>();
  #stride = 4;
  /** Of groups that are no more: others get them, so that numbers stay small. */
  readonly #freeNumbers: number[] = [];

  constructor(events: PlacementEvents) {
    this.#events = events;
  }

  get routes(): Iterable<PlacedRoute> {
    return this.#routes.values();
  }

  get classes(): Iterable<WorkerClass> {
    return this.#classes.values();
  }

  // --- Workers

  /** The part of its room that a worker is given which has joined lately; null: all are warm. */
  get warmth(): ((member: PlacedWorker) => number) | null {
    if (this.#cold.size === 0) return null;
    return (member) => {
      const warmupMs = this.#cold.get(member);
      if (warmupMs === undefined) return 1;
      return Math.min(1, Math.max(LEAST_WARMTH, (this.now - member.worker.joinedAt) / warmupMs));
    };
  }

  #chill(member: PlacedWorker): void {
    const { joinedAt, declared } = member.worker;
    const warmupMs = declared.warmupMs ?? this.pools.get(declared.pool)?.warmupMs ?? 0;
    if (joinedAt + warmupMs > this.now) this.#cold.set(member, warmupMs);
    else this.#cold.delete(member);
  }

  #begin(): void {
    if (this.isUsed) return;
    this.isUsed = true;
    for (const worker of this.#events.workers()) this.entered(worker);
  }

  /** A worker is there. */
  entered(worker: WorkerState): void {
    if (!this.isUsed) return;
    const labels = labelsOf(worker);
    const of = this.#classOf(worker, labels);
    const member = new PlacedWorker(worker, of, this.dimensions);
    worker.placed = member;
    this.#declare(member, labels);
    this.#places.came(member);
    of.add(member);
    this.looked(worker);
    this.#doubt(of);
  }

  /** It is no more, and nothing of it is claimed. */
  left(worker: WorkerState): void {
    const member = worker.placed;
    if (member === null) return;
    this.#count(member, false);
    this.#leaveClass(member);
    this.#places.left(member);
    this.#cold.delete(member);
    worker.placed = null;
  }

  /** It says other things of itself than before, and offers others perhaps. */
  changed(worker: WorkerState): void {
    const member = worker.placed;
    if (member === null) return;
    const labels = labelsOf(worker);
    this.#places.left(member);
    this.#declare(member, labels);
    this.#places.came(member);
    const { kind, declared } = worker;
    const key = classKey(kind, declared.pool, labels);
    if (key !== member.of.key) {
      this.#count(member, false);
      this.#leaveClass(member);
      member.of = this.#classOf(worker, labels);
      member.of.add(member);
    }
    this.looked(worker);
    this.#doubt(member.of);
  }

  /** It may be given more or less than before, perhaps. */
  looked(worker: WorkerState): void {
    const member = worker.placed;
    if (member === null) return;
    if (member.isCountedEligible !== worker.eligible) {
      this.#count(member, worker.eligible);
      this.#doubt(member.of);
    }
    const isOther = member.isCountedUsable !== worker.isUsable;
    member.isCountedUsable = worker.isUsable;
    // A worker whose room is kept for somebody was usable, and not eligible: nothing else tells that it has gone.
    if (isOther) for (const group of member.of.groups) for (const route of group.routes) this.#events.resized(route);
    if (isOther ? member.writeAll() : member.write()) this.offers.grew(member);
  }

  /** Nothing but one class may see its room, or everybody again. */
  keep(worker: WorkerState, isKept: boolean): void {
    const member = worker.placed;
    if (member === null || member.isKept === isKept) return;
    member.isKept = isKept;
    this.looked(worker);
  }

  #declare(member: PlacedWorker, labels: Labels): void {
    const { declared } = member.worker;
    member.labels = labels;
    member.declare(this.capacityOf(member.worker), declared.devices);
    for (const name of Object.keys(declared.resources)) this.dimensions.learn(name);
    this.#chill(member);
    this.#widen();
  }

  /** Amounts of the resources of a worker, over-commit included; slots too. */
  capacityOf({ capacity, declared }: WorkerState): Amounts {
    const { resources, overcommit, pool } = declared;
    const all: Record<string, number> = {};
    const times = { ...this.pools.get(pool)?.overcommit, ...overcommit };
    for (const [name, amount] of Object.entries(resources)) all[name] = Math.floor(amount * (times[name] ?? 1));
    all[SLOTS] = capacity * UNIT;
    return all;
  }

  #classOf(worker: WorkerState, labels: Labels): WorkerClass {
    const { kind, declared } = worker;
    const { pool } = declared;
    const key = classKey(kind, pool, labels);
    let known = this.#classes.get(key);
    if (known === undefined) {
      const kept = Object.fromEntries(Object.entries(labels).filter(([label]) => !escapes(label)));
      known = new WorkerClass(key, { kind, pool, labels: kept, stride: this.#stride });
      this.#classes.set(key, known);
      for (const group of this.#groups.values())
        if (group.takes(known, this.#mayEnter(group.where, pool))) group.add(known);
    }
    return known;
  }

  #leaveClass(member: PlacedWorker): void {
    const { of } = member;
    this.#doubt(of);
    of.remove(member);
    if (of.members.length > 0) return;
    this.#classes.delete(of.key);
    for (const group of of.groups) group.remove(of);
  }

  #count(member: PlacedWorker, isEligible: boolean): void {
    if (member.isCountedEligible === isEligible) return;
    member.isCountedEligible = isEligible;
    const more = isEligible ? 1 : -1;
    member.of.eligible += more;
    for (const group of member.of.groups) {
      group.eligible += more;
      group.changed();
      for (const route of group.routes) {
        route.eligible = group.eligible;
        this.#events.resized(route);
      }
    }
  }

  /** Null: all of it is by default. True: classes must be routed anew. */
  setPool(name: string, spec: PlacedPool | null): boolean {
    const had = this.#hasDedicated;
    if (spec === null) this.pools.delete(name);
    else this.pools.set(name, spec);
    for (const of of this.#classes.values()) {
      if (of.pool !== name) continue;
      for (const group of this.#groups.values()) this.#regroup(group, of);
      for (const member of of.members) {
        this.#declare(member, member.labels);
        this.looked(member.worker);
      }
      this.#doubt(of);
    }
    return had !== this.#hasDedicated;
  }

  #regroup(group: WhereGroup, of: WorkerClass): void {
    const takes = group.takes(of, this.#mayEnter(group.where, of.pool));
    if (takes === of.groups.has(group)) return;
    if (takes) group.add(of);
    else group.remove(of);
    this.#unsure.add(group);
    for (const route of group.routes) {
      route.eligible = group.eligible;
      this.#events.resized(route);
    }
    for (const route of [...group.parked]) if (of.free.mayFit(route.demand)) this.wake(route);
  }

  // --- Routes

  /** The workers to which tasks of such a class may go. `kinds`: of workers that may run them. */
  routeOf(fields: PlacedFields, kinds: ReadonlySet<WorkerKind>): PlacedRoute {
    this.#begin();
    const { placement, type } = fields;
    const { where, prefer, pool, account } = placement;
    const group = this.#groupOf({ kinds: new Set(kinds), where, prefer: prefer ?? [], pool, account });
    const isLimited = [...kinds].some(({ limited }) => limited.has(type));
    const demand = this.dimensions.demand(placement.demand, this.isFloating);
    const key = `${group.key}${JSON.stringify([sortedAmounts(demand.amounts), isLimited ? type : '', placement.companions, demand.isPart])}`;
    let route = this.#routes.get(key);
    if (route === undefined) {
      this.#widen();
      const ties = this.#tiesOf(placement);
      for (const { counter } of ties?.rules ?? []) counter.users++;
      route = new PlacedRoute(key, { ...fields, type: isLimited ? type : '' }, { group, demand, ties });
      group.routes.add(route);
      this.#routes.set(key, route);
      if (group.mayFit(demand)) this.#events.opened(route, true);
      else this.park(route);
    }
    return route;
  }

  /** A class has left it. */
  forget(route: PlacedRoute): void {
    if (route.classes.size > 0 || !this.#routes.delete(route.key)) return;
    const { group, ties } = route;
    this.#unpark(route);
    for (const { counter } of ties?.rules ?? []) {
      counter.users--;
      counter.waiting.delete(route);
      this.#tidy(counter);
    }
    group.routes.delete(route);
    if (group.routes.size > 0) return;
    this.#groups.delete(group.key);
    this.#freeNumbers.push(group.number);
    for (const each of [...group.classes()]) group.remove(each);
  }

  #tiesOf({ spread, apart, scope, companions }: ClassPlacement): Ties | null {
    if (companions === null) return null;
    const rules: SpreadRule[] = [];
    for (const option of [apart, spread])
      if (option !== null && scope !== null) rules.push(ruleOf(option, this.#counterOf(counterKey(option, scope))));
    return { rules, at: (place) => this.#places.of(place, () => this.#members()) };
  }

  *#members(): Generator<PlacedWorker> {
    for (const { members } of this.#classes.values()) yield* members;
  }

  #counterOf(key: string): Counter {
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = new Counter(key);
      this.#counters.set(key, counter);
    }
    return counter;
  }

  #tidy(counter: Counter): void {
    if (counter.users === 0 && counter.size === 0) this.#counters.delete(counter.key);
  }

  /** The counts in which tasks of the class take part at the worker. */
  countedAt({ placement }: WorkClass, { placed }: WorkerState): readonly Counted[] {
    const scope = placement?.scope ?? null;
    if (placement === null || scope === null || placed === null) return NOT_COUNTED;
    const counted: Counted[] = [];
    for (const option of [placement.apart, placement.spread]) {
      const value = option === null ? undefined : placed.labels[option.by];
      if (option !== null && value !== undefined)
        counted.push({ counter: this.#counterOf(counterKey(option, scope)), value });
    }
    return counted;
  }

  #groupOf(where: Whereabouts): WhereGroup {
    const kinds = [...where.kinds].map(({ number }) => number).sort((a, b) => a - b);
    const account = this.#hasDedicated ? where.account : null;
    const key = JSON.stringify([kinds, where.where, where.prefer, where.pool, account]);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new WhereGroup(key, where, this.#freeNumbers.pop() ?? this.#groups.size);
      this.#groups.set(key, group);
      for (const each of this.#classes.values())
        if (group.takes(each, this.#mayEnter(where, each.pool))) group.add(each);
    }
    return group;
  }

  get #hasDedicated(): boolean {
    for (const { dedicated } of this.pools.values()) if (dedicated !== null) return true;
    return false;
  }

  /** Tasks of the account that want the pool, or any, may go to workers of this one. */
  mayEnter(where: { pool: string | null; account: string }, pool: string): boolean {
    return (where.pool === null || where.pool === pool) && this.#mayEnter(where, pool);
  }

  #mayEnter({ account }: { account: string }, pool: string): boolean {
    const dedicated = this.pools.get(pool)?.dedicated ?? null;
    return dedicated === null || dedicated.includes(account);
  }

  /** Trees hold every name that somebody has or needs. */
  #widen(): void {
    if (this.dimensions.size <= this.#stride) return;
    while (this.#stride < this.dimensions.size) this.#stride *= 2;
    for (const { free, empty } of this.#classes.values()) {
      free.widen(this.#stride);
      empty.widen(this.#stride);
    }
    this.parked.widen(this.#stride);
  }

  // --- Parked

  /** Nobody has room for it: it waits until a worker has grown enough. */
  park(route: PlacedRoute): void {
    const { group } = route;
    if (group.parked.has(route)) return;
    group.parked.add(route);
    this.parked.add(route);
    // If something of it has just gone out, somebody can take it.
    if (route.parkedAt !== null || !route.hasGone) this.#judge(route);
    route.hasGone = false;
    if (!this.#isPlanning && route.parkedAt === null) this.#undated.add(route);
    route.parkedAt ??= this.now;
    for (const { counter, isHard } of route.ties?.rules ?? []) if (isHard) counter.waiting.add(route);
    if (route.waitsUntil !== null) this.#waiting.set(route, route.waitsUntil);
    if (group.lacksSlotAlone(route.demand)) group.wantSlot(route);
    this.#events.opened(route, false);
  }

  #unpark(route: PlacedRoute): void {
    const { group } = route;
    if (!group.parked.delete(route)) return;
    this.#waiting.delete(route);
    this.parked.remove(route);
    group.wantNoSlot(route);
    route.unplaceableSince = null;
    this.unplaceable.delete(route);
  }

  #judge(route: PlacedRoute): void {
    if (route.isPlaceable) {
      route.unplaceableSince = null;
      this.unplaceable.delete(route);
    } else {
      route.unplaceableSince ??= this.now;
      this.unplaceable.add(route);
    }
  }

  /** The route had its turn, and none of its tasks may go out now: the worker that has woken it looks again. */
  passed(route: Route): void {
    if (!(route instanceof PlacedRoute) || route.grown === null) return;
    this.offers.answered(route.grown);
    route.grown = null;
    this.offers.make();
  }

  /** The plan was cut short, and room may be left for the parked route. */
  mayBeOffered({ group, demand }: PlacedRoute): boolean {
    return this.offers.areOpen && group.mayFit(demand);
  }

  /** Somebody may have room for it. */
  wake(route: PlacedRoute): void {
    this.#unpark(route);
    this.#events.opened(route, true);
  }

  #doubt(of: WorkerClass): void {
    for (const group of of.groups) {
      if (group.parked.size > 0) this.#unsure.add(group);
      for (const route of group.routes) route.hasGone = false;
    }
  }

  /** Routes that have waited long enough for a better place have their turn. The next one that has; null: none waits. */
  wakeWaiting(now: number): number | null {
    let next: number | null = null;
    for (const [route, until] of this.#waiting)
      if (until <= now) this.wake(route);
      else if (next === null || until < next) next = until;
    return next === Infinity ? null : next;
  }

  /** A plan begins. Facts tell no time, so what they have parked is parked since now. */
  begin(now: number): void {
    this.now = now;
    this.#isPlanning = true;
    for (const route of this.#undated) {
      if (route.parkedAt !== null) route.parkedAt = now;
      if (route.unplaceableSince !== null) route.unplaceableSince = now;
    }
    this.#undated.clear();
  }

  end(): void {
    this.#isPlanning = false;
  }

  /** A plan begins: routes of which some workers are others now may be placeable, or not any more. */
  judge(): void {
    for (const member of this.#cold.keys()) this.#chill(member);
    if (this.#unsure.size === 0) return;
    for (const group of this.#unsure) for (const route of group.parked) this.#judge(route);
    this.#unsure.clear();
  }

  // --- Claims

  /** The demand of an assignment that was found, or is made now; null: it claims nothing. */
  demandOf({ width, use }: { width?: number; use?: Amounts }, { placement, route }: WorkClass): Demand | null {
    if (width === undefined) return null;
    this.#begin();
    if (route instanceof PlacedRoute) {
      const isAsItSays = use === undefined && placement?.isQueued === false;
      if (isAsItSays || use === route.demand.amounts) return route.demand;
    }
    const demand = this.dimensions.demand(use ?? withSlots(placement?.own?.resources ?? null), this.isFloating);
    this.#widen();
    return demand;
  }

  /** Tasks of the assignment went out, or came in: `before` were open. */
  moved({ worker, sub, width, demand, open, counted }: Assignment, before: number): void {
    for (const { counter, value } of counted) this.#counted(counter, value, open - before);
    const member = worker.placed;
    if (width === null || demand === null || member === null) return;
    const places = Math.min(width, open) - Math.min(width, before);
    if (places !== 0) member.claim(demand, sub.workClass.type, places);
  }

  #counted(counter: Counter, value: string, tasks: number): void {
    counter.add(value, tasks);
    for (const route of counter.waiting) {
      counter.waiting.delete(route);
      if (route.isParked) this.wake(route);
    }
    this.#tidy(counter);
  }

  /** The assignment is on the books: its devices are held. */
  began({ worker, held }: Assignment): void {
    if (held.length > 0) worker.placed?.holdDevices(held);
  }

  /** The assignment is over. */
  ended({ worker, held }: Assignment): void {
    if (held.length > 0) worker.placed?.releaseDevices(held);
  }
}

/** The part of a pool's definition that decides where tasks go. */
export type PlacedPool = Pick<PoolSpec, 'policy' | 'dedicated' | 'overcommit' | 'warmupMs'>;

/** Of its room, from the beginning. */
const LEAST_WARMTH = 0.1;
const NOT_COUNTED: readonly Counted[] = [];

function labelsOf({ name, declared }: WorkerState): Labels {
  const { labels, host, pool } = declared;
  return { ...labels, name, host, pool };
}
