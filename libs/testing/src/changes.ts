/**
 * What a test waits with instead of sleeping: it is asked again whenever something has changed. Whoever hears of changes
 * (a watch, a log, a callback) calls `wake`.
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

  /** Resolves with the first answer that is something: not `null`, `undefined` or `false`. */
  async until<T>(ask: () => Answer<T> | Promise<Answer<T>>): Promise<T> {
    for (;;) {
      // Before the question: what changes while it is answered counts.
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

/** Gathers what callbacks tell, and lets a test wait for it. */
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
