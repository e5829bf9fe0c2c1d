import type { ChangedIds as Told } from '@drover/api';

/** Ids of one message. */
const MOST = 50;

/**
 * Ids of flows, or of broadcasts, that have changed since the last message, by their queues: 50 of each queue by name, and how
 * many besides, so that a viewer learns of its own queues even when much happens in others.
 */
export class ChangedIds {
  readonly #queues = new Map<string, { readonly ids: Set<string>; more: number }>();

  add(queue: string, id: string): void {
    let of = this.#queues.get(queue);
    if (of === undefined) this.#queues.set(queue, (of = { ids: new Set(), more: 0 }));
    if (of.ids.size < MOST) of.ids.add(id);
    else if (!of.ids.has(id)) of.more++;
  }

  /** For one message: 50 ids of 50 queues at most; the other queues come with the next one. */
  take(): Told[] {
    const told: Told[] = [];
    let left = MOST;
    for (const [queue, { ids, more }] of this.#queues) {
      if (left === 0) break;
      const named = [...ids].slice(0, left);
      left -= named.length;
      told.push({ queue, ids: named, more: more + ids.size - named.length });
      this.#queues.delete(queue);
    }
    return told;
  }

  clear(): void {
    this.#queues.clear();
  }
}
