import { featuresOf, type TaskOptions } from '@drover/core';
import { encodeBatch, FIRE_RUNS, FLOWS, type DraftRecord } from '@drover/protocol';

/** Of one draft: as many as a batch may have, and bytes of them; a larger item makes a draft of its own. */
export const DRAFT_LIMITS = { items: 500, bytes: 128 * 1024 } as const;

export interface DraftOrigin {
  queue: string;
  options: TaskOptions;
  /** Its writer, and the time by that one's clock. */
  client: string;
  at: number;
  /** The run is a fire of a schedule, and workers must tell their handlers so. Default: it is none. */
  isFired?: boolean;
}

/** The batch of consecutive items of a map, as data of its znode. `items`: JSON texts. Throws `RecordError`. */
export function encodeDraft(draft: DraftRecord, items: readonly string[], origin: DraftOrigin): string {
  const { queue, options, client, at, isFired = false } = origin;
  const count = items.length;
  const needs = [...new Set([...featuresOf(options), FLOWS, ...(isFired ? [FIRE_RUNS] : [])])].sort();
  return encodeBatch({ queue, count, groups: [{ ...options, count }], at, client, draft, needs }, items);
}

/** Gathers items for drafts, in their order. */
export class ItemGatherer {
  #items: string[] = [];
  #bytes = 0;
  #from = 0;

  /** Items that came so far. */
  get count(): number {
    return this.#from + this.#items.length;
  }

  /** `bytes`: of `item`, which is JSON text. Returns the items for a draft, where the next one has no room beside them. */
  add(item: string, bytes: number): { from: number; items: string[] } | null {
    const isFull = this.#items.length >= DRAFT_LIMITS.items || this.#bytes + bytes + 1 > DRAFT_LIMITS.bytes;
    const full = isFull && this.#items.length > 0 ? this.take() : null;
    this.#items.push(item);
    this.#bytes += bytes + 1;
    return full;
  }

  /** The items that are left; `null`: none. */
  take(): { from: number; items: string[] } | null {
    if (this.#items.length === 0) return null;
    const taken = { from: this.#from, items: this.#items };
    this.#from += taken.items.length;
    this.#items = [];
    this.#bytes = 0;
    return taken;
  }
}
