import type { Runtime } from '@drover/runtime';

/** So late an answer to a write may be: what is further back is no late answer. */
const LATE_MS = 60_000;

/**
 * ZooKeeper's wall clock as this leader reckons it: what is due when follows from times that ZooKeeper wrote (`ctime`),
 * so it is compared with the same clock. Set by the times in the answers to our writes, moved on by the monotonic clock,
 * never back: a jump of this machine's wall clock changes nothing.
 */
export class TermClock {
  readonly #runtime: Runtime;
  #serverMs: number;
  #setAt: number;
  #last = 0;

  constructor(runtime: Runtime, serverMs: number | null) {
    this.#runtime = runtime;
    this.#serverMs = serverMs ?? runtime.now();
    this.#setAt = runtime.monotonic();
  }

  /**
   * `serverMs`: a time that the server has just written. Returns by how many milliseconds ZooKeeper's clock was set back; 0:
   * it was not, or by so little that this may be a late answer. A term cannot go on with a clock that was set back: it
   * would stand still until ZooKeeper's has caught up.
   */
  set(serverMs: number): number {
    const backMs = this.now() - serverMs;
    this.#serverMs = serverMs;
    this.#setAt = this.#runtime.monotonic();
    return backMs > LATE_MS ? backMs : 0;
  }

  now(): number {
    this.#last = Math.max(this.#last, Math.round(this.#serverMs + this.#runtime.monotonic() - this.#setAt));
    return this.#last;
  }

  /**
   * A time that was written before, by this clock: never later than now. One that is later was written while ZooKeeper's
   * clock was ahead, and nobody waits until then.
   */
  past(atMs: number): number {
    return Math.min(atMs, this.now());
  }
}
