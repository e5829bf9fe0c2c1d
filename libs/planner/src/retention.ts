import TinyQueue from 'tinyqueue';
import { keepFinished } from './held.js';
import { closeBatch, removeBatch } from './ledger.js';
import type { PlannerSettings } from './model.js';
import { MAX_DEAD_BYTES, MAX_REMOVALS, RESULT_BYTES } from './settings.js';
import type { Planning } from './state.js';
import type { BatchState } from './tasks.js';

/**
 * Which finished batches are kept, by two accounts. A batch with failed tasks is kept whole for them: the newest failed
 * tasks up to `retainDeadTasks`, none longer than `retainDeadMs`, and as many as fit `MAX_DEAD_BYTES`. What is not kept
 * for failed tasks (any more) is kept like every other batch: the newest up to `retainTasks` tasks, none longer than
 * `retainMs`. So no number of successes pushes a failed task out, and a failed task is kept at least as long as a
 * success. The batch that crosses a limit stays: as many as were asked for are kept, if there are so many. Nothing goes
 * before `retainAtLeastMs`, for its submitter may not have read the results yet.
 */
export class Retention {
  readonly #settings: PlannerSettings;
  readonly #dead: Account;
  readonly #plain: Account;

  constructor(settings: PlannerSettings) {
    this.#settings = settings;
    const { retainTasks, retainMs, retainDeadTasks, retainDeadMs } = settings;
    this.#dead = new Account('dead', retainDeadMs, [
      { most: retainDeadTasks, of: ({ failed }) => failed },
      { most: MAX_DEAD_BYTES, of: ({ bytes, count }) => bytes + count * RESULT_BYTES },
    ]);
    this.#plain = new Account('plain', retainMs, [{ most: retainTasks, of: ({ count }) => count }]);
  }

  keep(batch: BatchState, at: number): void {
    (batch.failed > 0 ? this.#dead : this.#plain).add(batch, at);
  }

  /** It has unfinished tasks again, or is gone. */
  release(batch: BatchState): void {
    if (batch.keptIn !== null) (batch.keptIn === 'dead' ? this.#dead : this.#plain).take(batch);
  }

  /** The oldest batch that is to be removed now, or null. The caller releases it. */
  next(now: number): BatchState | null {
    const { retainAtLeastMs } = this.#settings;
    for (let due = this.#dead.due(now, retainAtLeastMs); due !== null; due = this.#dead.due(now, retainAtLeastMs)) {
      this.#dead.take(due.batch);
      this.#plain.add(due.batch, due.at);
    }
    return this.#plain.due(now, retainAtLeastMs)?.batch ?? null;
  }

  get nextAt(): number | null {
    const { retainAtLeastMs } = this.#settings;
    const times = [this.#dead, this.#plain]
      .map((account) => account.dueAt(retainAtLeastMs))
      .filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }
}

interface Kept {
  readonly batch: BatchState;
  readonly at: number;
}

interface Bound {
  readonly most: number;
  /** What a batch counts towards it; the same for as long as it is kept. */
  of: (batch: BatchState) => number;
}

/** Batches that are kept for the same reason, by the time when they were finished. */
class Account {
  readonly #name: 'dead' | 'plain';
  readonly #longestMs: number;
  readonly #bounds: readonly Bound[];
  readonly #kept: number[];
  readonly #byAge = new TinyQueue<Kept>([], (a, b) => a.at - b.at);

  constructor(name: 'dead' | 'plain', longestMs: number, bounds: readonly Bound[]) {
    this.#name = name;
    this.#longestMs = longestMs;
    this.#bounds = bounds;
    this.#kept = bounds.map(() => 0);
  }

  add(batch: BatchState, at: number): void {
    batch.keptIn = this.#name;
    this.#byAge.push({ batch, at });
    this.#count(batch, 1);
  }

  /** Its entry in the heap is stale from now on. */
  take(batch: BatchState): void {
    batch.keptIn = null;
    this.#count(batch, -1);
  }

  due(now: number, leastMs: number): Kept | null {
    const dueAt = this.dueAt(leastMs);
    return dueAt !== null && dueAt <= now ? (this.#byAge.peek() ?? null) : null;
  }

  /** When the oldest has been kept for long enough. */
  dueAt(leastMs: number): number | null {
    const oldest = this.#oldest();
    if (oldest === null) return null;
    return oldest.at + (this.#isTooMany(oldest.batch) ? leastMs : Math.max(this.#longestMs, leastMs));
  }

  /** Without it there are still as many as were asked for. */
  #isTooMany(batch: BatchState): boolean {
    return this.#bounds.some(({ most, of }, at) => (this.#kept[at] ?? 0) - of(batch) >= most);
  }

  #oldest(): Kept | null {
    for (let entry = this.#byAge.peek(); entry !== undefined; entry = this.#byAge.peek()) {
      const { batch, at } = entry;
      if (batch.keptIn === this.#name && batch.finished?.at === at) return entry;
      this.#byAge.pop();
    }
    return null;
  }

  #count(batch: BatchState, sign: 1 | -1): void {
    this.#bounds.forEach(({ of }, at) => (this.#kept[at] = (this.#kept[at] ?? 0) + sign * of(batch)));
  }
}

/** Batches whose tasks have all ended, and of which no assignment exists any more, are finished: once. */
export function finishComplete({ state, now, commands }: Planning): void {
  for (const batch of state.complete) {
    if (!batch.ended || batch.assignments > 0 || batch.claims > 0 || batch.finished !== null) continue;
    const { failed, attempts, cancelledTasks } = closeBatch(state, batch, now);
    keepFinished(state, batch, now);
    const { id, succeeded, cancelled } = batch;
    const which = cancelledTasks === null ? {} : { cancelledTasks };
    commands.push({ kind: 'finish', batch: id, succeeded, failed, attempts, cancelled, ...which });
  }
  state.complete.clear();
}

/** What retention lets go. */
export function removeOld({ state, now, commands }: Planning): void {
  for (let removed = 0; removed < MAX_REMOVALS; removed++) {
    const batch = state.retention.next(now);
    if (batch === null) return;
    state.retention.release(batch);
    removeBatch(state, batch);
    commands.push({ kind: 'remove', batch: batch.id, tasks: batch.count, failed: batch.failed });
  }
}
