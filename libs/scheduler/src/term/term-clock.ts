import type { Runtime } from '@drover/runtime';

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

  /** `serverMs`: a time that the server has just written. */
  set(serverMs: number): void {
    this.#serverMs = serverMs;
    this.#setAt = this.#runtime.monotonic();
  }

  now(): number {
    this.#last = Math.max(this.#last, Math.round(this.#serverMs + this.#runtime.monotonic() - this.#setAt));
    return this.#last;
  }
}
