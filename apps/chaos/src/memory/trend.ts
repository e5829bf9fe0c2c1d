import { slopeOf, type Point } from '../report/statistics.js';
import type { MemorySample } from './memory.js';

const MIB = 1_048_576;
const HOUR_MS = 3_600_000;

/** Memory of one process over a run, in MiB, and how fast it grows in the second half, in MiB per hour. */
export interface Trend {
  name: string;
  firstMib: number;
  lastMib: number;
  maxMib: number;
  mibPerHour: number;
}

/**
 * The trend of each process, by name. Of a process that was started again only the last life counts, since a new
 * process is small. Garbage is collected now and then, so the least value of each minute is the memory that is really
 * held. `of` picks the figure.
 */
export function trendsOf(samples: readonly MemorySample[], of: 'rss' | 'heap'): Trend[] {
  const names = [...new Set(samples.map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const own = samples.filter((sample) => sample.name === name && sample[of] !== undefined);
    const life = own.filter(({ pid }) => pid === own.at(-1)?.pid);
    const points = life.map((sample) => ({ x: sample.at, y: (sample[of] ?? 0) / MIB }));
    const values = points.map(({ y }) => y);
    if (values.length === 0) return [];
    const [firstMib = 0, lastMib = 0] = [values[0], values.at(-1)];
    return [{ name, firstMib, lastMib, maxMib: Math.max(...values), mibPerHour: growthPerHour(points) }];
  });
}

/** Growth per hour of `points` over time in ms: the slope of the second half, by the least value of each minute. */
export function growthPerHour(points: readonly Point[]): number {
  const least = leastOfEachMinute(points);
  return slopeOf(least.slice(Math.floor(least.length / 2))) * HOUR_MS;
}

function leastOfEachMinute(points: readonly Point[]): Point[] {
  const minutes = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor(point.x / 60_000);
    if (point.y < (minutes.get(minute)?.y ?? Infinity)) minutes.set(minute, point);
  }
  return [...minutes.values()];
}
