import type { Drover } from '@drover/client';
import { BarePairs } from '../ceiling/bare-pairs.js';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { quantileOf } from '../statistics.js';
import { DIAMOND_STEPS, diamonds, FLOW_HANDLERS, flowsOf } from '../systems/drover.flows.js';
import { DroverProcesses, systemOf } from '../systems/drover.js';
import { compareFlows } from '../systems/flow-system.js';
import type { Figure, Place } from './figure.js';
import { mapReduce } from './map-reduce.js';

const STEPS = { check: 10, quick: 100, full: 100 };
const CHAINS = { check: 1, quick: 5, full: 10 };
const WARM_UP_CHAINS = { check: 1, quick: 3, full: 5 };
const RUNS = { check: 100, quick: 10_000, full: 50_000 };
/** Results are read while others end. */
const RETENTION = { retainAtLeast: '10s' };

/** Runs of flows on one ensemble: a hop, a chain, many small runs, a large map, and the work that other queues get too. */
export async function flows(place: Place): Promise<Figure[]> {
  const processes = new DroverProcesses(place.chroot('flows'), place.connection);
  const leader = await processes.scheduler('bench', RETENTION);
  await processes.worker('bench', { handlers: FLOW_HANDLERS });
  const drover = await processes.client();
  try {
    return [
      ...(await chains(place, drover)),
      ...(await smallRuns(place, drover)),
      ...(await mapReduce(place, drover, leader)),
      ...(await compareFlows('flows, Drover', flowsOf(drover), place.effort)),
    ];
  } finally {
    await drover.close();
    await processes.stop();
  }
}

/** Chains and pairs of bare transactions take turns: the machine's moods meet both. */
async function chains(place: Place, drover: Drover): Promise<Figure[]> {
  const { chain } = flowsOf(drover);
  const steps = sizeFor(place.effort, STEPS);
  const pairs = await BarePairs.open(place, place.newRoot('pairs'));
  try {
    for (let n = sizeFor(place.effort, WARM_UP_CHAINS); n > 0; n--) await chain(steps);
    await pairs.times(steps);
    await hopsOf(drover);
    const bareMs: number[] = [];
    const chainMs: number[] = [];
    for (let n = sizeFor(place.effort, CHAINS); n > 0; n--) {
      bareMs.push(...(await pairs.times(steps)));
      chainMs.push((await secondsOf(() => chain(steps))) * 1_000);
    }
    return chainFigures(steps, await hopsOf(drover), quantileOf(bareMs, 0.5), quantileOf(chainMs, 0.5));
  } finally {
    pairs.close();
  }
}

async function hopsOf(drover: Drover): Promise<number[]> {
  const task = await drover.submit('flow.hops', null);
  return (await task.result()) as number[];
}

function chainFigures(steps: number, hopsMs: readonly number[], pairMs: number, chainMs: number): Figure[] {
  const hopMs = quantileOf(hopsMs, 0.5);
  const ms = (name: string, value: number): Figure => ({ name, value, unit: 'ms', target: null });
  const ofBare = (name: string, value: number, atMost: number): Figure => ({
    ...{ name, value, unit: 'of the bare transactions' },
    target: { atMost },
  });
  return [
    ms('flows: two bare transactions in a row, idle, p50', pairMs),
    ms('flows: hop from the end of a step to the start of the next, idle, p50', hopMs),
    ms('flows: the same hop, p99', quantileOf(hopsMs, 0.99)),
    ofBare('flows: hop, of two bare transactions in a row', hopMs / pairMs, 1.3),
    ms(`flows: chain of ${steps} steps, start to result, p50`, chainMs),
    ofBare(`flows: chain of ${steps} steps, of ${steps} such pairs`, chainMs / (steps * pairMs), 1.4),
  ];
}

/** As many steps of small runs as plain tasks of the same handler, one after the other. */
async function smallRuns({ effort, serverCount }: Place, drover: Drover): Promise<Figure[]> {
  const runs = sizeFor(effort, RUNS);
  const steps = runs * DIAMOND_STEPS;
  const plain = systemOf(drover, 'flow.number');
  await plain.bulk(steps / 5);
  await diamonds(drover, runs / 5);
  const plainS = await secondsOf(() => plain.bulk(steps));
  const flowsS = await secondsOf(() => diamonds(drover, runs));
  const of = `${runs.toLocaleString('en-US')} runs of ${DIAMOND_STEPS} steps`;
  return [
    {
      name: `flows: ${of}, start to every result`,
      value: steps / flowsS,
      unit: 'steps/s',
      target: { atLeast: serverCount === 1 ? 40_000 : 25_000 },
    },
    {
      name: `flows: ${of}, of as many plain tasks`,
      value: plainS / flowsS,
      unit: 'of the throughput',
      target: { atLeast: 0.4 },
    },
  ];
}
