import { Gate, type Aside } from './gates.js';
import { Ranking, type Ranked } from './ranking.js';
import type { ClassPlacement } from './placement/class-placement.js';
import { PlacedRoute } from './placement/placed-route.js';
import type { Route } from './routes.js';
import type { SubQueue } from './sub-queue.js';

/**
 * The properties that tasks must have in common to be interchangeable for the planner: it decides once for a work class
 * what else it would decide for each task. A field that decides who may run a task joins here, and in `keyOf`: nowhere
 * else are classes told apart. A property that decides who goes first (tenant, priority) is a level of the contest
 * above the class, and a property that guards a task one by one (the key of a limit, a sequence) is a gate beside it.
 */
export interface ClassFields {
  readonly type: string;
  /** Features that a worker must understand to run it: sorted, each once. */
  readonly needs: readonly string[];
  /** Names of the limits that its tasks name: sorted, each once. Their keys are no part of it. */
  readonly limits: readonly string[];
  /** Its tasks have sequences. */
  readonly isSequenced: boolean;
  /** The name whose workers alone may run it; null: whoever offers the type may. */
  readonly pin: Pin | null;
  /** The resources that its tasks need, and conditions on workers; null: none. A class that is pinned has none. */
  readonly placement: ClassPlacement | null;
}

/** Tasks that go to the workers of one name, and to no others. */
export interface Pin {
  readonly worker: string;
  /** A worker that drains is given none of them; false: it is, as long as it goes on. */
  readonly skipsDraining: boolean;
}

/** Classes are interned by exact equality of this text, never by a hash of it. No type has a bracket. */
function keyOf({ type, needs, limits, isSequenced, pin, placement }: ClassFields): string {
  if (placement !== null) return type + JSON.stringify([needs, limits, isSequenced, placement.key]);
  if (pin !== null) return type + JSON.stringify([needs, limits, isSequenced, pin.worker, pin.skipsDraining]);
  if (needs.length === 0 && limits.length === 0 && !isSequenced) return type;
  return type + JSON.stringify([needs, limits, isSequenced]);
}

/** A work class of unfinished tasks, and how far its tasks have come; as a gate it is closed until the next plan. */
export class WorkClass extends Gate implements ClassFields, Ranked {
  readonly key: string;
  readonly type: string;
  readonly needs: readonly string[];
  readonly limits: readonly string[];
  readonly isSequenced: boolean;
  readonly pin: Pin | null;
  /** Other settings of its queue make another one of it. */
  placement: ClassPlacement | null;
  /** Places at sides of keys where a sub-queue of it stands for those that wait there. */
  readonly standsFor = new Set<Aside>();
  /** Its sub-queues: in each queue one for each tenant and priority that have tasks of it. */
  readonly subs = new Set<SubQueue>();
  /** The workers that may run it. */
  route: Route;
  /** Tasks that are due, not out and not set aside, of queues that are not paused. */
  pending = 0;
  /** Work that its pending tasks are, divided by the workers that may run them, as it was added up last. */
  drainMs = 0;
  /** Something that `drainMs` follows from has changed. */
  isStale = false;
  isUnranked = false;
  rank: Ranked['rank'] = null;

  constructor(key: string, { type, needs, limits, isSequenced, pin, placement }: ClassFields, route: Route) {
    super();
    this.key = key;
    this.type = type;
    this.needs = needs;
    this.limits = limits;
    this.isSequenced = isSequenced;
    this.pin = pin;
    this.placement = placement;
    this.route = route;
  }

  /** Since when no worker has had room for its tasks, and none of them went out; null: one did last, or it has no placement. */
  get parkedAt(): number | null {
    return this.route instanceof PlacedRoute ? this.route.parkedAt : null;
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
  /** Those of its classes that are told apart by more than their type, by type. */
  readonly #others = new Map<string, Set<WorkClass>>();
  /** Those that `drainMs` must be added up for again. */
  readonly stale: WorkClass[] = [];
  /** Those that have pending tasks and no worker, by type. One that is pinned lacks a worker, and not a type. */
  readonly unserved = new Ranking<WorkClass, string>(
    ({ pin, route, hasPending, type }) => (pin === null && !route.isUsable && hasPending ? type : null),
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
      if (key !== known.type) this.#addOther(known);
    }
    return known;
  }

  #addOther(workClass: WorkClass): void {
    const others = this.#others.get(workClass.type);
    if (others === undefined) this.#others.set(workClass.type, new Set([workClass]));
    else others.add(workClass);
  }

  all(): Iterable<WorkClass> {
    return this.#classes.values();
  }

  /** Some class has the type. */
  hasType(type: string): boolean {
    return this.#classes.has(type) || this.#others.has(type);
  }

  /** Its last sub-queue is gone. */
  forget(workClass: WorkClass): void {
    const { key, type } = workClass;
    this.#classes.delete(key);
    const others = this.#others.get(type);
    if (others?.delete(workClass) === true && others.size === 0) this.#others.delete(type);
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
    if (this.#others.size === 0) return;
    for (const workClass of this.#others.get(type) ?? []) this.touch(workClass);
  }
}
