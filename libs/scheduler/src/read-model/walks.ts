/** Walks that may be kept; the oldest is dropped for another one. */
const MOST = 64;

/** Walks that wait until whoever asked goes on with them. Nobody need do so. */
export class Walks<Walk> {
  readonly #walks = new Map<number, Walk>();
  #last = 0;

  /** Answers the token with which to go on. */
  keep(walk: Walk): number {
    this.#walks.set(++this.#last, walk);
    if (this.#walks.size > MOST) this.#dropOldest();
    return this.#last;
  }

  /** Null: it was dropped, or gone on with already. */
  take(token: number): Walk | null {
    const walk = this.#walks.get(token) ?? null;
    this.#walks.delete(token);
    return walk;
  }

  #dropOldest(): void {
    for (const token of this.#walks.keys()) {
      this.#walks.delete(token);
      return;
    }
  }
}
