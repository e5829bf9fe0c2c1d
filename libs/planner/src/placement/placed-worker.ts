import { isDevice, SLOTS, UNIT, type Amounts } from '@drover/core';
import type { Account } from '../accounts.js';
import type { WorkerState } from '../worker-state.js';
import { Devices } from './devices.js';
import { SLOTS_AT, type Demand, type Dimensions } from './dimensions.js';
import type { WorkerClass } from './worker-class.js';

/** Devices of one assignment at a worker: of each resource the names, and how much of each is held. */
export type HeldDevices = readonly (readonly [resource: string, names: readonly string[], amount: number])[];

/** A worker as the books of resources see it: what it has, and what is claimed of it. */
export class PlacedWorker {
  readonly worker: WorkerState;
  readonly #dimensions: Dimensions;
  of: WorkerClass;
  /** In the trees of its class. */
  place = -1;
  /** With its labels that escape. */
  labels: Readonly<Record<string, string>> = {};
  /** Amounts of its resources, over-commit included. */
  capacity: Amounts = {};
  #declared: Readonly<Record<string, readonly string[]>> = {};
  readonly claimed = new Map<string, number>();
  readonly devices = new Map<string, Devices>();
  /** Slots that placed tasks claim, in thousandths. */
  slots = 0;
  /** Places that tasks of a type have here. */
  readonly #byType = new Map<string, number>();
  /** It has grown: it is to look for a parked route, or has woken one of this account. Null: neither. */
  offer: Account | 'due' | null = null;
  /** Kept for one class: nothing else sees its room. */
  isKept = false;
  isCountedEligible = false;
  /** As the tree of empty workers knows it; null: not yet, or it has other amounts. */
  isCountedUsable: boolean | null = null;
  #vector = new Float64Array(4);

  constructor(worker: WorkerState, of: WorkerClass, dimensions: Dimensions) {
    this.worker = worker;
    this.of = of;
    this.#dimensions = dimensions;
  }

  /** It has more or less than before. Claims stay what they are. */
  declare(capacity: Amounts, devices: Readonly<Record<string, readonly string[]>>): void {
    this.capacity = capacity;
    this.isCountedUsable = null;
    for (const [name, names] of Object.entries(devices)) {
      if (this.#declared[name]?.join('|') === names.join('|')) continue;
      const known = this.devices.get(name);
      if (known === undefined) this.devices.set(name, new Devices(names));
      else known.declare(names);
    }
    for (const [name, known] of this.devices) if (devices[name] === undefined) known.declare([]);
    this.#declared = devices;
  }

  /** So many more places of the demand are claimed, for tasks of the type; fewer below 0. */
  claim({ amounts }: Demand, type: string, places: number): void {
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + places);
    for (const name in amounts) {
      const more = (amounts[name] as number) * places;
      if (name === SLOTS) this.slots += more;
      else this.claimed.set(name, (this.claimed.get(name) ?? 0) + more);
    }
  }

  /** Places of tasks of the type that claim resources. */
  placesOf(type: string): number {
    return this.#byType.get(type) ?? 0;
  }

  /** So many more tasks of the type it runs at a time, beside what it runs. */
  leftOf(type: string): number {
    const limit = this.worker.concurrency?.[type];
    if (limit === undefined) return Infinity;
    return Math.max(0, limit - this.worker.outOf(type) - this.placesOf(type));
  }

  /** It may be given something. */
  get canTake(): boolean {
    return this.worker.eligible && !this.worker.pressed && !this.isKept;
  }

