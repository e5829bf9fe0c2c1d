import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sizeFor, type Effort } from '../effort.js';
import type { Figure } from './figure.js';
import { PlacementWorld, type PlacementSizes } from './placement-world.js';

/** Assignments that end between two plans, where work comes and goes. */
const ENDS = 200;
const MIB = 2 ** 20;

/**
 * The planner alone, with resources and conditions: how fast it places, and how well. Each figure has the key under which
 * `--json` gives it.
 */
export function placement(effort: Effort): Promise<Figure[]> {
  const sizes: PlacementSizes = {
    workers: sizeFor(effort, { check: 100, quick: 1_000, full: 10_000 }),
    tasks: sizeFor(effort, { check: 10_000, quick: 100_000, full: 1_000_000 }),
    classes: sizeFor(effort, { check: 40, quick: 400, full: 4_000 }),
    accounts: sizeFor(effort, { check: 5, quick: 50, full: 50 }),
  };
  const rounds = sizeFor(effort, { check: 20, quick: 300, full: 300 });
  const collect = collector();
  const plainMb = heapOf(collect, () => filled(sizes, true));
  let deviation = 0;
  let perSecond = 0;
  let world = new PlacementWorld({ ...sizes, tasks: sizes.classes, workers: 1 });
  const placedMb = heapOf(collect, () => {
    world = new PlacementWorld(sizes);
    // Until it is half full nobody is bound by what is there.
    world.fill(() => world.cpuUsed > 0.5);
    deviation = world.deviation;
    world.fill();
    perSecond = world.out.length / (sum(world.planMs) / 1_000);
    return world;
  });
  const { cpuUsed } = world;
  const steadyPerSecond = steady(world, rounds);
  const named = `${show(sizes.workers)} workers, ${show(sizes.tasks)} tasks of ${show(sizes.classes)} classes and ${sizes.accounts} accounts`;
  const figures: Figure[] = [
    {
      key: 'placementsPerSecond',
      name: 'placements, until nothing fits',
      value: perSecond,
      unit: '/s',
      target: { atLeast: 1e5 },
    },
    { name: `placements, while ${ENDS} end a plan`, value: steadyPerSecond, unit: '/s', target: { atLeast: 5e4 } },
    {
      key: 'placementP99Us',
      name: 'a placement, p99',
      value: p99(world.placementMs) * 1_000,
      unit: 'µs',
      target: { atMost: 50 },
    },
    { key: 'planP99Ms', name: 'a plan, p99', value: p99(world.planMs), unit: 'ms', target: { atMost: 20 } },
    {
      key: 'heapMb',
      name: 'memory, more than for the same tasks without',
      value: placedMb - plainMb,
      unit: 'MiB',
      target: { atMost: 250 },
    },
    {
      key: 'drfDeviation',
      name: 'shares of accounts, largest distance from what is fair',
      value: deviation * 100,
      unit: '%',
      target: { atMost: 1 },
    },
    {
      key: 'cpuUsed',
      name: 'cpu that is used when nothing fits any more',
      value: cpuUsed * 100,
      unit: '%',
      target: { atLeast: 97 },
    },
    {
      key: 'decisionUs',
      name: 'from the end of one assignment to the next decision',
      value: decision(world, rounds),
      unit: 'µs',
      target: { atMost: 100 },
    },
  ];
  return Promise.resolve(figures.map((figure) => ({ ...figure, name: `${named}: ${figure.name}` })));
}

function filled(sizes: PlacementSizes, isPlain: boolean): PlacementWorld {
  const world = new PlacementWorld(sizes, isPlain);
  world.fill();
  return world;
}

/** MiB that are held by what is made. */
function heapOf(collect: () => void, make: () => unknown): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  const made = [make()];
  collect();
  const after = process.memoryUsage().heapUsed;
  made.pop();
  return (after - before) / MIB;
}

/** Work comes and goes. Placements a second of the planner's time, what it takes to learn of the ends included. */
function steady(world: PlacementWorld, rounds: number): number {
  const before = world.out.length;
  let placed = 0;
  const begunAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const ends = Math.min(ENDS, world.out.length);
    for (let n = 0; n < ends; n++) world.end();
    placed += world.plan();
  }
  if (placed === 0) throw new Error(`nothing was placed after ${before} assignments`);
  return placed / ((performance.now() - begunAt) / 1_000);
}

/** The median time, in microseconds. */
function decision(world: PlacementWorld, rounds: number): number {
  // Plans before may have been cut short.
  world.fill();
  const times: number[] = [];
  for (let round = 0; round < 10 * rounds; round++) {
    const begunAt = performance.now();
    world.end();
    world.plan();
    times.push((performance.now() - begunAt) * 1_000);
  }
  return quantile(times, 0.5);
}

/** Ends garbage at once, so that what is left is what is needed. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const p99 = (values: readonly number[]): number => quantile(values, 0.99);

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
}

const show = (value: number): string => value.toLocaleString('en-US');
