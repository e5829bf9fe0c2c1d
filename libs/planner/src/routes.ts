import type { ClassFields, Pin, WorkClass } from './classes.js';
import { Bag } from './collections.js';
import { Gate, type Side } from './gates.js';
import type { WorkerFact } from './model.js';
import type { WorkerState } from './worker-state.js';

/**
 * Workers that offer the same types, understand the same features, and run the same types fewer at a time than they have
 * places: what may go to one may go to all.
 */
export class WorkerKind {
  readonly key: string;
  /** Of those that there have been. */
  readonly number: number;
  readonly types: ReadonlySet<string>;
  readonly understands: ReadonlySet<string>;
  /** Types of which its workers may have as many as they take while they have room for others. */
  readonly limited: ReadonlySet<string>;
  readonly members = new Set<WorkerState>();
  readonly routes = new Set<Route>();

  constructor({ types, understands = [], concurrency = NO_LIMITS }: Offer, number: number) {
    this.number = number;
    this.key = kindKey({ types, understands, concurrency });
    this.types = new Set(types);
    this.understands = new Set(understands);
    this.limited = new Set(Object.keys(concurrency));
  }

  mayRun({ type, needs }: ClassFields): boolean {
    return this.types.has(type) && needs.every((feature) => this.understands.has(feature));
  }
}

const NO_LIMITS = Object.freeze({});

export type Offer = Pick<WorkerFact, 'types' | 'understands' | 'concurrency'>;

/** How many of a type they run does not matter here, only of which types it is a number of its own. */
export const kindKey = ({ types, understands = [], concurrency = NO_LIMITS }: Offer): string =>
  JSON.stringify([sorted(types), sorted(understands), ...sorted(Object.keys(concurrency))]);

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/**
 * The workers that may run some classes: those of one or several kinds. If one of the kinds runs the type of the
 * classes fewer at a time than it has places, the route is of this `type` alone: its workers may be full there, and have
 * room elsewhere. As a gate it is open while one of them has room.
 * Workers that are full are in no list, so nobody looks at them until they have room again.
 */
export class Route extends Gate {
  override isOpen = false;
  /** Null: for its workers have room or not for whatever they offer. */
  readonly type: string | null;
  readonly kinds = new Set<WorkerKind>();
  readonly classes = new Set<WorkClass>();
  readonly places = new Bag<WorkerState>();
  readonly ahead = new Bag<WorkerState>();
  /** Workers that may be given work that is under no suspicion. */
  eligible = 0;
  /** The places where those wait for keys of limits whose tasks these workers may run. */
  readonly sides = new Set<Side>();
  /** The place where the last look at some of them ended. */
  cursor = 0;

  constructor(type: string | null = null) {
    super();
    this.type = type;
  }

  /** Places of theirs that are idle, and may take a task of the type. */
  idlePlaces(type: string): number {
    let idle = 0;
    for (const worker of this.places.items) idle += worker.placesFor(type);
    return idle;
  }

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

  /** Everybody, those that may be given nothing too. */
  *members(): Generator<WorkerState> {
    for (const { members } of this.kinds) yield* members;
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

/**
 * The workers of one name, for one class that is pinned to it: mostly one worker, or none. Kinds know nothing of it. A
 * worker of the name that may not run the class has no room here.
 */
export class PinnedRoute extends Route {
  readonly fields: PinnedFields;
  readonly workers = new Set<WorkerState>();

  constructor(fields: PinnedFields) {
    super(fields.type);
    this.fields = fields;
  }

  override *members(): Generator<WorkerState> {
    yield* this.workers;
  }

  override *everybody(): Generator<WorkerState> {
    for (const worker of this.workers) if (worker.mayRun(this.fields) && worker.mayTake(this.fields)) yield worker;
  }

  override get isUsable(): boolean {
    for (const worker of this.workers) if (worker.mayRun(this.fields) && worker.serves(this.fields)) return true;
    return false;
  }
}

export type PinnedFields = ClassFields & { readonly pin: Pin };
