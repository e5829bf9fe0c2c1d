/**
 * How many tasks a worker runs, over all its incarnations: what an expired session has left behind is aborted, but as
 * long as it has not ended it takes its place, and nothing new may begin there. Types may have a limit of their own.
 */
export class Slots {
  readonly #capacity: number;
  #taken = 0;
  readonly #takenOf = new Map<string, number>();
  /** Types of which fewer may run at a time: so many. */
  limits: ReadonlyMap<string, number> = new Map();
  /** There is a free one again. */
  onFree: () => void = () => undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#taken >= this.#capacity;
  }

  /** As many of the type run as may. */
  isFullOf(type: string): boolean {
    if (this.limits.size === 0) return false;
    return (this.#takenOf.get(type) ?? 0) >= (this.limits.get(type) ?? Infinity);
  }

  take(type: string): void {
    this.#taken++;
    if (this.limits.has(type)) this.#takenOf.set(type, (this.#takenOf.get(type) ?? 0) + 1);
  }

  giveBack(type: string): void {
    const wasFull = this.isFull || this.isFullOf(type);
    this.#taken--;
    if (this.limits.has(type)) this.#takenOf.set(type, (this.#takenOf.get(type) ?? 1) - 1);
    if (wasFull) this.onFree();
  }
}
