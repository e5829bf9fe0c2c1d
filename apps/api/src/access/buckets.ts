/** So many a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Names whose buckets are remembered; beyond it those that were used longest ago are forgotten, and so are full again. */
const MOST = 10_000;

/** A token bucket for each name. Times are milliseconds of a monotonic clock. */
export class Buckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one. 0: there was one; else it took none, and there will be one after so many milliseconds. */
  take(name: string, now: number): number {
    const waitMs = this.waitMs(name, now);
    if (waitMs === 0) {
      const bucket = this.#filled(name, now);
      bucket.left -= 1;
      // The last used one is last in the map.
      this.#buckets.delete(name);
      this.#buckets.set(name, bucket);
      this.#forget();
    }
    return waitMs;
  }

  /** For how long there is none; 0: there is one. */
  waitMs(name: string, now: number): number {
    const { left } = this.#filled(name, now);
    return left >= 1 ? 0 : Math.ceil(((1 - left) / this.#rate.perSecond) * 1_000);
  }

  #filled(name: string, now: number): Bucket {
    const { perSecond, burst } = this.#rate;
    const known = this.#buckets.get(name);
    if (known === undefined) return { left: burst, at: now };
    const left = Math.min(burst, known.left + (Math.max(0, now - known.at) / 1_000) * perSecond);
    return { left, at: now };
  }

  #forget(): void {
    if (this.#buckets.size <= MOST) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
