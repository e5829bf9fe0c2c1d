import { Heap, type HeapItem } from './collections.js';

/** An item of a ranking. The ranking alone changes these. */
export interface Ranked {
  /** Its key is to be looked at again before the next answer. */
  isUnranked: boolean;
  /** Null: it is in no order. */
  rank: Rank<unknown> | null;
}

interface Rank<Key> extends HeapItem {
  readonly item: Ranked;
  key: Key;
}

/**
 * The first items by some order. Items that have changed since the last answer are put in their place then, so an
 * answer costs what has changed and what is shown, however many items there are.
 */
export class Ranking<Item extends Ranked, Key> {
  readonly #keyOf: (item: Item) => Key | null;
  readonly #order: Heap<Rank<Key>>;
  readonly #changed = new Set<Item>();

  /** `keyOf`: null for an item that is not to be shown. `before`: a strict order of keys. */
  constructor(keyOf: (item: Item) => Key | null, before: (a: Key, b: Key) => boolean) {
    this.#keyOf = keyOf;
    this.#order = new Heap((a, b) => before(a.key, b.key));
  }

  /** It is new, or its key may have changed. */
  touch(item: Item): void {
    if (item.isUnranked) return;
    item.isUnranked = true;
    this.#changed.add(item);
  }

  forget(item: Item): void {
    this.#changed.delete(item);
    item.isUnranked = false;
    this.#place(item, null);
  }

  /** The first `most`, and how many there are besides. */
  first(most: number): { shown: Item[]; leftOut: number } {
    for (const item of this.#changed) {
      item.isUnranked = false;
      this.#place(item, this.#keyOf(item));
    }
    this.#changed.clear();
    const ranks: Rank<Key>[] = [];
    for (let rank = this.#order.first; rank !== null && ranks.length < most; rank = this.#order.first) {
      this.#order.remove(rank);
      ranks.push(rank);
    }
    const leftOut = this.#order.size;
    for (const rank of ranks) this.#order.add(rank);
    return { shown: ranks.map(({ item }) => item as Item), leftOut };
  }

  #place(item: Item, key: Key | null): void {
    const rank = item.rank as Rank<Key> | null;
    if (key === null) {
      if (rank !== null) this.#order.remove(rank);
      item.rank = null;
    } else if (rank === null) {
      const added: Rank<Key> = { item, key, heapAt: -1 };
      item.rank = added;
      this.#order.add(added);
    } else {
      rank.key = key;
      this.#order.moved(rank);
    }
  }
}
