import { DurationSketch, type Bins } from '@drover/core';
import { REMEMBERED_MS } from './settings.js';

/** The run times that one worker tells, by type. */
export type Paces = ReadonlyMap<string, Bins>;

/** Types of one worker, and of all together: what comes beyond is left out. */
const MOST_TYPES_AT = 64;
const MOST_TYPES = 10_000;

interface Gone {
  readonly paces: Paces;
  /** It is forgotten then. */
  readonly until: number;
}

/**
 * How long tasks run at their places, each by itself, by what workers tell. Its word counts for an hour after its end. Nothing but
 * time follows from it: it may be wrong, and nobody is given what he may not have.
 */
export class Durations {
  readonly #types = new Map<string, DurationSketch>();
  readonly #all = new DurationSketch();
  readonly #workers = new Map<string, Paces>();
  /** In the order in which they went. */
  readonly #gone = new Set<Gone>();

  /** The worker's word now, in place of its word before. */
  learn(worker: string, told: Paces): void {
    const before = this.#workers.get(worker);
    const paces = new Map(
      [...told].filter(([type, bins]) => bins.size > 0 && this.#hasPlace(type)).slice(0, MOST_TYPES_AT),
    );
    if (paces.size > 0) this.#workers.set(worker, paces);
    else this.#workers.delete(worker);
    this.#add(paces);
    if (before !== undefined) this.#remove(before);
  }

  workerGone(worker: string, now: number): void {
    const paces = this.#workers.get(worker);
    if (paces === undefined) return;
    this.#workers.delete(worker);
    this.#gone.add({ paces, until: now + REMEMBERED_MS });
  }

  /** Lets go what workers have told that went long ago. */
  forgetOld(now: number): void {
    for (const gone of this.#gone) {
      if (gone.until > now) return;
      this.#gone.delete(gone);
      this.#remove(gone.paces);
    }
  }

  /** Milliseconds that half of the tasks of the type did not exceed; of all types where nobody has told of this one; null: nobody has told. */
  p50(type: string): number | null {
    return this.#of(type).quantile(0.5);
  }

  /** ... that 95 % did not exceed. */
  p95(type: string): number | null {
    return this.#of(type).quantile(0.95);
  }

  mean(type: string): number | null {
    return this.#of(type).mean;
  }

  /** Somebody has told of the type itself. */
  knows(type: string): boolean {
    return this.#types.has(type);
  }

  /** Types of which somebody has told. */
  get size(): number {
    return this.#types.size;
  }

  #of(type: string): DurationSketch {
    return this.#types.get(type) ?? this.#all;
  }

  #hasPlace(type: string): boolean {
    return this.#types.has(type) || this.#types.size < MOST_TYPES;
  }

  #add(paces: Paces): void {
    for (const [type, bins] of paces) {
      const sketch = this.#types.get(type) ?? new DurationSketch();
      this.#types.set(type, sketch);
      sketch.addBins(bins);
      this.#all.addBins(bins);
    }
  }

  #remove(paces: Paces): void {
    for (const [type, bins] of paces) {
      const sketch = this.#types.get(type);
      sketch?.removeBins(bins);
      if (sketch?.total === 0) this.#types.delete(type);
      this.#all.removeBins(bins);
    }
  }
}
