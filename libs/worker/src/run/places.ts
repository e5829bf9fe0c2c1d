import type { Amounts } from '@drover/core';
import { NO_DEVICES, type Devices } from './resources.js';
import type { Claim, Slots } from './slots.js';

/** Of an assignment whose tasks name resources: so many of them run at a time, each with devices of its own. */
export class Places {
  readonly #width: number;
  readonly #devices: Devices;
  /** The place of each claim. */
  readonly #busy = new Map<Claim, number>();

  constructor(width: number | undefined, devices: Devices = NO_DEVICES) {
    this.#devices = devices;
    this.#width = width ?? (devices === NO_DEVICES ? Infinity : 1);
  }

  /** `null`: there is no room for another task now. */
  claim(slots: Slots, demand: Amounts): Claim | null {
    if (this.#busy.size >= this.#width) return null;
    if (this.#devices === NO_DEVICES) return this.#begin(0, slots.claim(demand, NO_DEVICES));
    const busy = new Set(this.#busy.values());
    for (let place = 0; place < this.#width; place++) {
      const claim = busy.has(place) ? null : this.#begin(place, slots.claim(demand, this.#chunk(place)));
      if (claim !== null) return claim;
    }
    return null;
  }

  /** Why no place of it can ever run such a task; `null`: one can. */
  lacks(slots: Slots, demand: Amounts): string | null {
    if (this.#devices === NO_DEVICES) return slots.lacks(demand, NO_DEVICES);
    let reason: string | null = null;
    for (let place = 0; place < this.#width; place++) {
      reason = slots.lacks(demand, this.#chunk(place));
      if (reason === null) return null;
    }
    return reason;
  }

  /** Its task has ended. */
  free(claim: Claim): void {
    this.#busy.delete(claim);
  }

  #begin(place: number, claim: Claim | null): Claim | null {
    if (claim !== null) this.#busy.set(claim, place);
    return claim;
  }

  #chunk(place: number): Devices {
    return Object.fromEntries(
      Object.entries(this.#devices).map(([resource, names]) => {
        const count = Math.max(1, Math.floor(names.length / this.#width));
        return [resource, names.slice(place * count, (place + 1) * count)];
      }),
    );
  }
}
