import { CHUNK_MS, MAX_SLICE, PROBE_MS, PROBES, TURN_MS } from './settings.js';

/** Share of the newest sample in the average of what was inferred. */
const NEWEST = 0.3;
/** Times are whole milliseconds, and of two clocks: nothing took less. */
const CLOCK_TICK_MS = 1;
/** A report counts half as much after this long. */
const HALF_LIFE_MS = 200;
/** A microsecond: what workers count in. */
const LEAST_MS = 0.001;
/** Longer round trips are not hidden: work that was handed out ahead is hard to give to anybody else. */
const LONGEST_TRIP_MS = 250;

/**
 * How fast one worker ends tasks of one type: milliseconds of its time per task, all its places together.
 *
 * Workers report how long the tasks of a report took them (`reported`). If they do not, it is inferred from the time
 * between completions while such work is out (`end`); that is too slow by whatever the round trip took while the worker
 * had nothing to do. Reports of the same millisecond are one sample then, or the second would look infinitely fast.
 */
export class Pace {
  readonly #reported = new ReportedPace();
  #average: number | null = null;
  /** End of the last whole sample, or when work of the type came to an idle worker. */
  #since: number;
  #sampleAt: number;
  #sampled = 0;

  constructor(now: number) {
    this.#since = now;
    this.#sampleAt = now;
  }

  /** Work arrives where none of the type was out: the time without work does not count. */
  begin(now: number): void {
    this.#close();
    this.#since = now;
    this.#sampleAt = now;
  }

  end(tasks: number, at: number): void {
    if (at > this.#sampleAt) this.#close();
    this.#sampleAt = Math.max(this.#sampleAt, at);
    this.#sampled += tasks;
  }

  reported(tasks: number, ranMs: number, at: number): void {
    this.#reported.add(tasks, ranMs, at);
  }

  /** Milliseconds per task; null: not known yet. */
  get msPerTask(): number | null {
    return this.#reported.msPerTask ?? (this.#sampled === 0 ? this.#average : this.#mixed());
  }

  #close(): void {
    if (this.#sampled > 0) this.#average = this.#mixed();
    this.#since = this.#sampleAt;
    this.#sampled = 0;
  }

  #mixed(): number {
    const sample = Math.max(CLOCK_TICK_MS, this.#sampleAt - this.#since) / this.#sampled;
    return this.#average === null ? sample : this.#average + NEWEST * (sample - this.#average);
  }
}

/**
 * Reported time over the tasks that it was reported for, the older the less. A quotient of sums, because a single
 * report misleads: of tasks that ran at the same time one report carries all the time, and the others none.
 */
export class ReportedPace {
  #ranMs = 0;
  #tasks = 0;
  #at = -Infinity;

  add(tasks: number, ranMs: number, at: number): void {
    const passed = Math.max(0, at - this.#at);
    const kept = passed === 0 ? 1 : 0.5 ** (passed / HALF_LIFE_MS);
    this.#ranMs = this.#ranMs * kept + ranMs;
    this.#tasks = this.#tasks * kept + tasks;
    this.#at = Math.max(this.#at, at);
  }

  /** Milliseconds per task; null: not known yet. */
  get msPerTask(): number | null {
    return this.#tasks === 0 ? null : Math.max(LEAST_MS, this.#ranMs / this.#tasks);
  }
}

/**
 * How long the way to a worker and back is: from the decision to hand out an assignment until its last report is
 * known, without the time that the worker had it. A moving average, and how far it strays from it (Jacobson's).
 */
export class RoundTrip {
  #averageMs = 0;
  #strayMs = 0;
  #known = false;

  took(ms: number): void {
    const sample = Math.max(0, ms);
    if (this.#known) {
      this.#strayMs += (Math.abs(sample - this.#averageMs) - this.#strayMs) / 4;
      this.#averageMs += (sample - this.#averageMs) / 8;
    } else {
      this.#averageMs = sample;
      this.#strayMs = sample / 2;
      this.#known = true;
    }
  }

  /** The time that work at the worker must last to hide it, mostly; 0 where it is not known. */
  get ms(): number {
    return Math.min(LONGEST_TRIP_MS, this.#averageMs + 2 * this.#strayMs);
  }
}

/**
 * The first tasks of a type whose pace nobody has reported. Divided among a thousand workers they would be a thousand
 * assignments of a few tasks each, and a type that takes no time would go that way until the first has answered. So a
 * few workers are given some; then twice as many, and so on, until it is known how to divide.
 */
export class Probe<Worker> {
  /** Those that were given some. */
  readonly tried: Worker[] = [];
  #since: number | null = null;

