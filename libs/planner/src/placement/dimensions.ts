import { isDevice, SLOTS, UNIT, type Amounts } from '@drover/core';

/** The place of free slots in every vector. */
export const SLOTS_AT = 0;
/** More names than these are not told apart: a cell has 16 resources. */
const MOST_NAMES = 64;

/** The needs of one task at its worker, as places in vectors of free amounts; 0 of a resource is not named there. */
export interface Demand {
  readonly amounts: Amounts;
  readonly dims: readonly number[];
  readonly needs: readonly number[];
  /** Of resources that are devices. */
  readonly devices: readonly (readonly [resource: string, amount: number])[];
  /** Resources that the task names are left out: the whole system has them. */
  readonly isPart: boolean;
  /** It names more resources than can be told apart: no worker has it. */
  readonly isImpossible: boolean;
}

/**
 * The resources that somebody has or needs, as places in vectors. Of devices two more numbers are kept: `whole`, of devices
 * that nobody has, and `part`, the most that is left of one; so whoever finds room in a vector finds it at the devices.
 */
export class Dimensions {
  readonly #at = new Map<string, number>([[SLOTS, SLOTS_AT]]);

  get size(): number {
    return this.#at.size;
  }

  /** Null: there are too many names. */
  at(name: string): number | null {
    const known = this.#at.get(name);
    if (known !== undefined) return known;
    if (this.#at.size >= MOST_NAMES) return null;
    const at = this.#at.size;
    this.#at.set(name, at);
    return at;
  }

  /** Somebody has it. */
  learn(name: string): void {
    this.at(name);
    if (!isDevice(name)) return;
    this.wholeAt(name);
    this.partAt(name);
  }

  wholeAt(name: string): number | null {
    return this.at(`${name} whole`);
  }

  partAt(name: string): number | null {
    return this.at(`${name} part`);
  }

  /** `skips`: resources that no worker has, for the whole system has them. */
  demand(amounts: Amounts, skips: (name: string) => boolean): Demand {
    const dims: number[] = [];
    const needs: number[] = [];
    const devices: [string, number][] = [];
    const own: Record<string, number> = {};
    let isImpossible = false;
    let isPart = false;
    for (const [name, amount] of Object.entries(amounts)) {
      if (skips(name)) {
        isPart = true;
        continue;
      }
      own[name] = amount;
      if (amount <= 0) continue;
      const at = this.#placeOf(name, amount);
      if (at === null) isImpossible = true;
      else {
        dims.push(at);
        needs.push(amount);
      }
      if (isDevice(name)) devices.push([name, amount]);
    }
    return { amounts: own, dims, needs, devices, isPart, isImpossible };
  }

  #placeOf(name: string, amount: number): number | null {
    if (!isDevice(name)) return this.at(name);
    return amount % UNIT === 0 ? this.wholeAt(name) : this.partAt(name);
  }
}
