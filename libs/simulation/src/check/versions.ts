/** Values of a record as they were committed, and since when each holds. Times are the world's. */
export class Versions<Value> {
  readonly #all: { readonly value: Value; readonly fromMs: number }[] = [];

  add(value: Value, fromMs: number): void {
    this.#all.push({ value, fromMs });
  }

  get last(): Value | undefined {
    return this.#all.at(-1)?.value;
  }

  /** Those of which one held at that time or later, the newest one last. */
  since(ms: number): Value[] {
    return this.#all.filter((_, at) => (this.#all[at + 1]?.fromMs ?? Infinity) >= ms).map(({ value }) => value);
  }
}
