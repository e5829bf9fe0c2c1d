import type { WorkerKind } from '../routes.js';
import { SLOTS_AT, type Demand } from './dimensions.js';
import type { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';
import { satisfies, type Condition, type Preference, type Where } from '@drover/core';
import { Ring } from './ring.js';
import { escapes, type WorkerClass } from './worker-class.js';

/** The part of a placement that says where tasks may go, whatever they demand. */
export interface Whereabouts {
  readonly kinds: ReadonlySet<WorkerKind>;
  readonly where: Where;
  readonly prefer: readonly Preference[];
  /** Null: any pool that is not dedicated to others. */
  readonly pool: string | null;
  readonly account: string;
}

/** Preferences count in so many steps, so that those that hardly differ leave the choice to what comes after. */
const STEPS = 8;

/** Worker classes that are preferred alike. */
export class Level {
  readonly score: number;
  readonly classes: WorkerClass[] = [];
  /** Members of the classes before each one; null: they are to be counted. */
  #starts: number[] | null = null;
  #parts: { readonly label: string; readonly parts: ReadonlyMap<string | null, Level> } | null = null;
  #members = 0;

  constructor(score: number) {
    this.score = score;
  }

  /** Of all of its classes. */
  get members(): number {
    this.#count();
    return this.#members;
  }

  /** The member at the place, which is below `members`. */
  member(place: number): PlacedWorker {
    const starts = this.#count();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= place) low = middle;
      else high = middle - 1;
    }
    return this.classes[low]?.members[place - (starts[low] as number)] as PlacedWorker;
  }

  /** Its classes have other members. */
  changed(): void {
    this.#starts = null;
    this.#parts = null;
  }

  /** By the values of a label that does not escape; null: without it. */
  split(label: string): ReadonlyMap<string | null, Level> {
    if (this.#parts?.label === label) return this.#parts.parts;
    const parts = new Map<string | null, Level>();
    for (const each of this.classes) {
      const value = each.labels[label] ?? null;
      let part = parts.get(value);
      if (part === undefined) {
        part = new Level(this.score);
        parts.set(value, part);
      }
      part.classes.push(each);
    }
    this.#parts = { label, parts };
    return parts;
  }

  #count(): readonly number[] {
    if (this.#starts !== null) return this.#starts;
    let before = 0;
    this.#starts = this.classes.map(({ members }) => (before += members.length) - members.length);
    this.#members = before;
    return this.#starts;
  }
}

/** The worker classes to which the same tasks may go, in the order in which they are preferred. */
export class WhereGroup {
  readonly key: string;
  /** Of those that there are: no two have the same. */
  readonly number: number;
  readonly where: Whereabouts;
  /** Conditions that each worker is asked by itself. */
  readonly own: readonly Condition[];
  readonly #shared: readonly Condition[];
  /** The most preferred first. */
  readonly levels: Level[] = [];
  readonly routes = new Set<PlacedRoute>();
  /** Routes for which nobody has room. */
  readonly parked = new Set<PlacedRoute>();
  /** Of `parked`, those that lack nothing but slots. */
  wanting = 0;
  /** Workers that may be given work. */
  eligible = 0;
  readonly #rings = new Map<string, Ring>();

  constructor(key: string, where: Whereabouts, number: number) {
    this.key = key;
    this.number = number;
    this.where = where;
    this.own = where.where.filter(({ label }) => escapes(label));
    this.#shared = where.where.filter(({ label }) => !escapes(label));
  }

  *classes(): Generator<WorkerClass> {
    for (const { classes } of this.levels) yield* classes;
  }

  *members(): Generator<PlacedWorker> {
    for (const each of this.classes()) for (const member of each.members) if (this.suits(member)) yield member;
  }

  /** As far as its own labels are concerned. */
  suits(member: PlacedWorker): boolean {
    return this.own.length === 0 || satisfies(this.own, member.labels);
  }

  /** Its workers may be given such tasks, their own labels left aside. `mayEnter`: the pool is not for others. */
  takes(workerClass: WorkerClass, mayEnter: boolean): boolean {
    const { kinds, pool } = this.where;
    if (!mayEnter || !kinds.has(workerClass.kind)) return false;
    return (pool === null || pool === workerClass.pool) && satisfies(this.#shared, workerClass.labels);
  }

  add(workerClass: WorkerClass): void {
    workerClass.enter(this);
    this.eligible += workerClass.eligible;
    if (this.wanting > 0) workerClass.wanting++;
    const score = scoreOf(this.where.prefer, workerClass);
    let at = this.levels.findIndex((level) => level.score <= score);
    if (at < 0) at = this.levels.length;
    let level = this.levels[at];
    if (level?.score !== score) {
      level = new Level(score);
      this.levels.splice(at, 0, level);
    }
    level.classes.push(workerClass);
    this.changed();
  }

  /** Values of the label at workers that could take the demand, were they empty, and may be given work. */
  valuesOf(label: string, demand: Demand): ReadonlySet<string> {
    const values = new Set<string>();
    for (const each of this.classes()) {
      if (each.eligible === 0 || !each.empty.mayFit(demand)) continue;
      if (escapes(label))
        for (const { worker, labels } of each.members) addValue(values, worker.eligible, labels[label]);
      else addValue(values, true, each.labels[label]);
    }
    return values;
  }

  /** Of those that may be given work, and could take the demand, were they empty. */
  ring(demand: Demand): Ring {
    const key = JSON.stringify([demand.dims, demand.needs]);
    let ring = this.#rings.get(key);
    if (ring === undefined) {
      ring = new Ring(
        [...this.members()].filter(({ worker, of, place }) => worker.eligible && of.empty.fits(place, demand)),
      );
      this.#rings.set(key, ring);
    }
    return ring;
  }

  /** Classes of it have other members, or members that may be given work. */
  changed(): void {
    this.#rings.clear();
    for (const level of this.levels) level.changed();
  }

  remove(workerClass: WorkerClass): void {
    if (!workerClass.leave(this)) return;
    this.eligible -= workerClass.eligible;
    if (this.wanting > 0) workerClass.wanting--;
    const at = this.levels.findIndex(({ classes }) => classes.includes(workerClass));
    const level = this.levels[at];
    if (level === undefined) return;
    level.classes.splice(level.classes.indexOf(workerClass), 1);
    this.changed();
    if (level.classes.length === 0) this.levels.splice(at, 1);
  }

  /** The parked route lacks nothing but a slot. */
  wantSlot(route: PlacedRoute): void {
    if (!route.wantsSlot) this.#want(1);
    route.wantsSlot = true;
  }

  /** It is not parked any more. */
  wantNoSlot(route: PlacedRoute): void {
    if (route.wantsSlot) this.#want(-1);
    route.wantsSlot = false;
  }

  #want(more: 1 | -1): void {
    this.wanting += more;
    const turned = more === 1 ? this.wanting === 1 : this.wanting === 0;
    if (turned) for (const each of this.classes()) each.wanting += more;
  }

  /** Somebody has room but for a slot. */
  lacksSlotAlone(demand: Demand): boolean {
    for (const { classes } of this.levels)
      for (const { free } of classes) if (free.mayFitBeside(demand, SLOTS_AT)) return true;
    return false;
  }

  mayFit(demand: Demand): boolean {
    for (const { classes } of this.levels) for (const { free } of classes) if (free.mayFit(demand)) return true;
    return false;
  }
}

function addValue(values: Set<string>, may: boolean, value: string | undefined): void {
  if (may && value !== undefined) values.add(value);
}

function scoreOf(prefer: readonly Preference[], { labels }: WorkerClass): number {
  let score = 0;
  let all = 0;
  for (const { where, weight } of prefer) {
    all += Math.abs(weight);
    if (satisfies(where, labels)) score += weight;
  }
  return all === 0 ? 0 : Math.round((score / all) * STEPS) / STEPS;
}
