/** How much has been taken in and is not out again. Room is for one more while both are below. */
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

  /** What is taken in now. */
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

  /** What a task holds has changed: its payload is gone, its result is there. */
  change(bytes: number): void {
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#tasks--;
    this.#bytes -= bytes;
  }
}