  /** To how many workers that had none before tasks may go at `now`. */
  allowance(now: number): number {
    return Math.max(0, PROBES * 2 ** this.#doublings(now) - this.tried.length);
  }

  /** When the allowance is larger than at `now`. */
  growsAt(now: number): number {
    return (this.#since ?? now) + (this.#doublings(now) + 1) * PROBE_MS;
  }

  #doublings(now: number): number {
    this.#since ??= now;
    return Math.max(0, Math.floor((now - this.#since) / PROBE_MS));
  }
}

/** A map that forgets what was not asked for between two turns. */
export class AgingMap<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(name: string): Value | undefined {
    const young = this.#young.get(name);
    if (young !== undefined || this.#old.size === 0) return young;
    const old = this.#old.get(name);
    if (old === undefined) return undefined;
    this.#old.delete(name);
    this.#young.set(name, old);
    return old;
  }

  set(name: string, value: Value): void {
    this.#old.delete(name);
    this.#young.set(name, value);
  }

  turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}

/** The knowledge of the speed of types and of the ways to workers, by what all workers report. */
export class Speeds<Worker> {
  readonly paces = new AgingMap<ReportedPace>();
  /** How long tasks take, each by itself: known of those that tenants share by time. */
  readonly #busy = new AgingMap<ReportedPace>();
  /** How long the ways of all workers are: what is known of one that has not answered yet. */
  readonly roundTrip = new RoundTrip();
  readonly #probes = new Map<string, Probe<Worker>>();

  reported(type: string, tasks: number, ranMs: number, at: number): void {
    let pace = this.paces.get(type);
    if (pace === undefined) {
      pace = new ReportedPace();
      this.paces.set(type, pace);
      this.#probes.delete(type);
    }
    pace.add(tasks, ranMs, at);
  }

  reportedBusy(type: string, tasks: number, busyMs: number, at: number): void {
    let pace = this.#busy.get(type);
    if (pace === undefined) {
      pace = new ReportedPace();
      this.#busy.set(type, pace);
    }
    pace.add(tasks, busyMs, at);
  }

  /** How long a task of the type takes at its place; what nobody has told is taken for a millisecond. */
  busyMsPerTask(type: string): number {
    return this.#busy.get(type)?.msPerTask ?? 1;
  }

  /** Types that were not asked for since the last time are forgotten. */
  turn(): void {
    this.paces.turn();
    this.#busy.turn();
  }

  /** Null: not known yet. */
  msPerTask(type: string): number | null {
    return this.paces.get(type)?.msPerTask ?? null;
  }

  /** Null: the pace of the type was reported, there is nothing to find out. */
  probeOf(type: string): Probe<Worker> | null {
    if (this.paces.get(type) !== undefined) return null;
    let probe = this.#probes.get(type);
    if (probe === undefined) {
      probe = new Probe();
      this.#probes.set(type, probe);
    }
    return probe;
  }

  /** Nobody has unfinished tasks of the type any more. */
  forget(type: string): void {
    this.#probes.delete(type);
  }

  /** Names of types that are remembered. */
  get size(): number {
    return this.paces.size + this.#busy.size + this.#probes.size;
  }
}

/**
 * Tasks of `msPerTask` that are not worth dividing among `workers` while so many are `pending`. Assignments are made
 * one after the other, workers run side by side: with n assignments for work of `workMs` the last task ends after about
 * n x CHUNK_MS + workMs / n, which is least with n = sqrt(workMs / CHUNK_MS). Fewer workers than that all get a part.
 */
export function minChunkOf(
  msPerTask: number | null,
  { pending, workers, aheadMs }: { pending: number; workers: number; aheadMs: number },
): number {
  if (msPerTask === null || aheadMs === 0) return 1;
  const workMs = pending * msPerTask;
  const best = Math.sqrt(workMs / CHUNK_MS);
  const chunkMs = workers <= best ? CHUNK_MS : Math.max(CHUNK_MS, Math.min(workMs / best, aheadMs));
  return Math.max(1, Math.min(MAX_SLICE, Math.floor(chunkMs / msPerTask)));
}

/**
 * Tasks of a turn at a worker while others contend for the same room: `minChunk`, and more while every worker has enough to
 * do besides. Each turn makes an assignment of its own, which costs all of them the same however small it is.
 */
export function turnChunkOf(
  msPerTask: number | null,
  { pending, workers, aheadMs }: { pending: number; workers: number; aheadMs: number },
  minChunk: number,
): number {
  if (msPerTask === null || aheadMs === 0 || pending * msPerTask < workers * aheadMs) return minChunk;
  return Math.max(minChunk, Math.min(MAX_SLICE, Math.floor(TURN_MS / msPerTask)));
}
