import type { Runtime } from '@drover/runtime';

/** How much a client may send within `WINDOW_MS`, besides the batch that reaches the limit. */
export interface Allowance {
  tasks: number;
  bytes: number;
}

/** The leader has closed the intake so long after it was full. */
const WINDOW_MS = 100;
/** Share of the limit on unfinished tasks in the whole system. */
const SHARE = 10;

/** `null`: no limit is known. A client always may send a batch. */
export function allowanceOf(
  limit: { maxTasks: number; maxBytes: number } | null,
  batch: { batchTasks: number; batchBytes: number },
): Allowance | null {
  if (limit === null) return null;
  return {
    tasks: Math.max(limit.maxTasks / SHARE, batch.batchTasks),
    bytes: Math.max(limit.maxBytes / SHARE, batch.batchBytes),
  };
}

/**
 * Keeps a client from running far beyond a limit on the unfinished tasks of the whole system: more tasks are on their
 * way until the leader has counted those that arrived and closed the intake. With a limit of a million tasks this has
 * no effect.
 */
export class Pace {
  readonly #runtime: Runtime;
  readonly #again: () => void;
  #endsAtMs = Number.NEGATIVE_INFINITY;
  #tasks = 0;
  #bytes = 0;
  #isWaiting = false;

  /** `again`: called when more may go out, after it may not. */
  constructor(runtime: Runtime, again: () => void) {
    this.#runtime = runtime;
    this.#again = again;
  }

  mayGo(allowance: Allowance | null): boolean {
    if (allowance === null) return true;
    const now = this.#runtime.monotonic();
    if (now >= this.#endsAtMs) {
      this.#endsAtMs = now + WINDOW_MS;
      this.#tasks = this.#bytes = 0;
    }
    if (this.#tasks < allowance.tasks && this.#bytes < allowance.bytes) return true;
    if (!this.#isWaiting) this.#runtime.after(this.#endsAtMs - now, () => this.#wake());
    this.#isWaiting = true;
    return false;
  }

  #wake(): void {
    this.#isWaiting = false;
    this.#again();
  }

  went(tasks: number, bytes: number): void {
    this.#tasks += tasks;
    this.#bytes += bytes;
  }
}
