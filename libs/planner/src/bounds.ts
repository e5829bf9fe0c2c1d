import type { QueueState } from './queue-state.js';
import type { Tenant } from './tenants.js';

/** It takes tasks again well below the bound: at its bound it would close and open with every batch. */
const REOPEN_AT = 0.9;

/** A queue that takes no new tasks, or takes none of some tenants. */
export interface FullQueue {
  readonly queue: string;
  /** `maxPending`, if so many of its tasks are unfinished; else null. */
  readonly max: number | null;
  /** `maxPendingPerTenant`, if so many tasks of a tenant are unfinished; else null. */
  readonly maxPerTenant: number | null;
  /** These tenants; `''`: the tasks without one. */
  readonly tenants: readonly string[];
}

/** Whether a count of unfinished tasks means full, after it did (`was`) or not so far. */
export function isFullAt(unfinished: number, bound: number | null, was: boolean): boolean {
  return bound !== null && (unfinished >= bound || (was && unfinished > bound * REOPEN_AT));
}

/**
 * Which queues and tenants have as many unfinished tasks as their queue's settings allow. It is looked at when a count
 * changes, and only in queues that have a bound: so it costs others nothing, and nothing is ever walked over but the
 * tenants of a queue whose bound was changed.
 */
export class Bounds {
  readonly #full = new Map<QueueState, { self: boolean; tenants: Set<string> }>();
  /** Grows when something becomes full, or takes tasks again. */
  version = 0;

  /** The queue's unfinished tasks, or those of its tenant, are others. */
  counted(queue: QueueState, tenant: Tenant): void {
    this.#lookAtQueue(queue);
    this.#lookAtTenant(queue, tenant);
  }

  /** The queue's settings are others. */
  changed(queue: QueueState): void {
    this.#lookAtQueue(queue);
    for (const tenant of queue.allTenants()) this.#lookAtTenant(queue, tenant);
  }

  /** Of one queue: whether it is full, and how many of its tenants are. */
  of(queue: QueueState): { isFull: boolean; tenants: number } {
    const full = this.#full.get(queue);
    return { isFull: full?.self ?? false, tenants: full?.tenants.size ?? 0 };
  }

  /** Names of `most` queues and tenants, those that have been full the longest; `leftOut` counts the others. */
  full(most: number): { shown: FullQueue[]; leftOut: number } {
    const shown: FullQueue[] = [];
    let left = most;
    let leftOut = 0;
    for (const [{ name, settings }, { self, tenants }] of this.#full) {
      const named = [...tenants].slice(0, Math.max(0, left - 1));
      if (left <= 0) leftOut++;
      else
        shown.push({
          queue: name,
          max: self ? settings.maxPending : null,
          maxPerTenant: tenants.size > 0 ? settings.maxPendingPerTenant : null,
          tenants: named,
        });
      left -= 1 + named.length;
      leftOut += tenants.size - named.length;
    }
    return { shown, leftOut };
  }

  #lookAtQueue(queue: QueueState): void {
    const was = this.#full.get(queue)?.self ?? false;
    const is = isFullAt(queue.unfinished, queue.settings.maxPending, was);
    if (is === was) return;
    this.#entry(queue).self = is;
    this.#turned(queue);
  }

  #lookAtTenant(queue: QueueState, { name, unfinished }: Tenant): void {
    const was = this.#full.get(queue)?.tenants.has(name) ?? false;
    const is = isFullAt(unfinished, queue.settings.maxPendingPerTenant, was);
    if (is === was) return;
    const { tenants } = this.#entry(queue);
    if (is) tenants.add(name);
    else tenants.delete(name);
    this.#turned(queue);
  }

  #entry(queue: QueueState): { self: boolean; tenants: Set<string> } {
    let entry = this.#full.get(queue);
    if (entry === undefined) {
      entry = { self: false, tenants: new Set() };
      this.#full.set(queue, entry);
    }
    return entry;
  }

  #turned(queue: QueueState): void {
    this.version++;
    const { self, tenants } = this.#entry(queue);
    if (!self && tenants.size === 0) this.#full.delete(queue);
  }
}
