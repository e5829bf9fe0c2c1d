import { seededRandom } from '@drover/runtime';

export const HOUR_MS = 3_600_000;

/** Kinds of tasks: how long they take on average, and their part of all tasks. */
export const KINDS = [
  { type: 'page', meanMs: 5_000, part: 0.72 },
  { type: 'report', meanMs: 60_000, part: 0.26 },
  { type: 'video', meanMs: 1_200_000, part: 0.02 },
] as const;

export interface Arrival {
  readonly atMs: number;
  readonly type: string;
  readonly runMs: number;
}

/** Places that would be busy on average at this time of the day: a quiet night, a morning, a burst at noon, an evening. */
export function busyPlaces(atMs: number, peak: number): number {
  const hour = (atMs / HOUR_MS) % 24;
  const wave = (middle: number, width: number): number => Math.exp(-(((hour - middle) / width) ** 2));
  const burst = hour >= 12 && hour < 12.25 ? 0.5 : 0;
  return peak * Math.min(1, 0.05 + 0.75 * wave(10, 2) + 0.65 * wave(19, 2.5) + burst);
}

/** The tasks of a day, in their order: as many as come by chance at this rate. */
export function arrivalsOf({ hours, peak, seed }: { hours: number; peak: number; seed: number }): Arrival[] {
  const random = seededRandom(seed);
  const some = (meanMs: number): number => -meanMs * Math.log(1 - random());
  const meanMs = KINDS.reduce((sum, kind) => sum + kind.part * kind.meanMs, 0);
  const most = peak / meanMs;
  const arrivals: Arrival[] = [];
  for (let atMs = some(1 / most); atMs < hours * HOUR_MS; atMs += some(1 / most)) {
    if (random() > busyPlaces(atMs, peak) / peak) continue;
    let pick = random();
    const kind = KINDS.find(({ part }) => (pick -= part) < 0) ?? KINDS[0];
    arrivals.push({ atMs, type: kind.type, runMs: some(kind.meanMs) });
  }
  return arrivals;
}