  /** Its capacity, or what it has at another place of the trees. */
  writeAll(): boolean {
    const { empty } = this.of;
    if (this.worker.isUsable) empty.set(this.place, this.#fill(true));
    else empty.clear(this.place);
    return this.write();
  }

  /** Writes its free amounts into the tree. True: something has grown. */
  write(): boolean {
    const { free } = this.of;
    const { place } = this;
    const wasOpen = free.at(place, SLOTS_AT) >= 0;
    if (!this.canTake) {
      if (wasOpen) free.clear(place);
      return false;
    }
    const vector = this.#fill(false);
    let grew = !wasOpen;
    let isOther = grew;
    for (let at = 0; !grew && at < free.stride; at++) {
      const before = free.at(place, at);
      const now = vector[at] as number;
      grew = now > before;
      isOther ||= now !== before;
    }
    if (isOther || grew) free.set(place, vector);
    return grew;
  }

  /** As its trees hold it now: the part that is taken of the resource of which most is, 0 to 1. */
  load = 0;

  /** How many times the demand fits, by its free amounts and its devices. */
  times(demand: Demand): number {
    let times = this.of.free.times(this.place, demand);
    for (const [name, amount] of demand.devices) {
      const devices = this.devices.get(name);
      if (devices !== undefined) times = Math.min(times, devices.times(amount));
    }
    return Math.min(times, 1e6);
  }

  /** The amount of the resource that nobody has claimed; below 0: more is claimed than it has now. */
  freeOf(name: string): number {
    return name === SLOTS ? this.worker.freeSlots * UNIT : (this.capacity[name] ?? 0) - (this.claimed.get(name) ?? 0);
  }

  /** The same, whether it may be given anything or not. */
  timesUnseen(demand: Demand): number {
    let times = 1e6;
    for (const name in demand.amounts) {
      const needs = demand.amounts[name] as number;
      if (needs <= 0) continue;
      times = Math.min(times, Math.floor(this.freeOf(name) / needs), this.devices.get(name)?.times(needs) ?? Infinity);
    }
    return Math.max(0, times);
  }

  #fill(asEmpty: boolean): Float64Array {
    const dimensions = this.#dimensions;
    const { stride } = this.of.free;
    let load = 1 - Math.max(0, this.worker.freeSlots) / Math.max(1, this.worker.capacity);
    if (this.#vector.length < stride) this.#vector = new Float64Array(stride);
    const vector = this.#vector.fill(0);
    vector[SLOTS_AT] = (asEmpty ? this.worker.capacity : Math.max(0, this.worker.freeSlots)) * UNIT;
    for (const name in this.capacity) {
      const all = this.capacity[name] as number;
      if (name === SLOTS) continue;
      const free = asEmpty ? all : Math.max(0, all - (this.claimed.get(name) ?? 0));
      if (all > 0) load = Math.max(load, 1 - free / all);
      const at = dimensions.at(name);
      if (at !== null) vector[at] = free;
      if (isDevice(name)) this.#fillDevices(vector, name, free, asEmpty);
    }
    if (!asEmpty) this.load = load;
    return vector;
  }

  #fillDevices(vector: Float64Array, name: string, free: number, asEmpty: boolean): void {
    const devices = this.devices.get(name);
    const [wholeAt, partAt] = [this.#dimensions.wholeAt(name), this.#dimensions.partAt(name)];
    const whole = devices === undefined ? free : asEmpty ? devices.names.length * UNIT : devices.whole;
    const part =
      devices === undefined
        ? Math.min(UNIT, free)
        : asEmpty
          ? Math.min(UNIT, devices.names.length * UNIT)
          : devices.part;
    if (wholeAt !== null) vector[wholeAt] = Math.min(whole, free);
    if (partAt !== null) vector[partAt] = Math.min(part, free);
  }

  /** Devices for so many places of the demand; null: they are not to be had. */
  takeDevices(demand: Demand, places: number): HeldDevices | null {
    const held: [string, string[], number][] = [];
    for (const [name, amount] of demand.devices) {
      const devices = this.devices.get(name);
      if (devices === undefined) continue;
      const names: string[] = [];
      for (let place = 0; place < places; place++) names.push(...(devices.take(amount) ?? []));
      held.push([name, names, amount]);
      if (names.length === places * Math.max(1, amount / UNIT)) continue;
      this.releaseDevices(held);
      return null;
    }
    return held;
  }

  holdDevices(held: HeldDevices): void {
    for (const [name, names, amount] of held) this.devices.get(name)?.hold(names, amount);
  }

  releaseDevices(held: HeldDevices): void {
    for (const [name, names, amount] of held) this.devices.get(name)?.release(names, amount);
  }
}
