import TinyQueue from 'tinyqueue';
import { keepFinished } from './held.js';
import { closeBatch, removeBatch } from './batches.js';
import type { PlannerSettings } from './model.js';
import { MAX_DEAD_BYTES, MAX_REMOVALS, RESULT_BYTES } from './settings.js';
import type { Planning } from './state.js';
import type { BatchState } from './tasks.js';

/** How much is kept, and for how long: of all queues together, or of one. Times are milliseconds. */
export type Keeping = Pick<PlannerSettings, 'retainTasks' | 'retainMs' | 'retainDeadTasks' | 'retainDeadMs'>;

/**
 * Which finished batches are kept, by two accounts. A batch with failed tasks is kept whole for them: the newest failed
 * tasks up to `retainDeadTasks`, none longer than `retainDeadMs`, and as many as fit `MAX_DEAD_BYTES`. A batch that is
 * not kept for failed tasks (any more) is kept like every other batch: the newest up to `retainTasks` tasks, none
 * longer than `retainMs`. So no number of successes pushes a failed task out, and a failed task is kept at least as
 * long as a success. The batch that crosses a limit stays: as many as were asked for are kept, if there are so many.
 * Nothing goes before `retainAtLeastMs`, for its submitter may not have read the results yet.
 *
 * A queue that says something of its own has two accounts of its own; the bytes are bounded over all.
 */
export class Retention {
  readonly #settings: PlannerSettings;
  readonly #deadBytes: Bound = bound(MAX_DEAD_BYTES, ({ bytes, count }) => bytes + count * RESULT_BYTES);
  readonly #common: Accounts;
  readonly #own = new Map<string, Accounts>();
  /** Of accounts of queues, the soonest first. An entry is a hint: it may name an earlier time than is true. */
  readonly #soonest = new TinyQueue<{ readonly accounts: Accounts; readonly at: number }>([], (a, b) => a.at - b.at);

  constructor(settings: PlannerSettings) {
    this.#settings = settings;
    this.#common = new Accounts(settings, settings.retainAtLeastMs, this.#deadBytes);
  }

  keep(batch: BatchState, at: number): void {
    const own = this.#own.get(batch.queueName);
    (own ?? this.#common).keep(batch, at);
    if (own !== undefined) this.#announce(own);
  }

  /** It has unfinished tasks again, or is gone. */
  release(batch: BatchState): void {
    batch.keptIn?.take(batch);
  }

  /**
   * The settings of the queue for its own; `null`: nothing. True: it has changed, so its batches are to be kept anew.
   */
  configure(queue: string, own: Keeping | null): boolean {
    const before = this.#own.get(queue)?.keeping ?? null;
    if (isSame(before, own)) return false;
    if (own === null) this.#own.delete(queue);
    else this.#own.set(queue, new Accounts(own, this.#settings.retainAtLeastMs, this.#deadBytes));
    return true;
  }

  /** The oldest batch that is to be removed now, or null. The caller releases it. */
  next(now: number): BatchState | null {
    const batch = this.#common.next(now);
    if (batch !== null) return batch;
    for (let first = this.#first(); first !== null && first.at <= now; first = this.#first()) {
      const own = first.accounts.next(now);
      if (own !== null) return own;
    }
    return null;
  }

  get nextAt(): number | null {
    const common = this.#common.nextAt;
    const own = this.#first()?.at ?? null;
    return common === null || own === null ? (common ?? own) : Math.min(common, own);
  }

  #announce(accounts: Accounts): void {
    const at = accounts.nextAt;
    if (at === null || at === accounts.announcedAt) return;
    accounts.announcedAt = at;
    this.#soonest.push({ accounts, at });
  }

  /** Hints that are not true (any more) are replaced by what is. */
  #first(): { accounts: Accounts; at: number } | null {
    for (let hint = this.#soonest.peek(); hint !== undefined; hint = this.#soonest.peek()) {
      if (hint.accounts.nextAt === hint.at) return hint;
      this.#soonest.pop();
      this.#announce(hint.accounts);
    }
    return null;
  }
}

const isSame = (a: Keeping | null, b: Keeping | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.retainTasks === b.retainTasks &&
    a.retainMs === b.retainMs &&
    a.retainDeadTasks === b.retainDeadTasks &&
    a.retainDeadMs === b.retainDeadMs);

