/** A limit stays within these. */
export interface LimitRange {
  min: number;
  max: number;
}

/** An attempt that has ended. */
export interface EndSample {
  type: string;
  ms: number;
  /** The service refused it because it has too much to do. */
  isOverload: boolean;
}

/** A window lasts so long at least, and until so many attempts have ended in it. */
const WINDOW_MS = 1_000;
const WINDOW_ENDS = 20;
/** No window lasts longer: so few ends are judged as they are. */
const LONGEST_WINDOW_MS = 10_000;
/** Attempts may take so much longer than without load before the limit falls. */
const TOLERANCE = 1.15;
const LEAST_GRADIENT = 0.5;
/** The part of each judgement that counts at once. */
const SMOOTHING = 0.2;
const OVERLOAD_FACTOR = 0.9;
/** Every so many windows one runs with a quarter of the limit, to learn anew how long attempts take without load. */
const PROBE_EVERY = 30;
const PROBE_PART = 0.25;
/**
 * While attempts take longer than this multiple of their base a quarter of the limit may be far too much too: a probe would
 * learn a wrong base. Then it waits until the limit has fallen, to few at the least.
 */
const PROBED_UP_TO = 2;
const FEW = 5;
/** Ends of a type that say how long it takes. */
const ENOUGH = 5;

/**
 * Pure. How many attempts may run at a time at services of unknown strength, by how long they take (Gradient2 of Netflix's
 * concurrency-limits, with a base of its own). While attempts take as long as without load the limit grows by its square
 * root; where they take longer it falls in proportion. The base, for each type, is what attempts took while few ran: at the
 * start, and in probes. It never drifts to what they take under load, so that the limit does not creep beyond the knee.
 */
export class AdaptiveLimit {
  readonly #range: LimitRange;
  #limit: number;
  /** Milliseconds that an attempt of the type takes without load. */
  readonly #base = new Map<string, number>();
  #windowFromMs: number;
  #ends: EndSample[] = [];
  /** Added up for the mean. */
  #inUse = 0;
  #looks = 0;
  #windows = 0;
  #isProbe = false;
  /** Nothing has slowed it down yet: it grows faster. */
  #isStarting = true;

  /** `nowMs`: monotonic. It begins with the least. */
  constructor(range: LimitRange, nowMs: number) {
    this.#range = range;
    this.#limit = range.min;
    this.#windowFromMs = nowMs;
  }

  /** So many may run, but for the moments of a probe. */
  get steady(): number {
    return Math.round(this.#limit);
  }

  /** So many may run now. */
  get limit(): number {
    return this.#clamp(Math.round(this.#isProbe ? this.#limit * PROBE_PART : this.#limit));
  }

  /** An attempt has ended. `running`: how many ran, with it. */
  ended(sample: EndSample, running: number, nowMs: number): void {
    const ms = nowMs - this.#windowFromMs;
    // In a probe only those count that began when the many that ran before had ended.
    if (this.#isProbe && 2 * sample.ms > ms && ms < LONGEST_WINDOW_MS) return;
    this.#ends.push(sample);
    this.#inUse += running;
    this.#looks++;
    if (ms < WINDOW_MS || (this.#ends.length < WINDOW_ENDS && ms < LONGEST_WINDOW_MS)) return;
    this.#judge();
    this.#ends = [];
    this.#inUse = 0;
    this.#looks = 0;
    this.#windowFromMs = nowMs;
  }

  #judge(): void {
    const ratio = this.#learn();
    const wasProbe = this.#isProbe;
    this.#windows++;
    this.#isProbe = this.#windows >= PROBE_EVERY && ((ratio ?? 1) <= PROBED_UP_TO || this.#limit <= FEW);
    if (this.#isProbe) this.#windows = 0;
    if (this.#ends.some(({ isOverload }) => isOverload)) {
      this.#isStarting = false;
      this.#limit = this.#clamp(this.#limit * OVERLOAD_FACTOR);
    } else if (!wasProbe && ratio !== null) this.#follow(ratio, this.#inUse / this.#looks);
  }

  #follow(ratio: number, inUse: number): void {
    const old = this.#limit;
    const gradient = Math.min(1, Math.max(LEAST_GRADIENT, TOLERANCE / ratio));
    if (gradient < 1) this.#isStarting = false;
    const smoothing = this.#isStarting ? 1 : SMOOTHING;
    const next = (1 - smoothing) * old + smoothing * (old * gradient + Math.sqrt(old));
    // Nobody knows what a limit does that nobody reaches.
    if (next > old && inUse < old / 2) return;
    this.#limit = this.#clamp(next);
  }

  /**
   * How long attempts took in this window, as a multiple of their base; `null`: nothing is known yet. The first window with
   * enough ends of a type is its base, later each probe.
   */
  #learn(): number | null {
    const ratios: number[] = [];
    for (const [type, times] of this.#timesByType()) {
      const base = this.#base.get(type);
      const median = medianOf(times);
      if (times.length >= ENOUGH) {
        if (base === undefined || this.#isProbe) this.#base.set(type, median);
        // Chance makes some windows quick: only half of it counts.
        else if (median < base) this.#base.set(type, (base + median) / 2);
      }
      if (base !== undefined) for (const ms of times) ratios.push(ms / base);
    }
    return ratios.length === 0 ? null : medianOf(ratios);
  }

  #timesByType(): Map<string, number[]> {
    const byType = new Map<string, number[]>();
    for (const { type, ms, isOverload } of this.#ends) {
      // A refusal is quick, and tells nothing of how long the work takes.
      if (isOverload) continue;
      const times = byType.get(type);
      if (times === undefined) byType.set(type, [Math.max(ms, 0.1)]);
      else times.push(Math.max(ms, 0.1));
    }
    return byType;
  }

  #clamp(limit: number): number {
    return Math.min(this.#range.max, Math.max(this.#range.min, limit));
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 1;
}
