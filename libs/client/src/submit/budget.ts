/** How much has been read and not yet yielded. There is room for one more while both are below their limits. */
export class Budget {
  readonly #limit: { tasks: number; bytes: number };
  #tasks = 0;
  #bytes = 0;

  constructor(limit: { tasks: number; bytes: number }) {
    this.#limit = limit;
  }

  get hasRoom(): boolean {
    return this.#tasks < this.#limit.tasks && this.#bytes < this.#limit.bytes;
  }

  /** The amount that is held now. */
  get taken(): { tasks: number; bytes: number } {
    return { tasks: this.#tasks, bytes: this.#bytes };
  }

  get empty(): boolean {
    return this.#tasks === 0;
  }

  take(bytes: number): void {
    this.#tasks++;
    this.#bytes += bytes;
  }

  /** The memory of a task changed: its payload is gone, its result has arrived. */
  change(bytes: number): void {
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#tasks--;
    this.#bytes -= bytes;
  }
}
