/**
 * Things that many schedules have in common are made once: a map of at most `size` things, from which the oldest goes
 * first.
 */
export class Shared<Value> {
  readonly #size: number;
  readonly #values = new Map<string, Value>();
  constructor(size: number) {
    this.#size = size;
  }
  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const made = make();
    for (const oldest of this.#values.keys()) {
      if (this.#values.size < this.#size) break;
      this.#values.delete(oldest);
    }
    this.#values.set(key, made);
    return made;
  }
}
