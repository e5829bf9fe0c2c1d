import type { PoolSpec } from '@drover/core';
import type { Arrivals, Need, SeenWorker } from './need.js';
import { shareOf } from './packing.js';

/** A direction changes no more often than `MOST_TURNS` times in this time. */
const TURNS_MS = 600_000;

/** The part of a pool's definition that says how it is to be scaled. */
export type ScaleSpec = Pick<PoolSpec, 'min' | 'max' | 'idleForMs' | 'drainWithinMs' | 'cooldownMs' | 'bootWithinMs'>;

/** Workers that somebody has said to be on their way. */
export interface Coming {
  readonly count: number;
  readonly at: number;
}

/** The next look goes on from it. Times are milliseconds since 1970. */
export interface ScaleMemory {
  readonly wanted: number;
  /** Since when it is looked at. */
  readonly since: number;
  /** When `wanted` changed last; null: never. */
  readonly changedAt: number | null;
  readonly direction: 'up' | 'down' | null;
  /** When the direction changed. */
  readonly turns: readonly number[];
  /** When workers that are missing were asked for last. */
  readonly askedAt: number | null;
  readonly coming: Coming | null;
  readonly needs: readonly { readonly at: number; readonly workers: number }[];
  /** Null: there was no look yet. */
  readonly arrivals: Arrivals | null;
}

/** The part of it that outlives a leader. */
export type LastingMemory = Omit<ScaleMemory, 'needs' | 'arrivals' | 'since'>;

export interface Advice {
  readonly pool: string;
  /** Workers of the pool that there should be, those that come included. */
  readonly wanted: number;
  /** Those that are there, without those that drain. */
  readonly have: number;
  /** Those that are on their way, as far as is known. */
  readonly coming: number;
  /** Names of those that were given up and have nothing any more. */
  readonly remove: readonly string[];
  readonly why: string;
  readonly at: number;
}

export interface Advised {
  readonly memory: ScaleMemory;
  readonly advice: Advice;
  /** Ids of workers that are to drain now, and of those that are not to any more. */
  readonly drain: readonly string[];
  readonly undrain: readonly string[];
}

/** A look at a pool. */
export interface Look {
  readonly pool: string;
  readonly spec: ScaleSpec;
  readonly need: Need;
  /** Of the pool. */
  readonly workers: readonly SeenWorker[];
  readonly now: number;
}

/**
 * Up at once, down late. `wanted` falls only to the most that was needed in the last `idleForMs`, once in a `cooldownMs`. A turn downwards waits
 * until there was none for ten minutes, so that a turn upwards never has to wait: two in ten minutes at most.
 */
export function advise(before: ScaleMemory | LastingMemory | null, look: Look): Advised {
  const { spec, need, workers, now } = look;
  const there = workers.filter(({ draining }) => !draining);
  const memory = moved(begun(before, look, there.length), look);
  const surplus = there.length - memory.wanted;
  const isLate = memory.askedAt === null || now - memory.askedAt >= spec.bootWithinMs;
  const coming = comingOf(memory, look, there.length);
  const isMissing = memory.wanted > there.length + coming;
  const back = surplus < 0 ? givenUp(workers).slice(0, -surplus) : [];
  return {
    memory: isMissing && isLate ? { ...memory, askedAt: now } : memory,
    advice: {
      ...{ pool: look.pool, wanted: memory.wanted, have: there.length, at: now },
      coming: isMissing && isLate ? memory.wanted - there.length : coming,
      remove: workers.filter((worker) => isRemovable(worker, back)).map(({ name }) => name),
      why: whyOf(need, memory, look),
    },
    drain:
      surplus > 0
        ? leaving(there, spec, now)
            .slice(0, surplus)
            .map(({ id }) => id)
        : [],
    undrain: back.map(({ id }) => id),
  };
}

function begun(before: ScaleMemory | LastingMemory | null, { spec, need, now }: Look, have: number): ScaleMemory {
  const fresh = { since: now, needs: [], arrivals: null };
  if (before !== null) return { ...fresh, ...before };
  const wanted = within(spec, Math.max(have, need.workers));
  const first = { wanted, changedAt: null, direction: null, turns: [] };
  return { ...fresh, ...first, askedAt: null, coming: null };
}

