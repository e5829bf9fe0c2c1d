import type { Drover, Run } from '@drover/client';
import { DroverError } from '@drover/core';
import { sleep, type Runtime } from '@drover/runtime';
import type { LocalCluster } from '../cluster/local-cluster.js';
import { countPrimesBySieve } from './compute.js';
import { MAP, primesFlow, RANGE, RANGES } from './primes-flow.js';
import { killLeader, type Takeover } from './takeover.js';

const POLL_MS = 20;

/** A run of the flow, and the leader that was killed in its middle. */
export interface FlowShow {
  run: string;
  items: number;
  /** Items that had ended when the leader was killed. */
  doneAtKill: number;
  takeover: Takeover;
  result: number;
  /** Computed here in another way. */
  expected: number;
  elapsedMs: number;
}

interface Stage {
  cluster: LocalCluster;
  runtime: Runtime;
  trace: string;
  say: (text: string) => Promise<void>;
  /** The address of a dashboard that outlives the leader, if there is one. */
  dashboard: string | null;
}

/** Starts the flow, kills the leader while its map is under way, and waits for the result. */
export async function showFlow({ cluster, runtime, trace, say, dashboard }: Stage): Promise<FlowShow> {
  const { drover } = cluster;
  const startedAt = runtime.monotonic();
  await say(`now a flow: 'list' gives ${RANGES} ranges, a map counts the primes in each, a reduce adds the counts up`);
  const run = await drover.start(await primesFlow(), { ranges: RANGES, width: RANGE, trace });
  if (dashboard !== null) await say(`its graph, step by step: ${runPage(dashboard, run.id)}`);
  const doneAtKill = await underWay(run, runtime);
  await say(`${doneAtKill} of ${RANGES} items have ended, and the leader is killed again`);
  const takeover = await killLeader(cluster, runtime);
  const { id, epoch } = takeover.after;
  await say(`${id} leads epoch ${epoch}: it reads which steps have tasks, and how they ended, and goes on from there`);
  const result = await resultOf(drover, run.id);
  const elapsedMs = runtime.monotonic() - startedAt;
  const expected = countPrimesBySieve(0, RANGES * RANGE);
  return { run: run.id, items: RANGES, doneAtKill, takeover, result, expected, elapsedMs };
}

export const runPage = (dashboard: string, run: string): string => new URL(`flows/${run}`, dashboard).href;

/** Resolves with the number of items that have ended, once they are a quarter. */
async function underWay(run: Run, runtime: Runtime): Promise<number> {
  for (;;) {
    const { endedAt, steps } = await run.tree();
    const done = steps[MAP]?.done ?? 0;
    if (done >= RANGES / 4 || endedAt !== null) return done;
    await sleep(runtime, POLL_MS);
  }
}

async function resultOf(drover: Drover, run: string): Promise<number> {
  const result = await drover.flowRun(run).result();
  if (typeof result !== 'number')
    throw new DroverError(`run ${run} gave ${JSON.stringify(result)}, which is no number`);
  return result;
}
