import { cpus } from 'node:os';
import { startEnsemble, startZooKeeper } from '@drover/embedded';
import { ceiling } from './ceiling/ceiling.js';
import { FULL, measure, QUICK, type Comparison } from './compare.js';
import { callers } from './figures/callers.js';
import { compute } from './figures/compute.js';
import type { Figure, Place } from './figures/figure.js';
import { growth, type Curve } from './figures/growth.js';
import { idle } from './figures/idle.js';
import { million } from './figures/million.js';
import { workers } from './figures/workers.js';
import { measurePeers, type PeerFigures } from './peers.js';
import { serviceFolder } from './services/folder.js';
import { droverContender } from './systems/drover.js';

/** Everything that one run measured; `docs/benchmarks.md` is made from it. */
export interface Results {
  at: string;
  machine: { cpu: string; cores: number; node: string; platform: string };
  quick: boolean;
  ensembles: EnsembleResults[];
  peers: PeerFigures | null;
  figures: Figure[];
  curves: Curve[];
}

export interface EnsembleResults {
  servers: number;
  rows: Comparison[];
  figures: Figure[];
}

const SCENARIOS = { million, workers, idle, compute } as const;
export const PARTS = ['one', 'three', 'peers', 'callers', ...Object.keys(SCENARIOS), 'growth'] as const;

export interface RunOptions {
  quick: boolean;
  /** Only these parts; empty: all. */
  only: readonly string[];
  say: (line: string) => void;
}

const TICK_MS = 500;

export async function runBenchmark(options: RunOptions): Promise<Results> {
  const { quick, say } = options;
  const wanted = (part: string): boolean => options.only.length === 0 || options.only.includes(part);
  const results = emptyResults(quick);
  for (const [part, servers] of [
    ['one', 1],
    ['three', 3],
  ] as const) {
    if (wanted(part) || (wanted('callers') && options.only.length > 0))
      await onEnsemble(servers, options, async (place) => {
        const rows = wanted(part) ? await compareWithCeiling(place) : [];
        const figures = wanted('callers') ? await callers(place) : [];
        results.ensembles.push({ servers, rows, figures: [...ratiosToCeiling(rows), ...figures] });
      });
  }
  if (wanted('peers')) results.peers = await measurePeers(quick ? QUICK : FULL, say);
  for (const [part, scenario] of Object.entries(SCENARIOS)) {
    if (wanted(part))
      await onEnsemble(1, options, async (place) => void results.figures.push(...(await scenario(place))));
  }
  if (wanted('growth'))
    await onEnsemble(1, options, async (place) => void results.curves.push(...(await growth(place))));
  return results;
}

async function compareWithCeiling(place: Place): Promise<Comparison[]> {
  const effort = place.quick ? QUICK : FULL;
  place.say(`the bare protocol, ${place.serverCount} server(s)`);
  const bare = await measure(ceiling(place.servers.split(',')), effort);
  place.say(`Drover, ${place.serverCount} server(s)`);
  return [bare, await measure(droverContender(place.chroot('compare'), place.serverCount), effort)];
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

/** Real servers of this run's own, with fsync, and all of it gone afterwards. */
async function onEnsemble(servers: 1 | 3, options: RunOptions, work: (place: Place) => Promise<void>): Promise<void> {
  const folder = await serviceFolder('zookeeper');
  const settings = { dataDir: folder.path, tickTimeMs: TICK_MS, heapMb: 2_048 };
  const ensemble = servers === 1 ? await startZooKeeper(settings) : await startEnsemble({ ...settings, servers });
  let chroots = 0;
  const place: Place = {
    servers: ensemble.connect,
    serverCount: servers,
    tickTimeMs: TICK_MS,
    quick: options.quick,
    say: options.say,
    chroot: (name) => `${ensemble.connect}/bench-${name}-${++chroots}`,
  };
  try {
    await work(place);
  } finally {
    await ensemble.stop();
    await folder.remove();
  }
}

function emptyResults(quick: boolean): Results {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? '?',
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  };
  return { at: new Date().toISOString(), machine, quick, ensembles: [], peers: null, figures: [], curves: [] };
}
