/**
 * How many tasks a worker runs, over all its incarnations: what an expired session has left behind is aborted, but as
 * long as it has not ended it takes its place, and nothing new may begin there.
 */
export class Slots {
  readonly #capacity: number;
  #taken = 0;
  /** There is a free one again. */
  onFree: () => void = () => undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#taken >= this.#capacity;
  }

  take(): void {
    this.#taken++;
  }

  giveBack(): void {
    const wasFull = this.isFull;
    this.#taken--;
    if (wasFull) this.onFree();
  }
}
