import { ceiling } from './ceiling/ceiling.js';
import { FULL, measure, QUICK, type Comparison } from './compare.js';
import { callers } from './figures/callers.js';
import type { Figure, Place } from './figures/figure.js';
import { droverContender } from './systems/drover.js';

/** Drover beside the bare protocol on one ensemble. */
export interface EnsembleResults {
  servers: number;
  rows: Comparison[];
  figures: Figure[];
}

export async function measureEnsemble(
  place: Place,
  parts: { compare: boolean; callers: boolean },
): Promise<EnsembleResults> {
  const rows = parts.compare ? await compareWithCeiling(place) : [];
  const figures = [...ratiosToCeiling(rows), ...(parts.callers ? await callers(place) : [])];
  return { servers: place.serverCount, rows, figures };
}

async function compareWithCeiling(place: Place): Promise<Comparison[]> {
  const effort = place.quick ? QUICK : FULL;
  place.say(`the bare protocol, ${place.serverCount} server(s)`);
  const bare = await measure(ceiling(place, place.newRoot('ceiling')), effort);
  place.say(`Drover, ${place.serverCount} server(s)`);
  return [bare, await measure(droverContender(place.chroot('compare'), place), effort)];
}

function ratiosToCeiling([bare, drover]: readonly Comparison[]): Figure[] {
  if (bare === undefined || drover === undefined) return [];
  const ratio = (name: string, value: number, target: Figure['target']): Figure => ({
    name,
    value,
    unit: 'of the ceiling',
    target,
  });
  return [
    ratio('bulk, submit to result', drover.tasksPerSecond.median / bare.tasksPerSecond.median, { atLeast: 0.6 }),
    ratio('round trip of a single task, p50', drover.singleMs.p50 / bare.singleMs.p50, { atMost: 1.3 }),
    ratio('round trip of a single task, p99', drover.singleMs.p99 / bare.singleMs.p99, { atMost: 2 }),
  ];
}
