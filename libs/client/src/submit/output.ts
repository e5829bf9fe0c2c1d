/** What `for await` reads: values as they come, then the end or an error. One reader. */
export class Output<Value> implements AsyncIterableIterator<Value> {
  readonly #values: Value[] = [];
  #head = 0;
  #waiting: { resolve: (step: IteratorResult<Value>) => void; reject: (error: unknown) => void }[] = [];
  #ended = false;
  #error: unknown = null;
  readonly #onRead: (value: Value) => void;
  readonly #onReturn: () => void;

  constructor(on: { read: (value: Value) => void; left: () => void }) {
    this.#onRead = on.read;
    this.#onReturn = on.left;
  }

  push(value: Value): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#values.push(value);
    else waiting.resolve(this.#step(value));
  }

  /** After what was pushed. `null`: the end. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (const waiting of this.#waiting.splice(0)) this.#last().then(waiting.resolve, waiting.reject);
  }

  next(): Promise<IteratorResult<Value>> {
    if (this.#head < this.#values.length) return Promise.resolve(this.#step(this.#shift()));
    if (this.#ended) return this.#last();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value>> {
    if (!this.#ended) this.#onReturn();
    this.#values.length = this.#head = 0;
    this.#error = null;
    this.end(null);
    return this.#last();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #step(value: Value): IteratorResult<Value> {
    this.#onRead(value);
    return { done: false, value };
  }

  /** An error is thrown once, as a generator does. */
  #last(): Promise<IteratorResult<Value>> {
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error as Error);
  }

  #shift(): Value {
    const value = this.#values[this.#head] as Value;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#values.length) {
      this.#values.splice(0, this.#head);
      this.#head = 0;
    }
    return value;
  }
}
