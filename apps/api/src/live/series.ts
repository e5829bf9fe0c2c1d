import { schemas } from '@drover/api';

export type SeriesName = (typeof schemas.SERIES)[number];
export const SERIES_NAMES: readonly SeriesName[] = schemas.SERIES;

/** Steps that are kept: an hour in steps of 10 s, a day in steps of 5 min. */
const FINE = { stepMs: 10_000, steps: 360 } as const;
const COARSE = { stepMs: 300_000, steps: 288 } as const;
export const RANGES = { '1h': FINE, '24h': COARSE } as const;
export type Range = keyof typeof RANGES;

/** Values by step: a ring of 32-bit floats, in which NaN is a step that nobody counted. */
class Ring {
  readonly stepMs: number;
  readonly #values: Float32Array;
  #last = -1;

  constructor({ stepMs, steps }: { stepMs: number; steps: number }) {
    this.stepMs = stepMs;
    this.#values = new Float32Array(steps).fill(NaN);
  }

  set(step: number, value: number): void {
    const length = this.#values.length;
    const from = Math.max(this.#last + 1, step - length + 1);
    for (let between = from; this.#last >= 0 && between < step; between++) this.#values[between % length] = NaN;
    this.#values[step % length] = value;
    this.#last = Math.max(this.#last, step);
  }

  at(step: number): number {
    const isKept = this.#last >= 0 && step <= this.#last && step > this.#last - this.#values.length;
    return isKept ? (this.#values[step % this.#values.length] ?? NaN) : NaN;
  }

  get last(): number {
    return this.#last;
  }

  get length(): number {
    return this.#values.length;
  }
}

/** One metric over the last hour and the last day. Times are milliseconds since 1970. */
export class Series {
  readonly #fine = new Ring(FINE);
  readonly #coarse = new Ring(COARSE);
  #sum = 0;
  #count = 0;
  #slot = -1;

  /** The value of the step that ends now. */
  add(now: number, value: number): void {
    this.#fine.set(Math.floor((now - 1) / FINE.stepMs), value);
    const slot = Math.floor((now - 1) / COARSE.stepMs);
    if (slot !== this.#slot) [this.#sum, this.#count, this.#slot] = [0, 0, slot];
    if (Number.isNaN(value)) return;
    this.#sum += value;
    this.#count++;
    this.#coarse.set(slot, this.#sum / this.#count);
  }

  /** Steps up to the one that ends at `now` or before; null: nobody counted. */
  read(range: Range, now: number): { stepMs: number; from: number; values: (number | null)[] } {
    const ring = range === '1h' ? this.#fine : this.#coarse;
    const last = Math.max(ring.last, Math.floor(now / ring.stepMs) - 1);
    const first = last - ring.length + 1;
    const values = Array.from({ length: ring.length }, (_, i) => orNull(ring.at(first + i)));
    return { stepMs: ring.stepMs, from: first * ring.stepMs, values };
  }

  /** Takes what another replica counted where this one did not: the other has run for longer. */
  fill(range: Range, { from, values }: { from: number; values: readonly (number | null)[] }): void {
    const ring = range === '1h' ? this.#fine : this.#coarse;
    const own = new Map<number, number>();
    for (let step = ring.last - ring.length + 1; step <= ring.last; step++)
      if (!Number.isNaN(ring.at(step))) own.set(step, ring.at(step));
    const first = Math.round(from / ring.stepMs);
    const steps = values.flatMap((value, i) =>
      value === null || own.has(first + i) ? [] : [[first + i, value] as const],
    );
    // A ring takes steps in their order, and drops what a later step overwrites.
    for (const [step, value] of [...steps, ...own].sort(([a], [b]) => a - b))
      if (step >= ring.last - ring.length + 1) ring.set(step, value);
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : Math.round(value * 1_000) / 1_000);