const within = ({ min, max }: ScaleSpec, workers: number): number => Math.max(min, Math.min(max ?? Infinity, workers));

/** `wanted` as it is now. */
function moved(before: ScaleMemory, { spec, need, now }: Look): ScaleMemory {
  const { idleForMs } = spec;
  const keepMs = idleForMs ?? 0;
  const needs = [...before.needs.filter(({ at }) => now - at < keepMs), { at: now, workers: need.workers }];
  const turns = before.turns.filter((at) => now - at < TURNS_MS);
  const memory = { ...before, needs, turns, arrivals: need.arrivals };
  const most = within(spec, Math.max(...needs.map(({ workers }) => workers)));
  const wanted = within(spec, before.wanted);
  const needed = within(spec, need.workers);
  if (needed > wanted) return changed(memory, needed, now);
  // Somebody has changed the bounds.
  if (wanted !== before.wanted) return changed(memory, wanted, now);
  if (idleForMs === null || most >= wanted || now - before.since < idleForMs) return memory;
  const isCool = before.changedAt === null || now - before.changedAt >= spec.cooldownMs;
  return isCool && (before.direction !== 'up' || turns.length === 0) ? changed(memory, most, now) : memory;
}

function changed(memory: ScaleMemory, wanted: number, now: number): ScaleMemory {
  const direction = wanted > memory.wanted ? 'up' : 'down';
  const isTurn = memory.direction !== null && memory.direction !== direction;
  const askedAt = direction === 'up' ? now : memory.askedAt;
  return {
    ...memory,
    wanted,
    changedAt: now,
    direction,
    turns: isTurn ? [...memory.turns, now] : memory.turns,
    askedAt,
  };
}

/** The word of somebody counts, less those that have joined since; else what was asked for a short time ago. */
function comingOf({ wanted, coming, askedAt }: ScaleMemory, { spec, workers, now }: Look, have: number): number {
  if (coming !== null && now - coming.at < spec.bootWithinMs)
    return Math.max(0, coming.count - workers.filter(({ since }) => since > coming.at).length);
  return askedAt !== null && now - askedAt < spec.bootWithinMs ? Math.max(0, wanted - have) : 0;
}

/** Those that are missed least first: the least loaded, then the newest. One that has just come is left alone. */
function leaving(there: readonly SeenWorker[], { idleForMs }: ScaleSpec, now: number): SeenWorker[] {
  if (idleForMs === null) return [];
  const loadOf = ({ held, capacity }: SeenWorker): number =>
    held.reduce((sum, { demand, count }) => sum + shareOf(demand, capacity) * count, 0);
  const sized = there
    .filter(({ since }) => now - since >= idleForMs)
    .map((worker) => ({ worker, load: loadOf(worker) }));
  sized.sort((a, b) => a.load - b.load || b.worker.since - a.worker.since || (a.worker.id < b.worker.id ? -1 : 1));
  return sized.map(({ worker }) => worker);
}

/** The busiest first: those that are empty may be on their way out already. */
const givenUp = (workers: readonly SeenWorker[]): SeenWorker[] =>
  workers
    .filter(({ isGivenUp, draining }) => isGivenUp && draining)
    .sort((a, b) => Number(b.isBusy) - Number(a.isBusy) || (a.id < b.id ? -1 : 1));

const isRemovable = (worker: SeenWorker, back: readonly SeenWorker[]): boolean =>
  worker.draining && worker.isGivenUp && !worker.isBusy && !back.includes(worker);

function whyOf({ workers, pending, meanMs, arrivals }: Need, { wanted }: ScaleMemory, { spec }: Look): string {
  const waits = meanMs === null ? 'nothing waits' : `${pending} tasks of ${secondsOf(meanMs)} wait`;
  const comes = `new ones take the time of ${Math.max(0, arrivals.workers).toFixed(1)} workers`;
  const needed = `${waits}, ${comes}: ${workers} needed`;
  if (workers > wanted) return `${needed}, ${wanted} at most`;
  if (workers < wanted)
    return `${needed}, ${wanted === spec.min ? `${wanted} at least` : `${wanted} until that has lasted`}`;
  return needed;
}

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
