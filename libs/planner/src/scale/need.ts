import type { Amounts } from '@drover/core';
import { inOrder, leftOf, packSteps, take, timesIn, type Bin } from './packing.js';

/** Tasks of one work class that are due and could go out if there were room. */
export interface Line {
  /** Tells it from the others, in this moment and the next. */
  readonly key: string;
  /** Of one task, `slots` among it. */
  readonly demand: Amounts;
  readonly pending: number;
  /** How long a task takes, in milliseconds; null: nobody has told. */
  readonly meanMs: number | null;
  /** Whether the worker may run it, with room or without. */
  readonly fits: (worker: SeenWorker) => boolean;
}

/** Tasks of one work class that run at a worker. */
export interface Held {
  /** As in `Line`. */
  readonly key: string;
  readonly demand: Amounts;
  readonly count: number;
  readonly meanMs: number | null;
}

/** A worker that may be given work, or drains. Of whatever pool. */
export interface SeenWorker {
  readonly id: string;
  readonly name: string;
  readonly pool: string;
  /** Tasks may claim so much of it. */
  readonly capacity: Amounts;
  /** Since when it is there, milliseconds since 1970. */
  readonly since: number;
  readonly draining: boolean;
  /** It drains because the advice asked for it. */
  readonly isGivenUp: boolean;
  readonly held: readonly Held[];
  /** It has tasks, be they running or not. */
  readonly isBusy: boolean;
}

/** Everything that the advice for a pool follows from. */
export interface Load {
  readonly lines: readonly Line[];
  readonly workers: readonly SeenWorker[];
}

/** Remembered of a class between two looks. */
interface Known {
  readonly pending: number;
  /** Worker time of one of its tasks, in milliseconds of a worker; 0: its tasks are long. */
  readonly weightMs: number;
  /** Since when it is seen although nobody has told how long it takes; null: somebody has. */
  readonly unknownSince: number | null;
}

export interface Arrivals {
  readonly at: number;
  /** Workers that keep up with what came in the last minutes; tasks that are longer than `drainWithinMs` are not in it. */
  readonly workers: number;
  readonly known: ReadonlyMap<string, Known>;
}

export interface Need {
  /** Workers of the pool, all together. */
  readonly workers: number;
  readonly arrivals: Arrivals;
  /** Tasks of the lines that the pool may run. */
  readonly pending: number;
  /** How long they take, on average; null: there are none. */
  readonly meanMs: number | null;
}

/** The arrivals of the last minutes are averaged with this time constant. */
const ARRIVALS_MS = 300_000;
/** So much less than a whole worker is no reason for one more. Of arrivals alone, which are an estimate. */
const TOLERANCE = 0.1;
/** A task of which nobody has told is taken for at least so long. */
const UNKNOWN_MS = 1_000;
/** New workers that one look asks for at most, where the pool has no `max`. */
const MOST_NEW = 10_000;

export interface NeedOptions {
  readonly pool: string;
  readonly template: Amounts;
  readonly max: number | null;
  readonly drainWithinMs: number;
}

/** Places of a worker that is there. */
interface Place extends Bin {
  readonly worker: SeenWorker;
}

/**
 * How many workers a pool needs so that everything that runs, waits, and will probably come, has its time within `drainWithinMs`.
 *
 * A task counts for the part of this time that it takes, and wholly if it takes longer. So a thousand short tasks are a few places, ten long ones
 * are ten, and workers that are busy with a backlog are no reason for more of them. Whole places are packed: first into the room that
 * there will be at workers, for which only long tasks count, then into workers like the template. Fractions and arrivals fill what is left.
 */
