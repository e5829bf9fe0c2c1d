import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fromFiles, renderReport, verify, type Report, type Sample } from '@drover/verify';
import { readJournal } from '../journal.js';
import type { MemorySample } from '../memory/memory.js';
import { growthPerHour, trendsOf } from '../memory/trend.js';
import type { Ran } from '../run/run.js';
import type { Setup } from '../run/setup.js';
import { thisMachine, type ChaosReport, type Growth } from './report.js';
import { viewersIn, viewersRules } from './viewers.js';
import { zooKeeperWord } from './zookeeper-logs.js';

/** Checks the histories of a run and gathers its figures. */
export async function judge(setup: Setup, command: string, ran: Ran): Promise<ChaosReport> {
  const report = await check(setup);
  const ofViewers = viewersRules(setup);
  const { paths } = setup;
  const { told, load } = ran;
  const underLoad = ({ at }: { at: number }): boolean => at >= load.fromMs && at <= load.toMs;
  const { differences } = ran;
  const zooKeeper = { ...(await zooKeeperWord(paths.folder)), differences };
  const broken = [...ran.broken, ...told.faults];
  if (differences.length > 0)
    broken.push(`ZooKeeper's own replicas differ, and nothing above it can hold: ${some(differences)}`);
  const { baseline, last, left } = ran.znodes;
  if (last !== baseline)
    broken.push(`${last ?? '?'} znodes are left where there were ${baseline} before the work: ${some(left)}`);
  return {
    at: new Date().toISOString(),
    command,
    soak: setup.heap,
    seed: setup.seed,
    machine: thisMachine(),
    topology: ran.topology,
    zooKeeper,
    system: sizeOf(setup),
    viewers: viewersIn(setup),
    held: report.verdict === 'held' && broken.length === 0 && ofViewers.every(({ verdict }) => verdict !== 'broken'),
    rules: [...report.rules.map(({ first: _first, ...rule }) => rule), ...ofViewers],
    verdicts: renderReport(report),
    broken,
    statistics: report.statistics,
    fenced: {
      leaderWrites: told.count('fence.rejected'),
      results: told.droppedResults,
      resourceWrites: report.statistics.fencedWrites,
    },
    takenAway: told.revokedByReason,
    memory: {
      rss: trendsOf(readJournal<MemorySample>(paths.memory).filter(underLoad), 'rss'),
      heap: trendsOf(readJournal<MemorySample>(paths.heap).filter(underLoad), 'heap'),
    },
    size: sizesOf(readJournal<Sample>(paths.samples), underLoad),
  };
}

/** Much, because all processes of the run share one machine with the faults. */
const HAND_OUT_MS = 1_000;

async function check({ paths, sessionTimeoutMs, tickMs }: Setup): Promise<Report> {
  const effects = (await readdir(paths.effects)).map((name) => path.join(paths.effects, name));
  return verify(
    {
      operations: fromFiles([paths.operations]),
      effects: fromFiles(effects),
      resource: fromFiles([paths.resource]),
      faults: fromFiles([paths.faults]),
      samples: fromFiles([paths.samples]),
      definitions: fromFiles([paths.definitions]),
    },
    { sessionTimeoutMs, tickMs, handOutMs: HAND_OUT_MS },
  );
}

function sizeOf(setup: Setup): ChaosReport['system'] {
  const { schedulers, workers, clients, httpClients, tasksPerSecond, runsPerSecond, ...times } = setup;
  const { lastsMs, sessionTimeoutMs, tickMs } = times;
  return {
    ...{ schedulers, workers, clients: clients + httpClients, tasksPerSecond, runsPerSecond },
    ...{ lastsMs, sessionTimeoutMs, tickMs },
  };
}

function sizesOf(samples: readonly Sample[], underLoad: (sample: Sample) => boolean): ChaosReport['size'] {
  return { znodes: growthOf(samples, 'znodes', underLoad), watches: growthOf(samples, 'watches', underLoad) };
}

/** First and last of all samples; growth while there was load, so that the end of the work is none. */
function growthOf(
  samples: readonly Sample[],
  of: 'znodes' | 'watches',
  underLoad: (sample: Sample) => boolean,
): Growth | null {
  const known = samples.filter(({ [of]: value }) => value !== undefined);
  const valueOf = ({ [of]: value = 0 }: Sample): number => value;
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return null;
  return {
    first: valueOf(first),
    last: valueOf(last),
    max: known.map(valueOf).reduce((most, value) => Math.max(most, value)),
    perHour: growthPerHour(known.filter(underLoad).map((sample) => ({ x: sample.at, y: valueOf(sample) }))),
  };
}

const SHOWN = 10;

function some(paths: readonly string[]): string {
  const more = paths.length - SHOWN;
  return paths.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
