import { formatAmount, UNIT, type Amounts } from '@drover/core';

/** Names of devices by resource: `{ gpu: ['0', '3'] }`. */
export type Devices = Readonly<Record<string, readonly string[]>>;

/** The resources of a worker, besides its slots. */
export interface Stock {
  readonly amounts: Amounts;
  /** Their amounts are in `amounts` too. */
  readonly devices: Devices;
  /** Tasks may need so many times an amount, such as 1.5. Absent: 1. */
  readonly overcommit: Readonly<Record<string, number>>;
}

export const NO_STOCK: Stock = Object.freeze({ amounts: {}, devices: {}, overcommit: {} });
export const NO_DEVICES: Devices = Object.freeze({});

/**
 * The resources of the worker, and the parts that running tasks have: their sum is never above the capacity, whatever a leader
 * assigns. A capacity that becomes less takes nothing away: those that run go on, and nothing begins until it fits.
 *
 * A task has whole devices, or a part of one. Parts are told by amounts alone, so that two halves and one whole never meet.
 */
export class Resources {
  #capacity: Stock;
  readonly #taken = new Map<string, number>();
  /** Of each device, by `<resource>/<name>`: thousandths. */
  readonly #held = new Map<string, number>();

  constructor(capacity: Stock = NO_STOCK) {
    this.#capacity = capacity;
  }

  get capacity(): Stock {
    return this.#capacity;
  }

  declare(capacity: Stock): void {
    this.#capacity = capacity;
  }

  /** Why such a demand can never be met here, even if nothing runs; `null`: it can. `named`: its devices. */
  lacks(demand: Amounts, named: Devices): string | null {
    for (const [name, amount] of Object.entries(demand)) {
      const most = this.#most(name);
      if (amount > most)
        return `it needs ${name}=${formatAmount(name, amount)}, this worker has ${formatAmount(name, most)}`;
      const there = this.#capacity.devices[name];
      const given = named[name] ?? [];
      if (there === undefined || amount === 0 || given.length === 0) continue;
      const gone = given.find((device) => !there.includes(device));
      if (gone !== undefined) return `it was given the device ${gone} of ${name}, which this worker does not have`;
      if (!isSet(given, countOf(amount)))
        return `it was given ${given.join(', ')} of ${name}, it needs ${countOf(amount)} of its own`;
    }
    return null;
  }

  /** Takes what a task needs, and returns its devices; `null`: there is no room now. `named`: the devices that it is to have. */
  take(demand: Amounts, named: Devices): Devices | null {
    for (const [name, amount] of Object.entries(demand))
      if ((this.#taken.get(name) ?? 0) + amount > this.#most(name)) return null;
    const devices = this.#devicesFor(demand, named);
    if (devices !== null) this.#move(demand, devices, 1);
    return devices;
  }

  giveBack(demand: Amounts, devices: Devices): void {
    this.#move(demand, devices, -1);
  }

  #move(demand: Amounts, devices: Devices, sign: 1 | -1): void {
    for (const [name, amount] of Object.entries(demand)) {
      add(this.#taken, name, sign * amount);
      const of = devices[name] ?? [];
      for (const device of of) add(this.#held, `${name}/${device}`, (sign * amount) / of.length);
    }
  }

  #devicesFor(demand: Amounts, named: Devices): Devices | null {
    let found: Record<string, readonly string[]> | null = null;
    for (const [name, amount] of Object.entries(demand)) {
      const there = this.#capacity.devices[name];
      if (there === undefined || amount === 0) continue;
      const devices = this.#choose(name, there, amount, named[name] ?? []);
      if (devices === null) return null;
      found ??= {};
      found[name] = devices;
    }
    return found ?? NO_DEVICES;
  }

  /** Those that are named; without names the fullest that has room for a part, and any for whole ones. */
  #choose(name: string, there: readonly string[], amount: number, named: readonly string[]): readonly string[] | null {
    const count = countOf(amount);
    const left = (device: string): number => this.#ofEach(name) - (this.#held.get(`${name}/${device}`) ?? 0);
    const hasRoom = (device: string): boolean => left(device) >= amount / count;
    if (named.length > 0) {
      const isGood = isSet(named, count) && named.every((device) => there.includes(device) && hasRoom(device));
      return isGood ? named : null;
    }
    const free = there.filter(hasRoom).sort((a, b) => left(a) - left(b));
    return free.length < count ? null : free.slice(0, count);
  }

  #most(name: string): number {
    return Math.floor((this.#capacity.amounts[name] ?? 0) * (this.#capacity.overcommit[name] ?? 1));
  }

  #ofEach(name: string): number {
    return Math.floor(UNIT * (this.#capacity.overcommit[name] ?? 1));
  }
}

/** How many devices a task has: a part is of one. */
const countOf = (amount: number): number => Math.max(1, amount / UNIT);

/** As many as that, none twice. */
const isSet = (names: readonly string[], count: number): boolean =>
  names.length === count && new Set(names).size === count;

function add(to: Map<string, number>, key: string, amount: number): void {
  const sum = (to.get(key) ?? 0) + amount;
  if (sum === 0) to.delete(key);
  else to.set(key, sum);
}
