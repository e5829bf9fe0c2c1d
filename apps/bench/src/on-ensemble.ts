import type { ConnectionFlags } from './ensemble-connection.js';
import { measureEnsemble } from './ensemble.js';
import { compute } from './figures/compute.js';
import type { Figure, Place } from './figures/figure.js';
import { growth } from './figures/growth.js';
import { idle } from './figures/idle.js';
import { million } from './figures/million.js';
import { workers } from './figures/workers.js';
import { inPlace } from './place.js';
import { noResults, type Results } from './results.js';

export const SCENARIOS: Readonly<Record<string, (place: Place) => Promise<Figure[]>>> = {
  million,
  workers,
  idle,
  compute,
};
export const OWN_PARTS: readonly string[] = ['compare', 'callers', ...Object.keys(SCENARIOS), 'growth'];

export interface OwnOptions {
  quick: boolean;
  /** Only these of `OWN_PARTS`; empty: all. */
  only: readonly string[];
  /** Path of the `drover` program. */
  program: string;
  /** How the servers are reached; `{}`: over TCP, without credentials. */
  connection: ConnectionFlags;
  say: (line: string) => void;
}

/** Drover's part on an ensemble that is there already: `host:port,...` without a chroot. Nothing is left behind. */
export async function benchmarkEnsemble(servers: string, options: OwnOptions): Promise<Results> {
  const { only } = options;
  const wanted = (part: string): boolean => only.length === 0 || only.includes(part);
  return inPlace(servers, options, async (place) => {
    const results = noResults(options.quick);
    const parts = { compare: wanted('compare'), callers: wanted('callers') };
    if (parts.compare || parts.callers) results.ensembles.push(await measureEnsemble(place, parts));
    for (const [part, scenario] of Object.entries(SCENARIOS))
      if (wanted(part)) results.figures.push(...(await scenario(place)));
    if (wanted('growth')) results.curves.push(...(await growth(place)));
    return results;
  });
}
