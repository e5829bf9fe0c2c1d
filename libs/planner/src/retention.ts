import TinyQueue from 'tinyqueue';
import type { BatchState } from './batch-state.js';
import type { PlannerSettings } from './model.js';

/**
 * Which finished batches are kept: the newest ones up to `retainTasks` tasks, none longer than `retainMs`, each at least
 * for `retainAtLeastMs` (its submitter may not have read the results yet).
 */
export class Retention {
  readonly #settings: PlannerSettings;
  readonly #byAge = new TinyQueue<{ batch: BatchState; at: number }>([], (a, b) => a.at - b.at);
  #keptTasks = 0;

  constructor(settings: PlannerSettings) {
    this.#settings = settings;
  }

  keep(batch: BatchState, at: number): void {
    this.#byAge.push({ batch, at });
    this.#keptTasks += batch.count;
  }

  /** It has unfinished tasks again, or is gone. Its entry in the heap is stale from now on. */
  release(batch: BatchState): void {
    this.#keptTasks -= batch.count;
  }

  /** The oldest batch that is to be removed now, or null. The caller releases it. */
  next(now: number): BatchState | null {
    const oldest = this.#oldest();
    return oldest !== null && this.#until(oldest.at) <= now ? oldest.batch : null;
  }

  get nextAt(): number | null {
    const oldest = this.#oldest();
    return oldest === null ? null : this.#until(oldest.at);
  }

  #until(finishedAt: number): number {
    const { retainTasks, retainMs, retainAtLeastMs } = this.#settings;
    const longest = this.#keptTasks > retainTasks ? retainAtLeastMs : retainMs;
    return finishedAt + Math.max(longest, retainAtLeastMs);
  }

  #oldest(): { batch: BatchState; at: number } | null {
    for (let entry = this.#byAge.peek(); entry !== undefined; entry = this.#byAge.peek()) {
      if (!entry.batch.removed && entry.batch.finished?.at === entry.at) return entry;
      this.#byAge.pop();
    }
    return null;
  }
}
