import { startEnsemble, startZooKeeper } from '@drover/embedded';
import { FULL, QUICK } from './compare.js';
import { measureEnsemble } from './ensemble.js';
import type { Place } from './figures/figure.js';
import { growth } from './figures/growth.js';
import { SCENARIOS } from './on-ensemble.js';
import { measurePeers } from './peers.js';
import { inPlace } from './place.js';
import { noResults, type Results } from './results.js';
import { serviceFolder } from './services/folder.js';

export const PARTS: readonly string[] = ['one', 'three', 'peers', 'callers', ...Object.keys(SCENARIOS), 'growth'];

export interface RunOptions {
  quick: boolean;
  /** Only these of `PARTS`; empty: all. */
  only: readonly string[];
  /** Path of the `drover` program. */
  program: string;
  say: (line: string) => void;
}

const TICK_MS = 500;
const SERVERS = { one: 1, three: 3 } as const;

/** Everything in one run, each part on servers of its own with fsync; nothing is left behind. */
export async function runBenchmark(options: RunOptions): Promise<Results> {
  const { quick, only, say } = options;
  const wanted = (part: string): boolean => only.length === 0 || only.includes(part);
  const results = noResults(quick);
  for (const [part, servers] of Object.entries(SERVERS)) {
    const parts = { compare: wanted(part), callers: wanted('callers') };
    if (!parts.compare && !parts.callers) continue;
    results.ensembles.push(await onServers(servers, options, (place) => measureEnsemble(place, parts)));
  }
  if (wanted('peers')) results.peers = await measurePeers(quick ? QUICK : FULL, say);
  for (const [part, scenario] of Object.entries(SCENARIOS))
    if (wanted(part)) results.figures.push(...(await onServers(1, options, scenario)));
  if (wanted('growth')) results.curves.push(...(await onServers(1, options, growth)));
  return results;
}

async function onServers<Result>(
  servers: 1 | 3,
  options: RunOptions,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const folder = await serviceFolder('zookeeper');
  const settings = { dataDir: folder.path, tickTimeMs: TICK_MS, heapMb: 2_048 };
  const ensemble = servers === 1 ? await startZooKeeper(settings) : await startEnsemble({ ...settings, servers });
  try {
    return await inPlace(ensemble.connect, { ...options, connection: {} }, work);
  } finally {
    await ensemble.stop();
    await folder.remove();
  }
}
