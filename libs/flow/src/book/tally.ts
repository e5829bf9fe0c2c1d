import { runState } from './codes.js';
import type { FlowCounts, RunState } from './model.js';

type Counts = Record<RunState, number>;
const none = (): Counts => ({ waiting: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 });

/** How many runs of the flows of one name stand how. */
export class NameTally {
  readonly counts = none();
  /** Flows that are counted here. */
  flows = 0;
  readonly #all: Counts;

  constructor(all: Counts) {
    this.#all = all;
  }

  /** `runs` runs more, or fewer, are in this phase. */
  add(phase: number, runs: number): void {
    const state = runState(phase);
    this.counts[state] += runs;
    this.#all[state] += runs;
  }
}

/** The same of all names: kept as runs change, so that whoever asks for it walks over no runs. */
export class RunTally {
  readonly #all = none();
  readonly #names = new Map<string, NameTally>();

  get all(): FlowCounts {
    return this.#all;
  }

  get byName(): ReadonlyMap<string, { readonly counts: FlowCounts }> {
    return this.#names;
  }

  /** A flow comes. */
  join(name: string): NameTally {
    const tally = this.#names.get(name) ?? new NameTally(this.#all);
    this.#names.set(name, tally);
    tally.flows++;
    return tally;
  }

  /** A flow goes, of which nothing is counted any more. */
  leave(name: string): void {
    const tally = this.#names.get(name);
    if (tally !== undefined && --tally.flows === 0) this.#names.delete(name);
  }
}
