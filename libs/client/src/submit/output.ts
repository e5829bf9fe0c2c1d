const COMPACT_AT = 4_096;

/** The source of a `for await`: values as they arrive, then the end or an error. One reader. */
export class Output<Value> implements AsyncIterableIterator<Value> {
  readonly #values: Value[] = [];
  readonly #bytes: number[] = [];
  #head = 0;
  #waiting: { resolve: (step: IteratorResult<Value>) => void; reject: (error: unknown) => void }[] = [];
  #ended = false;
  #error: Error | null = null;
  #onBegun: (() => void) | null;
  readonly #onRead: (bytes: number) => void;
  readonly #onReturn: () => void;

  constructor(on: { begun: () => void; read: (bytes: number) => void; left: () => void }) {
    this.#onBegun = on.begun;
    this.#onRead = on.read;
    this.#onReturn = on.left;
  }

  /** `bytes`: told to `read` when the value is taken. */
  push(value: Value, bytes: number): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#values.push(value);
      this.#bytes.push(bytes);
      return;
    }
    waiting.resolve({ done: false, value });
    this.#onRead(bytes);
  }

  /** After what was pushed. `null`: the end. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error as Error | null;
    for (const waiting of this.#waiting.splice(0)) this.#last().then(waiting.resolve, waiting.reject);
  }

  /** The first call begins the work, as with a generator. */
  next(): Promise<IteratorResult<Value>> {
    const begin = this.#onBegun;
    this.#onBegun = null;
    begin?.();
    if (this.#head < this.#values.length) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.#ended) return this.#last();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value>> {
    if (!this.#ended) this.#onReturn();
    this.#values.length = this.#bytes.length = this.#head = 0;
    this.#error = null;
    this.end(null);
    return this.#last();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** An error is thrown once, as a generator does. */
  #last(): Promise<IteratorResult<Value>> {
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  #shift(): Value {
    const value = this.#values[this.#head] as Value;
    const bytes = this.#bytes[this.#head] ?? 0;
    this.#head++;
    if (this.#head === this.#values.length) this.#values.length = this.#bytes.length = this.#head = 0;
    else if (this.#head >= COMPACT_AT) this.#compact();
    this.#onRead(bytes);
    return value;
  }

  #compact(): void {
    this.#values.splice(0, this.#head);
    this.#bytes.splice(0, this.#head);
    this.#head = 0;
  }
}
