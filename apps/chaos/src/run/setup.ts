import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SCHEDULES, type RunSchedule } from '../definitions/schedules.js';
import { UsageError, type ChaosOptions } from '../options.js';
import { FULL, type Scenario } from '../scenario/scenario.js';
import type { Topology } from '../system.js';

/** The settings of one run, decided before anything starts. */
export interface Setup {
  schedulers: number;
  workers: number;
  clients: number;
  /** Clients that submit over HTTP, beside the others. */
  httpClients: number;
  /** `null`: nobody looks, and no scheduler serves its API. */
  viewers: ViewersSetup | null;
  /** The rate of all clients together. */
  tasksPerSecond: number;
  /** Runs of a flow that all clients start together; 0: none, and no broadcasts. */
  runsPerSecond: number;
  seed: number;
  /** How long faults go on, or without faults the load. 0: there is no load of clients, and no fault by chance. */
  lastsMs: number;
  /** The cases that are played after that; `null`: none. */
  scenario: Scenario | null;
  /** Names of faults; `null`: all. */
  faults: readonly string[] | null;
  topology: Topology['kind'] | null;
  sessionTimeoutMs: number;
  tickMs: number;
  /** How long results are kept at least. */
  retainMs: number;
  /** Load before the first fault and after the last one. */
  calmMs: number;
  schedules: readonly RunSchedule[];
  /** Processes tell their heap. */
  heap: boolean;
  paths: Paths;
}

/** Viewers of every API, in one process. */
export interface ViewersSetup {
  /** Questions a second at each API. */
  perSecond: number;
}

/** The files of a run. */
export interface Paths {
  folder: string;
  logs: string;
  operations: string;
  /** A folder: one file a worker. */
  effects: string;
  resource: string;
  faults: string;
  samples: string;
  definitions: string;
  memory: string;
  heap: string;
  viewers: string;
  socket: string;
}

export function pathsIn(folder: string): Paths {
  const at = (name: string): string => path.join(folder, name);
  return {
    folder,
    logs: at('logs'),
    operations: at('operations.ndjson'),
    effects: at('effects'),
    resource: at('resource.ndjson'),
    faults: at('faults.ndjson'),
    samples: at('samples.ndjson'),
    definitions: at('definitions.ndjson'),
    memory: at('memory.ndjson'),
    heap: at('heap.ndjson'),
    viewers: at('viewers.ndjson'),
    socket: at('resource.sock'),
  };
}

/**
 * The full size: what a run from the command line is. Makes the folders and the empty histories. Throws `UsageError`
 * for a folder with something in it: the histories of two runs together would be judged as one.
 */
export async function prepare(options: ChaosOptions, folder: string): Promise<Setup> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`--keep ${folder}: there is something in it; expected an empty folder, or a new one`);
  const { seed, faults, topology, sessionTimeoutMs, minutes, soak, viewers, flows, scenario } = options;
  const isPlayed = scenario !== null;
  return withFolders({
    schedulers: 3,
    workers: 4,
    clients: isPlayed ? 0 : 3,
    httpClients: viewers ? 1 : 0,
    viewers: viewers ? { perSecond: 40 } : null,
    tasksPerSecond: soak ? 30 : 40,
    runsPerSecond: flows ? 2 : 0,
    seed,
    lastsMs: isPlayed ? 0 : minutes * 60_000,
    scenario: isPlayed ? FULL : null,
    faults,
    topology,
    sessionTimeoutMs,
    tickMs: 500,
    // Longer than any client is away.
    retainMs: Math.max(60_000, 10 * sessionTimeoutMs),
    calmMs: 8_000,
    schedules: isPlayed ? [] : SCHEDULES,
    heap: soak,
    paths: pathsIn(path.resolve(folder)),
  });
}

/** Writers append, readers expect a file though nothing happened. */
export async function withFolders(setup: Setup): Promise<Setup> {
  const { folder, logs, effects, operations, resource, faults, samples, definitions, memory, viewers } = setup.paths;
  for (const one of [folder, logs, effects]) await mkdir(one, { recursive: true });
  for (const file of [operations, resource, faults, samples, definitions, memory, viewers]) await writeFile(file, '');
  return setup;
}
