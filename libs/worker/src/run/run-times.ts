import { DurationSketch, writtenBins } from '@drover/core';
import type { WorkerRecord } from '@drover/protocol';
import type { Runtime, Timer } from '@drover/runtime';

/** Changes are told no more often. */
const TELL_EVERY_MS = 10_000;
/** Then half of what was learned is let go, of a type of which more than a few runs are known. */
const HALVE_EVERY_MS = 600_000;
const FEW_RUNS = 64;
/** A type is told anew when its median or its 95th percentile has moved by this share. */
const WORTH_TELLING = 0.1;
const MOST_TYPES = 64;
const MOST_BYTES = 1_024;
/** Bins of a type: so many, and fewer where all types together would take too much. */
const BINS = [32, 16, 8];

interface Known {
  readonly sketch: DurationSketch;
  halvedMs: number;
  usedMs: number;
  /** As the leader has been told; 0: nothing. */
  told: { total: number; p50: number; p95: number };
}

type Told = NonNullable<WorkerRecord['paces']>;

/**
 * How long tasks that succeeded ran, by type, over all incarnations of the worker: for its record. Like a median it changes seldom, so a worker that
 * does the same all day writes nothing.
 */
export class RunTimes {
  readonly #runtime: Runtime;
  readonly #types = new Map<string, Known>();
  #timer: Timer | null = null;
  #isClosed = false;
  #told: Told | null = null;
  /** `told` is otherwise than before. */
  onTold: () => void = () => undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** As the record says it; null: nothing yet. Of each type as in `writtenBins`; 1 KiB at most. */
  get told(): Told | null {
    return this.#told;
  }

  /** Milliseconds within which nearly all tasks of the type end; `null`: nobody knows. */
  p95(type: string): number | null {
    return this.#types.get(type)?.sketch.quantile(0.95) ?? null;
  }

  /** `tasks` of the type ran `ms` each. */
  ended(type: string, ms: number, tasks = 1): void {
    const known = this.#known(type);
    known.sketch.add(ms, tasks);
    known.usedMs = this.#runtime.monotonic();
    if (this.#isClosed) return;
    this.#timer ??= this.#runtime.after(TELL_EVERY_MS, () => {
      this.#timer = null;
      this.#tell();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #known(type: string): Known {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    if (this.#types.size >= MOST_TYPES) this.#types.delete(this.#byUse().at(-1)?.[0] ?? type);
    const now = this.#runtime.monotonic();
    const fresh = { sketch: new DurationSketch(), halvedMs: now, usedMs: now, told: { total: 0, p50: 0, p95: 0 } };
    this.#types.set(type, fresh);
    return fresh;
  }

  #tell(): void {
    const now = this.#runtime.monotonic();
    for (const known of this.#types.values()) {
      if (now - known.halvedMs < HALVE_EVERY_MS) continue;
      known.halvedMs = now;
      if (known.sketch.total <= FEW_RUNS) continue;
      known.sketch.halve();
      known.told.total /= 2;
    }
    if (![...this.#types.values()].some(hasMoved)) return;
    for (const known of this.#types.values()) known.told = valuesOf(known.sketch);
    this.#told = written(this.#byUse());
    this.onTold();
  }

  /** The one that was used last first. */
  #byUse(): [type: string, known: Known][] {
    return [...this.#types].sort(([, a], [, b]) => b.usedMs - a.usedMs);
  }
}

const valuesOf = (sketch: DurationSketch): Known['told'] => ({
  total: sketch.total,
  p50: sketch.quantile(0.5) ?? 0,
  p95: sketch.quantile(0.95) ?? 0,
});

/** A new type, twice as many runs of a type of which few were known, or other times. */
function hasMoved({ sketch, told }: Known): boolean {
  const { total, p50, p95 } = valuesOf(sketch);
  if (total >= 2 * told.total && told.total < FEW_RUNS) return true;
  return Math.abs(p50 - told.p50) > WORTH_TELLING * told.p50 || Math.abs(p95 - told.p95) > WORTH_TELLING * told.p95;
}

/** Coarser where it would be too much; then without the types that were used least lately. */
function written(types: readonly [type: string, known: Known][]): Told {
  let told: Told = {};
  for (const most of BINS) {
    told = Object.fromEntries(types.map(([type, { sketch }]) => [type, writtenBins(sketch.coarse(most))]));
    if (bytesOf(told) <= MOST_BYTES) return told;
  }
  const fitting: Told = {};
  for (const [type, bins] of Object.entries(told))
    if (bytesOf({ ...fitting, [type]: bins }) <= MOST_BYTES) fitting[type] = bins;
  return fitting;
}

const bytesOf = (told: Told): number => Buffer.byteLength(JSON.stringify(told));