export function* needSteps(
  { lines, workers }: Load,
  before: Arrivals | null,
  options: NeedOptions,
  now: number,
): Generator<void, Need> {
  const { pool, template, max, drainWithinMs } = options;
  const known = new Map<string, Known>();
  const meanOf = ({ key, meanMs }: { key: string; meanMs: number | null }): number => {
    if (meanMs !== null) return meanMs;
    return Math.max(UNKNOWN_MS, now - (before?.known.get(key)?.unknownSince ?? now));
  };
  const own = lines.filter(({ demand }) => timesIn(template, demand) > 0);
  const usable = workers.filter(({ draining }) => !draining);
  const ours = usable.filter((worker) => worker.pool === pool);

  // Tasks that run.
  const places: Place[] = [];
  let long = 0;
  let short = 0;
  for (const [at, worker] of usable.entries()) {
    if (at % 1_000 === 999) yield;
    const free = { ...worker.capacity };
    for (const held of worker.held) {
      const isLong = meanOf(held) >= drainWithinMs;
      if (isLong) take(free, held.demand, held.count);
      if (worker.pool !== pool) continue;
      const part = held.count / Math.max(1, timesIn(template, held.demand));
      if (isLong) long += part;
      else short += part;
      note(known, before, held, { weightMs: 0, now });
    }
    places.push({ worker, free });
  }

  // Tasks that wait.
  let whole = 0;
  let rest = 0;
  let pending = 0;
  let pendingMs = 0;
  const lots = inOrder(own, template).map((line) => {
    const meanMs = meanOf(line);
    const fit = timesIn(template, line.demand);
    const items = line.pending * Math.min(1, meanMs / drainWithinMs);
    const count = Math.floor(items);
    whole += count / fit;
    rest += (items - count) / fit;
    pending += line.pending;
    pendingMs += line.pending * meanMs;
    const weightMs = meanMs >= drainWithinMs ? 0 : meanMs / fit;
    note(known, before, line, { weightMs, now, pending: line.pending });
    return { demand: line.demand, count, fits: ({ worker }: Place) => line.fits(worker) };
  });

  const arrivals = { at: now, workers: arriving(before, known, short, now), known };
  const most = Math.min(MOST_NEW, Math.max(0, (max ?? Infinity) - ours.length));
  const fresh = yield* packSteps(lots, places, { template, most });
  const free = [...places.filter(({ worker }) => worker.pool === pool), ...fresh];
  const left = free.reduce((sum, place) => sum + leftOf(place.free, template), 0);
  const coming = Math.max(0, arrivals.workers - TOLERANCE);
  const more = fresh.length + Math.max(0, Math.ceil(rest + coming - left));
  const least = pending > 0 || ours.some(({ isBusy }) => isBusy) ? 1 : 0;
  const volume = Math.max(least, Math.ceil(long + whole + rest + coming));
  return {
    workers: more > 0 ? ours.length + more : Math.min(ours.length, volume),
    arrivals,
    pending,
    meanMs: pending === 0 ? null : pendingMs / pending,
  };
}

function note(
  known: Map<string, Known>,
  before: Arrivals | null,
  { key, meanMs }: { key: string; meanMs: number | null },
  { weightMs, now, pending = 0 }: { weightMs: number; now: number; pending?: number },
): void {
  const unknownSince = meanMs === null ? (before?.known.get(key)?.unknownSince ?? now) : null;
  const other = known.get(key);
  if (other === undefined) known.set(key, { pending, weightMs, unknownSince });
  else known.set(key, { ...other, pending: other.pending + pending, weightMs: Math.max(other.weightMs, weightMs) });
}

/**
 * The work that came since the look before is what ran in this time and what more waits now. On average over time that is exact, however the work is
 * handed out.
 */
function arriving(before: Arrivals | null, known: ReadonlyMap<string, Known>, short: number, now: number): number {
  if (before === null) return short;
  const passedMs = Math.max(1, now - before.at);
  let grownMs = 0;
  for (const key of new Set([...before.known.keys(), ...known.keys()])) {
    const then = before.known.get(key);
    const since = known.get(key);
    const weightMs = since === undefined || since.weightMs === 0 ? (then?.weightMs ?? 0) : since.weightMs;
    grownMs += ((since?.pending ?? 0) - (then?.pending ?? 0)) * weightMs;
  }
  const newest = short + grownMs / passedMs;
  const share = 1 - Math.exp(-passedMs / ARRIVALS_MS);
  return before.workers + share * (newest - before.workers);
}
