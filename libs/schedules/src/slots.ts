/** Things by slot: an array, for a page has few slots and most of them are taken. */
export class Slots<T extends object> {
  readonly #items: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(slot: number): T | undefined {
    return this.#items[slot];
  }

  set(slot: number, item: T): void {
    if (this.#items[slot] === undefined) this.#size++;
    while (this.#items.length < slot) this.#items.push(undefined);
    this.#items[slot] = item;
  }

  delete(slot: number): void {
    if (this.#items[slot] !== undefined) this.#size--;
    this.#items[slot] = undefined;
  }

  *values(): Iterable<T> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }
}