/** The two accounts that go together. */
class Accounts {
  readonly keeping: Keeping;
  /** When it was last said that something of it is to be looked at; see `Retention`. */
  announcedAt: number | null = null;
  readonly #dead: Account;
  readonly #plain: Account;
  readonly #leastMs: number;

  constructor(keeping: Keeping, leastMs: number, deadBytes: Bound) {
    this.keeping = keeping;
    this.#leastMs = leastMs;
    this.#dead = new Account(keeping.retainDeadMs, [bound(keeping.retainDeadTasks, ({ failed }) => failed), deadBytes]);
    this.#plain = new Account(keeping.retainMs, [bound(keeping.retainTasks, ({ count }) => count)]);
  }

  keep(batch: BatchState, at: number): void {
    (batch.failed > 0 ? this.#dead : this.#plain).add(batch, at);
  }

  next(now: number): BatchState | null {
    for (let due = this.#dead.due(now, this.#leastMs); due !== null; due = this.#dead.due(now, this.#leastMs)) {
      this.#dead.take(due.batch);
      this.#plain.add(due.batch, due.at);
    }
    return this.#plain.due(now, this.#leastMs)?.batch ?? null;
  }

  get nextAt(): number | null {
    const dead = this.#dead.dueAt(this.#leastMs);
    const plain = this.#plain.dueAt(this.#leastMs);
    return dead === null || plain === null ? (dead ?? plain) : Math.min(dead, plain);
  }
}

interface Kept {
  readonly batch: BatchState;
  readonly at: number;
}

interface Bound {
  readonly most: number;
  /** The count of a batch towards it; the same for as long as it is kept. */
  readonly of: (batch: BatchState) => number;
  kept: number;
}

const bound = (most: number, of: Bound['of']): Bound => ({ most, of, kept: 0 });

/** Batches that are kept for the same reason, by the time when they were finished. */
export class Account {
  readonly #longestMs: number;
  readonly #bounds: readonly Bound[];
  /** Those of the same time by their ids: the next leader learns of them in another order. */
  readonly #byAge = new TinyQueue<Kept>([], (a, b) => a.at - b.at || (a.batch.id < b.batch.id ? -1 : 1));

  constructor(longestMs: number, bounds: readonly Bound[]) {
    this.#longestMs = longestMs;
    this.#bounds = bounds;
  }

  add(batch: BatchState, at: number): void {
    batch.keptIn = this;
    this.#byAge.push({ batch, at });
    for (const each of this.#bounds) each.kept += each.of(batch);
  }

  /** Its entry in the heap is stale from now on. */
  take(batch: BatchState): void {
    batch.keptIn = null;
    for (const each of this.#bounds) each.kept -= each.of(batch);
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
    return this.#bounds.some(({ most, of, kept }) => kept - of(batch) >= most);
  }

  #oldest(): Kept | null {
    for (let entry = this.#byAge.peek(); entry !== undefined; entry = this.#byAge.peek()) {
      const { batch, at } = entry;
      if (batch.keptIn === this && batch.finished?.at === at) return entry;
      this.#byAge.pop();
    }
    return null;
  }
}

/** Batches whose tasks have all ended, and of which no assignment exists any more, are finished: once. */
export function finishComplete({ state, now, commands }: Planning): void {
  for (const batch of state.complete) {
    if (!batch.ended || batch.assignments > 0 || batch.claims > 0 || batch.blocking > 0 || batch.finished !== null)
      continue;
    const { failed, attempts, cancelledTasks } = closeBatch(state, batch, now);
    keepFinished(state, batch, now);
    const { id, succeeded, cancelled } = batch;
    const which = cancelledTasks === null ? {} : { cancelledTasks };
    const last = failed.length === 0 ? {} : { lastN: state.lastN };
    commands.push({ kind: 'finish', batch: id, succeeded, failed, attempts, cancelled, ...which, ...last });
  }
  state.complete.clear();
}

/** The batches that retention lets go. */
export function removeOld({ state, now, commands }: Planning): void {
  for (let removed = 0; removed < MAX_REMOVALS; removed++) {
    const batch = state.retention.next(now);
    if (batch === null) return;
    state.retention.release(batch);
    removeBatch(state, batch);
    commands.push({ kind: 'remove', batch: batch.id, tasks: batch.count, failed: batch.failed });
  }
}
