/**
 * Lets a test wait for a condition without sleeping: the condition is asked again after each call of `wake`, which a
 * watch, a log or a callback makes when something has changed.
 */
export class Changes {
  #next: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor() {
    this.#next = this.#renewed();
  }

  readonly wake = (): void => {
    const resolve = this.#resolve;
    this.#next = this.#renewed();
    resolve();
  };

  /** Resolves with the first answer that is not `null`, `undefined` or `false`. */
  async until<T>(ask: () => Answer<T> | Promise<Answer<T>>): Promise<T> {
    for (;;) {
      // Taken before the question, so that a change during the answer is not missed.
      const changed = this.#next;
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      await changed;
    }
  }

  #renewed(): Promise<void> {
    return new Promise((resolve) => (this.#resolve = resolve));
  }
}
type Answer<T> = T | null | undefined | false;

/** Gathers the items that callbacks tell, and lets a test wait for one. */
export class Told<T> {
  readonly all: T[] = [];
  readonly #changes = new Changes();

  tell(item: T): void {
    this.all.push(item);
    this.#changes.wake();
  }

  /** The first, told already or to come, that `accept` accepts. */
  async first(accept: (item: T) => boolean = () => true): Promise<T> {
    const index = await this.#changes.until(() => {
      const found = this.all.findIndex(accept);
      return found < 0 ? null : found;
    });
    return this.all[index] as T;
  }
}
