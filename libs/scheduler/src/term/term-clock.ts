import type { Runtime } from '@drover/runtime';

/** A clock of ZooKeeper that was set back by less than this is waited for. */
const BORNE_MS = 60_000;
/** ZooKeeper writes whole milliseconds: it may be as much later. */
const PRECISION_MS = 1;

/** A time that ZooKeeper wrote for us, and when we asked for it by our monotonic clock. Milliseconds. */
export interface Written {
  readonly serverMs: number;
  readonly askedAt: number;
}

/**
 * ZooKeeper's wall clock as this leader reckons it: what is due when follows from times that ZooKeeper wrote (`ctime`),
 * so it is compared with the same clock. Moved on by the monotonic clock, never back: a jump of this machine's wall clock
 * changes nothing.
 *
 * ZooKeeper took the time of a write between our request and its answer. So each answer says how far ZooKeeper's clock is
 * ahead of the monotonic one at least, and at most; a late answer says little, and what earlier ones said stands. The
 * clock shows the least: then nothing happens too early by a clock that is ahead. It must not be behind the times that it
 * is compared with either: a delay that was counted from too early a time would be over too early once the clock is right.
 * So a time that was written by others, and can be right, moves it on as well (`past`).
 */
export class TermClock {
  readonly #runtime: Runtime;
  /** How far ZooKeeper's clock is ahead of the monotonic one. */
  #leastMs: number;
  #mostMs: number;
  #last = 0;

  /** `null`: nothing is known but the wall clock of this machine. */
  constructor(runtime: Runtime, written: Written | null) {
    this.#runtime = runtime;
    const known = written ?? { serverMs: runtime.now(), askedAt: runtime.monotonic() };
    this.#leastMs = known.serverMs - runtime.monotonic();
    this.#mostMs = known.serverMs + PRECISION_MS - known.askedAt;
  }

  /**
   * ZooKeeper has just answered. Returns by how many milliseconds its clock was set back; 0: it was not, or by so little that
   * the leader waits for it. A term cannot go on with a clock that was set back by more: it would stand still until
   * ZooKeeper's has caught up.
   */
  set({ serverMs, askedAt }: Written): number {
    const least = serverMs - this.#runtime.monotonic();
    const most = serverMs + PRECISION_MS - askedAt;
    const backMs = this.#leastMs - most;
    // If the two ranges share nothing, somebody has set a clock since.
    const isMoved = backMs > 0 || least > this.#mostMs;
    this.#leastMs = isMoved ? least : Math.max(least, this.#leastMs);
    this.#mostMs = isMoved ? most : Math.min(most, this.#mostMs);
    return backMs > BORNE_MS ? backMs : 0;
  }

  now(): number {
    this.#last = Math.max(this.#last, Math.round(this.#leastMs + this.#runtime.monotonic()));
    return this.#last;
  }

  /**
   * A time that was written before, by this clock: never later than now. If it is later than this clock shows, either the
   * clock is behind, and moves on; or the time was written while ZooKeeper's clock was ahead, and nobody waits until then.
   */
  past(atMs: number): number {
    const aheadMs = atMs - this.#runtime.monotonic();
    this.#leastMs = Math.max(this.#leastMs, Math.min(aheadMs, this.#mostMs));
    return Math.min(atMs, this.now());
  }
}
