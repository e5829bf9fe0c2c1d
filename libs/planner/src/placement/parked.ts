import { isSeatBefore, type Seat } from '../bands.js';
import type { SubQueue } from '../sub-queue.js';
import { isTurnBefore } from '../turn-order.js';
import { SLOTS_AT } from './dimensions.js';
import type { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';

/** The parked routes that fit a worker, as one look finds them. */
export interface Fitting {
  /** The one whose turn is first of those at which somebody waits; null: there is none. */
  readonly first: PlacedRoute | null;
  /** To be woken whatever is first: nobody waits there, or some take turns already, or room alone is not enough. */
  readonly others: readonly PlacedRoute[];
}

/**
 * The parked routes, as a table: whenever a worker grows, each of them is looked at. So a row lies beside the next one, and has
 * all that most looks need: the needs of a task, the group, the seat of whoever waits first.
 */
export class Parked {
  readonly #routes: PlacedRoute[] = [];
  readonly #heads: (SubQueue | null)[] = [];
  readonly #seats: (Seat | null)[] = [];
  /** By row, 1: whoever waits first there is to be found anew. */
  #stale = new Uint8Array(64);
  #groups = new Int32Array(64);
  #needs = new Float64Array(64 * 4);
  #stride = 4;
  /** Nothing of the table needs less. Rows that have left may have needed it: so it is found anew now and then. */
  #least = new Float64Array(4).fill(Infinity);
  #left = 0;

  get size(): number {
    return this.#routes.length;
  }

  /** Those that are parked at this moment. */
  [Symbol.iterator](): Iterator<PlacedRoute> {
    return [...this.#routes].values();
  }

  has({ row }: PlacedRoute): boolean {
    return row >= 0;
  }

  /** Vectors have so many numbers from now on. */
  widen(stride: number): void {
    if (stride <= this.#stride) return;
    this.#stride = stride;
    this.#needs = new Float64Array(this.#groups.length * stride);
    this.#least = new Float64Array(stride).fill(Infinity);
    for (const route of this.#routes) this.#write(route);
  }

  add(route: PlacedRoute): void {
    route.row = this.#routes.length;
    this.#routes.push(route);
    if (this.#routes.length > this.#groups.length) this.#grow();
    this.#write(route);
    route.parkedIn = this;
    this.#heads[route.row] = null;
    this.#seats[route.row] = null;
    this.changed(route);
  }

  /** The last one takes its row. */
  remove(route: PlacedRoute): void {
    const { row } = route;
    const last = this.#routes.pop();
    if (last === undefined) return;
    this.#left++;
    const [head, seat] = [this.#heads.pop() ?? null, this.#seats.pop() ?? null];
    route.row = -1;
    route.parkedIn = null;
    if (last === route) return;
    last.row = row;
    this.#routes[row] = last;
    this.#heads[row] = head;
    this.#seats[row] = seat;
    this.#stale[row] = this.#stale[this.#routes.length] as number;
    this.#write(last);
  }

  /** Others wait at it than before. */
  changed({ row }: PlacedRoute): void {
    this.#stale[row] = 1;
  }

  /** The seat of whoever waits first; null: nobody does, or its tasks are tied to others. */
  #seatAt(row: number, route: PlacedRoute): Seat | null {
    if (this.#stale[row] === 1 || route.sides.size > 0) {
      const head = route.ties === null ? route.head : null;
      this.#heads[row] = head;
      this.#seats[row] = head?.queue.seat ?? null;
      // Of several the first may be another one next time: whoever is served elsewhere sinks here.
      if (route.size <= 1) this.#stale[row] = 0;
    }
    return this.#seats[row] ?? null;
  }

  /** Those that fit the member now. Others that lack nothing but a slot there want one from now on. */
  fitting(member: PlacedWorker): Fitting {
    const { free, takes } = member.of;
    const room = free.vector(member.place);
    const stride = this.#stride;
    if (!this.#mayFit(room)) return NONE;
    const needs = this.#needs;
    const groups = this.#groups;
    const others: PlacedRoute[] = [];
    let first = -1;
    for (let row = 0, at = 0; row < this.#routes.length; row++, at += stride) {
      if (takes[groups[row] as number] !== 1) continue;
      let dim = stride - 1;
      while (dim > SLOTS_AT && (needs[at + dim] as number) <= (room[dim] as number)) dim--;
      if (dim > SLOTS_AT) continue;
      const route = this.#routes[row] as PlacedRoute;
      if ((needs[at] as number) > (room[SLOTS_AT] as number)) route.group.wantSlot(route);
      else if (route.standing > 0 || this.#seatAt(row, route) === null) {
        if (route.fits(member)) others.push(route);
      } else if ((first < 0 || this.#isBefore(row, first)) && route.fits(member)) first = row;
    }
    return { first: this.#routes[first] ?? null, others };
  }

  /** But for slots: who lacks nothing else is to be found too. */
  #mayFit(room: Float64Array): boolean {
    if (this.#left > this.#routes.length) {
      this.#left = 0;
      this.#least.fill(Infinity);
      for (const { row } of this.#routes) this.#lower(row);
    }
    for (let dim = SLOTS_AT + 1; dim < this.#stride; dim++)
      if ((this.#least[dim] as number) > (room[dim] as number)) return false;
    return true;
  }

  #lower(row: number): void {
    const at = row * this.#stride;
    for (let dim = 0; dim < this.#stride; dim++)
      if ((this.#needs[at + dim] as number) < (this.#least[dim] as number))
        this.#least[dim] = this.#needs[at + dim] as number;
  }

  #isBefore(a: number, b: number): boolean {
    const [seatA, seatB] = [this.#seats[a] as Seat, this.#seats[b] as Seat];
    if (seatA === seatB) return isTurnBefore(this.#heads[a] as SubQueue, this.#heads[b] as SubQueue);
    if (seatA.band !== seatB.band) return seatA.band.priority > seatB.band.priority;
    return isSeatBefore(seatA, seatB);
  }

  #write({ row, group, demand: { dims, needs } }: PlacedRoute): void {
    const at = row * this.#stride;
    this.#groups[row] = group.number;
    this.#needs.fill(0, at, at + this.#stride);
    for (let n = 0; n < dims.length; n++) this.#needs[at + (dims[n] as number)] = needs[n] as number;
    this.#lower(row);
  }

  #grow(): void {
    const groups = new Int32Array(2 * this.#groups.length);
    groups.set(this.#groups);
    this.#groups = groups;
    const stale = new Uint8Array(groups.length);
    stale.set(this.#stale);
    this.#stale = stale;
    const needs = new Float64Array(groups.length * this.#stride);
    needs.set(this.#needs);
    this.#needs = needs;
  }
}

const NONE: Fitting = { first: null, others: [] };
