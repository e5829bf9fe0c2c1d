import { PROBE_MS, PROBES } from './settings.js';

/**
 * The first tasks of a type whose pace nobody has told. Divided among a thousand workers they would be a thousand
 * assignments of a few tasks each, and a type that takes no time would go that way until the first has answered. So a few
 * workers are given some; then twice as many, and so on, until it is known how to divide.
 */
export class Probe {
  #since: number | null = null;
  #given = 0;

  /** To how many workers that had none before tasks may go at `now`. */
  allowance(now: number): number {
    return Math.max(0, PROBES * 2 ** this.#doublings(now) - this.#given);
  }

  /** One that had none before was given some. */
  gave(): void {
    this.#given++;
  }

  /** When the allowance is larger than at `now`. */
  growsAt(now: number): number {
    return (this.#since ?? now) + (this.#doublings(now) + 1) * PROBE_MS;
  }

  #doublings(now: number): number {
    this.#since ??= now;
    return Math.max(0, Math.floor((now - this.#since) / PROBE_MS));
  }
}
