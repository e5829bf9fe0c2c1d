/** Items that wait for one reader. A reader that is too slow loses the rest. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #mostBytes: number;
  readonly #overflow: () => T;
  readonly #items: { item: T; bytes: number }[] = [];
  #bytes = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  /** `overflow`: the last item of a reader that has more than so many bytes to read. */
  constructor(mostBytes: number, overflow: () => T) {
    this.#mostBytes = mostBytes;
    this.#overflow = overflow;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    if (this.#ended) return;
    const bytes = JSON.stringify(item).length;
    if (this.#bytes + bytes > this.#mostBytes) {
      this.#add(this.#overflow(), 0);
      this.end();
      return;
    }
    this.#add(item, bytes);
  }

  /** Items that were pushed are still read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    while (true) {
      const next = this.#items.shift();
      if (next !== undefined) {
        this.#bytes -= next.bytes;
        yield next.item;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #add(item: T, bytes: number): void {
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    this.#wake();
  }
}
