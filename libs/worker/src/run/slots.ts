import { SLOTS, UNIT, type Amounts } from '@drover/core';
import { NO_DEVICES, Resources, type Devices } from './resources.js';

/** The share of a task while it runs. */
export interface Claim {
  /** In thousandths of a slot. */
  readonly slots: number;
  /** Besides slots. */
  readonly amounts: Amounts;
  readonly devices: Devices;
}

/** Of a task that names no resources: a slot, and nothing else. */
export const ONE_SLOT: Claim = Object.freeze({ slots: UNIT, amounts: {}, devices: NO_DEVICES });

/**
 * How much a worker runs, over all its incarnations: what an expired session has left behind is aborted, but as long as it
 * has not ended it takes its place, and nothing new may begin there. Most tasks take a slot; some name other resources, or
 * other parts of a slot. Types may have a limit of their own.
 */
export class Slots {
  #capacity: number;
  /** Slots that it may come to have. */
  readonly #most: number;
  readonly resources: Resources;
  /** In thousandths. */
  #taken = 0;
  readonly #takenOf = new Map<string, number>();
  /** Types of which fewer may run at a time: so many. */
  limits: ReadonlyMap<string, number> = new Map();
  /** There is room again. */
  onFree: () => void = () => undefined;

  /** `most`: where the number of slots follows what tasks meet, the highest that it may reach. */
  constructor(capacity: number, resources = new Resources(), most = capacity) {
    this.#capacity = capacity;
    this.#most = most;
    this.resources = resources;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Fewer slots take nothing away: nothing begins until enough of what runs has ended. */
  set capacity(capacity: number) {
    const isMore = capacity > this.#capacity;
    this.#capacity = capacity;
    if (isMore) this.onFree();
  }

  /** No whole slot is free. */
  get isFull(): boolean {
    return this.#taken + UNIT > this.#capacity * UNIT;
  }

  /** As many of the type run as may. */
  isFullOf(type: string): boolean {
    if (this.limits.size === 0) return false;
    return (this.#takenOf.get(type) ?? 0) >= (this.limits.get(type) ?? Infinity);
  }

  /** Why such a demand can never be met here; `null`: it can. See `Resources.lacks`. */
  lacks(demand: Amounts, named: Devices): string | null {
    const { slots, amounts } = split(demand);
    if (slots > this.#most * UNIT) return `it needs ${slots / UNIT} slots, this worker has ${this.#most}`;
    return this.resources.lacks(amounts, named);
  }

  /** Takes what a task with this demand needs; `null`: there is no room now. See `Resources.take`. */
  claim(demand: Amounts, named: Devices): Claim | null {
    const { slots, amounts } = split(demand);
    if (this.#taken + slots > this.#capacity * UNIT) return null;
    const devices = this.resources.take(amounts, named);
    if (devices === null) return null;
    this.#taken += slots;
    return { slots, amounts, devices };
  }

  /** Gives back what no task has begun with. */
  drop(claim: Claim): void {
    this.#taken -= claim.slots;
    this.resources.giveBack(claim.amounts, claim.devices);
  }

  /** A task of the type begins, with a slot or with what it has claimed. */
  take(type: string, claim = ONE_SLOT): void {
    if (claim === ONE_SLOT) this.#taken += UNIT;
    if (this.limits.has(type)) this.#takenOf.set(type, (this.#takenOf.get(type) ?? 0) + 1);
  }

  giveBack(type: string, claim = ONE_SLOT): void {
    const wasFull = this.isFull || this.isFullOf(type) || claim !== ONE_SLOT;
    this.drop(claim);
    if (this.limits.has(type)) this.#takenOf.set(type, (this.#takenOf.get(type) ?? 1) - 1);
    if (wasFull) this.onFree();
  }
}

function split(demand: Amounts): { slots: number; amounts: Amounts } {
  const { [SLOTS]: slots = UNIT, ...amounts } = demand;
  return { slots, amounts };
}
