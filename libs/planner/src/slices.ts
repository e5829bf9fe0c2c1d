import { LOOKS, type PageBudget } from './pages.js';

/**
 * An answer that takes many looks, found a little at a time, so that nothing else waits for it. Facts may come in between: what comes or
 * goes meanwhile may be counted or not.
 */
export class Slices<Found> {
  readonly #steps: Generator<void, Found>;
  #found: { answer: Found } | null = null;

  /** `steps` yields after every few looks. */
  constructor(steps: Generator<void, Found>) {
    this.#steps = steps;
  }

  /** The same, and `change` made of it. */
  map<Other>(change: (found: Found) => Other): Slices<Other> {
    return new Slices(changed(this.#steps, change));
  }

  /** Goes on until the answer is found, or the budget is used up: null. */
  goOn({ ms, clock }: PageBudget): { answer: Found } | null {
    const until = clock() + ms;
    do if (this.#step()) return this.#found;
    while (clock() < until);
    return null;
  }

  /** All of it at once. */
  all(): Found {
    while (this.#found === null) this.#step();
    return this.#found.answer;
  }

  #step(): boolean {
    if (this.#found !== null) return true;
    const step = this.#steps.next();
    if (step.done === true) this.#found = { answer: step.value };
    return step.done === true;
  }
}

function* changed<Found, Other>(
  steps: Generator<void, Found>,
  change: (found: Found) => Other,
): Generator<void, Other> {
  return change(yield* steps);
}

/** Counts looks. */
export class Looks {
  #looks = 0;

  /** One more; true: it is time to yield. */
  more(): boolean {
    if (++this.#looks < LOOKS) return false;
    this.#looks = 0;
    return true;
  }
}
