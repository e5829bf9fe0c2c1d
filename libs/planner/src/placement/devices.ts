import { UNIT } from '@drover/core';

/** The devices of one resource at a worker, and how much of each is held, in thousandths. */
export class Devices {
  #names: readonly string[];
  /** Of those that the worker does not have any more too: they may come back before what has them has ended. */
  readonly #held = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** The worker has these from now on. */
  declare(names: readonly string[]): void {
    this.#names = names;
  }

  /** Of those that nobody has a part of. */
  get whole(): number {
    let whole = 0;
    for (const name of this.#names) if (this.#free(name) === UNIT) whole += UNIT;
    return whole;
  }

  /** The most that is left of one. */
  get part(): number {
    let part = 0;
    for (const name of this.#names) part = Math.max(part, this.#free(name));
    return part;
  }

  /** How many times whole devices, or a part of one, are to be had. */
  times(amount: number): number {
    if (amount % UNIT === 0) return Math.floor(this.whole / amount);
    if (amount > UNIT) return 0;
    let times = 0;
    for (const name of this.#names) times += Math.floor(this.#free(name) / amount);
    return times;
  }

  /** Takes whole devices, or a part of the one that has the least left that suffices. Null: there are none. */
  take(amount: number): readonly string[] | null {
    const taken = amount % UNIT === 0 ? this.#wholes(amount / UNIT) : this.#bestPart(amount);
    if (taken !== null) this.hold(taken, amount);
    return taken;
  }

  /** These are held: a leader before has named them. */
  hold(names: readonly string[], amount: number): void {
    this.#move(names, amount);
  }

  release(names: readonly string[], amount: number): void {
    this.#move(names, -amount);
  }

  #move(names: readonly string[], amount: number): void {
    const each = Math.min(UNIT, Math.abs(amount)) * Math.sign(amount);
    for (const name of names) {
      const held = (this.#held.get(name) ?? 0) + each;
      if (held === 0) this.#held.delete(name);
      else this.#held.set(name, held);
    }
  }

  #free(name: string): number {
    return UNIT - (this.#held.get(name) ?? 0);
  }

  #wholes(count: number): readonly string[] | null {
    const whole = this.#names.filter((name) => this.#free(name) === UNIT).slice(0, count);
    return whole.length === count ? whole : null;
  }

  #bestPart(amount: number): readonly string[] | null {
    let best: string | null = null;
    let least = Infinity;
    for (const name of this.#names) {
      const free = this.#free(name);
      if (free < amount || free >= least) continue;
      best = name;
      least = free;
    }
    return best === null ? null : [best];
  }
}
