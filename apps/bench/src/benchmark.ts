import type { Effort } from './effort.js';
import type { ConnectionFlags } from './ensemble-connection.js';
import { measureEnsemble } from './ensemble.js';
import { api } from './figures/api.js';
import { autoscale } from './figures/autoscale.js';
import { backlog } from './figures/backlog.js';
import { calendar } from './figures/calendar.js';
import { compute } from './figures/compute.js';
import { rowsOf, type Figure, type Place } from './figures/figure.js';
import { CURVES, measurePoint, pointsOf, type Curve } from './figures/growth.js';
import { idle } from './figures/idle.js';
import { limits } from './figures/limits.js';
import { million } from './figures/million.js';
import { order } from './figures/order.js';
import { peersFlows } from './figures/peers-flows.js';
import { peersLateness } from './figures/peers-lateness.js';
import { placement } from './figures/placement.js';
import { planner } from './figures/planner.js';
import { schedules } from './figures/schedules.js';
import { storage } from './figures/storage.js';
import { workers } from './figures/workers.js';
import { attempt, isWanted, orFailed, type Run } from './part.js';
import { measurePeers } from './peers.js';
import { noResults, type Results } from './results.js';
import { givenServers, ownServers, zooKeeperVersion, type Venue } from './venue.js';

/** The parts on servers alone and on ensembles; they share each. */
export const ENSEMBLE_PARTS: readonly string[] = ['compare', 'callers', 'lateness', 'flows', 'znodes'];
const SCENARIOS: Readonly<Record<string, (place: Place) => Promise<Figure[]>>> = {
  million,
  workers,
  idle,
  compute,
  backlog,
  schedules,
  order,
  limits,
  api,
};
/** The parts on a server alone, each on a new one. */
export const SCENARIO_PARTS: readonly string[] = Object.keys(SCENARIOS);
/** The parts of `drover bench`, on an ensemble that is there already. */
export const OWN_PARTS: readonly string[] = [...ENSEMBLE_PARTS, ...SCENARIO_PARTS, 'growth'];
/** The parts of `npm run bench`: in addition the peers, and parts that need the folder of a server, or no server. */
export const PARTS: readonly string[] = [
  ...OWN_PARTS,
  'planner',
  'autoscale',
  'placement',
  'calendar',
  'storage',
  'peers',
];

export interface RunOptions {
  effort: Effort;
  /** Only these parts; empty: all. */
  only: readonly string[];
  /** Path of the `drover` program. */
  program: string;
  /** How the servers are reached; `{}`: over TCP, without credentials. */
  connection: ConnectionFlags;
  say: (line: string) => void;
  /** Whether servers of peers that are missing may be installed, where this process is able to. Default: no. */
  install?: boolean;
  /** Called after each figure with all that there is so far. */
  save?: (results: Results) => Promise<void>;
}

/** Everything in one run, each part on servers of its own with fsync; nothing is left behind. */
export async function runBenchmark(options: Omit<RunOptions, 'connection'>): Promise<Results> {
  const run = runOf({ ...options, connection: {} });
  const venue = ownServers(run);
  try {
    if (OWN_PARTS.some((part) => isWanted(run, part))) {
      await onVenue(run, venue);
      await growth(run, venue, true);
    }
  } finally {
    await venue.close();
  }
  if (isWanted(run, 'lateness')) await peersLateness(run);
  if (isWanted(run, 'flows')) await peersFlows(run);
  if (isWanted(run, 'planner')) await scenario(run, 'planner', () => planner(run.effort));
  if (isWanted(run, 'placement')) await scenario(run, 'placement', () => placement(run.effort));
  if (isWanted(run, 'autoscale')) await scenario(run, 'autoscale', () => autoscale(run.effort));
  if (isWanted(run, 'calendar')) await scenario(run, 'calendar', () => calendar(run.effort));
  if (isWanted(run, 'storage')) await scenario(run, 'storage', () => storage(run.effort));
  if (isWanted(run, 'peers')) await measurePeers(run);
  return finish(run);
}

/** Drover's part on an ensemble that is there already: `host:port,...` without a chroot. Nothing is left behind. */
export async function benchmarkEnsemble(servers: string, options: RunOptions): Promise<Results> {
  const run = runOf(options);
  const venue = givenServers(servers, run);
  await onVenue(run, venue);
  await growth(run, venue, false);
  return finish(run);
}

const runOf = ({ save = () => Promise.resolve(), install = false, ...options }: RunOptions): Run => ({
  ...options,
  save,
  install,
  results: noResults(options.effort.form),
});

async function finish({ results, save }: Run): Promise<Results> {
  results.finished = true;
  await save(results);
  return results;
}

async function onVenue(run: Run, venue: Venue): Promise<void> {
  // This may throw: if there is no ZooKeeper, no part can be measured.
  run.results.versions.push(await venue.on(smallest(venue), (place) => zooKeeperVersion(place.servers)));
  if (ENSEMBLE_PARTS.some((part) => isWanted(run, part)))
    for (const size of venue.sizes)
      await orFailed(run, `ensemble of ${size}`, () => venue.on(size, (place) => measureEnsemble(place, run)));
  for (const [part, work] of Object.entries(SCENARIOS))
    if (isWanted(run, part)) await scenario(run, part, () => venue.on(smallest(venue), work));
}

const smallest = ({ sizes }: Venue): number => Math.min(...sizes);

/** Repeats the work as often as the effort says, from the start each time. Figures from before a failure are kept. */
async function scenario(run: Run, part: string, work: () => Promise<Figure[]>): Promise<void> {
  const group: Results['figures'][number] = { part, rows: [] };
  run.results.figures.push(group);
  await attempt(run, part, async () => {
    const runs: Figure[][] = [];
    for (let n = 1; n <= run.effort.scenarioRuns; n++) {
      run.say(`${part}: run ${n} of ${run.effort.scenarioRuns}`);
      runs.push(await work());
      group.rows = rowsOf(runs);
      for (const { key, value } of group.rows) if (key !== undefined) run.results.named[key] = value.median;
      await run.save(run.results);
    }
  });
}

/** Each point on its own; `servers`: also over sizes of ensemble. */
async function growth(run: Run, venue: Venue, servers: boolean): Promise<void> {
  if (!isWanted(run, 'growth')) return;
  for (const settings of CURVES) {
    const { name, xName, setting, serversOf } = settings;
    if (serversOf !== undefined && !servers) continue;
    const curve: Curve = { name, xName, points: [] };
    run.results.curves.push(curve);
    await attempt(run, `growth, ${name.toLowerCase()}`, async () => {
      for (const x of pointsOf(settings, run.effort)) {
        run.say(`${name}: ${x}`);
        const size = serversOf?.(x) ?? smallest(venue);
        const tasksPerSecond = await venue.on(size, (place) => measurePoint(place, setting(x)));
        curve.points.push({ x, tasksPerSecond });
        await run.save(run.results);
      }
    });
  }
}
