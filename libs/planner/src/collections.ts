/** An item of a heap knows its place in it, so that it can leave or move from anywhere; -1: it is in none. */
export interface HeapItem {
  heapAt: number;
}

/** A binary heap whose items may change their keys, or leave, in O(log n). An item is in one heap at a time. */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | null {
    return this.#items[0] ?? null;
  }

  /** All of them, in no order. */
  items(): Iterable<Item> {
    return this.#items;
  }

  add(item: Item): void {
    this.#items.push(item);
    item.heapAt = this.#items.length - 1;
    this.#up(item);
  }

  remove(item: Item): void {
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#put(last, item.heapAt);
      this.moved(last);
    }
    item.heapAt = -1;
  }

  /** The item's key has changed. Does nothing where it is not in here. */
  moved(item: Item): void {
    if (this.#items[item.heapAt] !== item) return;
    this.#up(item);
    this.#down(item);
  }

  #up(item: Item): void {
    for (let at = item.heapAt; at > 0;) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt] as Item;
      if (!this.#before(item, parent)) return;
      this.#put(parent, at);
      this.#put(item, parentAt);
      at = parentAt;
    }
  }

  #down(item: Item): void {
    for (let at = item.heapAt; ;) {
      const left = 2 * at + 1;
      if (left >= this.#items.length) return;
      const right = left + 1;
      let childAt = left;
      let child = this.#items[left] as Item;
      if (right < this.#items.length && this.#before(this.#items[right] as Item, child)) {
        childAt = right;
        child = this.#items[right] as Item;
      }
      if (!this.#before(child, item)) return;
      this.#put(child, at);
      this.#put(item, childAt);
      at = childAt;
    }
  }

  #put(item: Item, at: number): void {
    this.#items[at] = item;
    item.heapAt = at;
  }
}

/** A set that can be read from any position: what joins and leaves moves one other item at most. */
export class Bag<Item> {
  readonly #items: Item[] = [];
  readonly #positions = new Map<Item, number>();

  get size(): number {
    return this.#items.length;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    if (this.#positions.has(item)) return;
    this.#positions.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: Item): void {
    const at = this.#positions.get(item);
    if (at === undefined) return;
    this.#positions.delete(item);
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[at] = last;
    this.#positions.set(last, at);
  }
}
