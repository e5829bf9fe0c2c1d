import type { Runtime } from '@drover/runtime';

/** Inputs taken in one turn of the event loop. */
const PER_TURN = 1_000;

/**
 * Reads an iterable as far ahead as there is room, handing each input on. A plain iterable is read without a promise
 * per input. It calls `done` at the end; with the error if the source, or the function that takes the inputs, throws.
 */
export class Ahead<Input> {
  readonly #runtime: Runtime;
  readonly #take: (input: Input) => Promise<void> | undefined;
  readonly #hasRoom: () => boolean;
  readonly #done: (error: unknown) => void;
  readonly #next: () => IteratorResult<Input> | Promise<IteratorResult<Input>>;
  readonly #return: () => unknown;
  #reading = false;
  #ended = false;

  constructor(
    source: Iterable<Input> | AsyncIterable<Input>,
    to: {
      /** A promise: no further input is read until it is settled. */
      take: (input: Input) => Promise<void> | undefined;
      hasRoom: () => boolean;
      done: (error: unknown) => void;
    },
    runtime: Runtime,
  ) {
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#next = () => iterator.next();
    this.#return = () => iterator.return?.();
    this.#take = to.take;
    this.#hasRoom = to.hasRoom;
    this.#done = to.done;
    this.#runtime = runtime;
  }

  /** Reads on. The owner calls it when there may be room again. */
  read(): void {
    if (this.#reading || this.#ended) return;
    this.#reading = true;
    this.#readTurn().then(
      () => {
        this.#reading = false;
        if (!this.#ended && this.#hasRoom()) this.#runtime.soon(() => this.read());
      },
      (error: unknown) => this.#end(error),
    );
  }

  /** Reads no more and tells the source so. `done` is not called. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    // An error of the source's `return` must not fail a reader that has left.
    void Promise.resolve()
      .then(this.#return)
      .catch(() => undefined);
  }

  async #readTurn(): Promise<void> {
    for (let taken = 0; taken < PER_TURN && this.#mayTake(); taken++) {
      const step = this.#next();
      const read = 'then' in step ? await step : step;
      if (this.#ended) return;
      if (read.done === true) {
        this.#end(null);
        return;
      }
      const taking = this.#take(read.value);
      if (taking !== undefined) await taking;
    }
  }

  #mayTake(): boolean {
    return !this.#ended && this.#hasRoom();
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    if (error === null) this.#ended = true;
    else this.stop();
    this.#done(error);
  }
}
