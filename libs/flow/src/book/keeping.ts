import TinyQueue from 'tinyqueue';
import type { FlowState } from './flow-state.js';
import type { FlowRetention } from './model.js';

/**
 * Which flows are kept whose runs have all ended, by the two accounts of finished batches: those with failed runs by their
 * failed account first, then like all others. A flow counts as the tasks that its runs started, one at least.
 */
export class Keeping {
  readonly #leastMs: number;
  readonly #dead: Account;
  readonly #plain: Account;

  constructor({ retainTasks, retainMs, retainDeadTasks, retainDeadMs, retainAtLeastMs }: FlowRetention) {
    this.#leastMs = retainAtLeastMs;
    this.#dead = new Account(retainDeadTasks, retainDeadMs);
    this.#plain = new Account(retainTasks, retainMs);
  }

  keep(flow: FlowState, at: number, hasFailed: boolean): void {
    (hasFailed ? this.#dead : this.#plain).add(flow, at);
  }

  /** It goes on, or is gone. */
  release(flow: FlowState): void {
    this.#dead.take(flow);
    this.#plain.take(flow);
  }

  /** The oldest that is to be removed by now; null: none is. The caller releases it. */
  next(now: number): FlowState | null {
    for (let due = this.#dead.due(now, this.#leastMs); due !== null; due = this.#dead.due(now, this.#leastMs)) {
      this.#dead.take(due.flow);
      this.#plain.add(due.flow, due.at);
    }
    return this.#plain.due(now, this.#leastMs)?.flow ?? null;
  }

  get nextAt(): number | null {
    const dead = this.#dead.dueAt(this.#leastMs);
    const plain = this.#plain.dueAt(this.#leastMs);
    return dead === null || plain === null ? (dead ?? plain) : Math.min(dead, plain);
  }
}

interface Kept {
  readonly flow: FlowState;
  readonly at: number;
  readonly tasks: number;
}

class Account {
  readonly #most: number;
  readonly #longestMs: number;
  readonly #kept = new Map<FlowState, Kept>();
  readonly #byAge = new TinyQueue<Kept>([], (a, b) => a.at - b.at || (a.flow.id < b.flow.id ? -1 : 1));
  #tasks = 0;

  constructor(most: number, longestMs: number) {
    this.#most = most;
    this.#longestMs = longestMs;
  }

  add(flow: FlowState, at: number): void {
    this.take(flow);
    const kept = { flow, at, tasks: Math.max(1, flow.tasks) };
    this.#kept.set(flow, kept);
    this.#byAge.push(kept);
    this.#tasks += kept.tasks;
  }

  /** Its entry in the heap is stale from now on. */
  take(flow: FlowState): void {
    this.#tasks -= this.#kept.get(flow)?.tasks ?? 0;
    this.#kept.delete(flow);
  }

  due(now: number, leastMs: number): Kept | null {
    const at = this.dueAt(leastMs);
    return at !== null && at <= now ? this.#oldest() : null;
  }

  /** The newest that reach the bound stay, with the one that crosses it. */
  dueAt(leastMs: number): number | null {
    const oldest = this.#oldest();
    if (oldest === null) return null;
    const isTooMany = this.#tasks - oldest.tasks >= this.#most;
    return oldest.at + (isTooMany ? leastMs : Math.max(this.#longestMs, leastMs));
  }

  #oldest(): Kept | null {
    for (let kept = this.#byAge.peek(); kept !== undefined; kept = this.#byAge.peek()) {
      if (this.#kept.get(kept.flow) === kept) return kept;
      this.#byAge.pop();
    }
    return null;
  }
}
