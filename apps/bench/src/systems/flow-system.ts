import type { Figure } from '../figures/figure.js';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { quantileOf } from '../statistics.js';

/** A system that runs steps after each other. Each function resolves when the result was read, and checks it. */
export interface FlowSystem {
  /** Steps each of which begins with the result of the one before. */
  chain(steps: number): Promise<void>;
  /** So many tasks, and then one that adds their results. */
  fan(width: number): Promise<void>;
  close(): Promise<void>;
}

const CHAIN = { check: 10, quick: 100, full: 100 };
const FAN = { check: 10, quick: 100, full: 100 };
const MAP = { check: 100, quick: 10_000, full: 10_000 };
const REPEATS = { check: 1, quick: 3, full: 5 };

/** The same chain, fan and map of every system. `chain`: fewer steps, of a system that looks for work now and then only. */
export async function compareFlows(
  name: string,
  system: Omit<FlowSystem, 'close'>,
  effort: Effort,
  chain = CHAIN,
): Promise<Figure[]> {
  const steps = sizeFor(effort, chain);
  const width = sizeFor(effort, FAN);
  const items = sizeFor(effort, MAP);
  const chainS = await medianOf(effort, () => system.chain(steps));
  const fanS = await medianOf(effort, () => system.fan(width));
  const mapS = await medianOf(effort, () => system.fan(items));
  const figure = (what: string, value: number, unit: string): Figure => ({
    ...{ name: `${name}: ${what}`, value, unit },
    target: null,
  });
  return [
    figure(`a step of a chain of ${steps}`, (chainS * 1_000) / steps, 'ms'),
    figure(`${width} tasks and then their join, start to result`, fanS * 1_000, 'ms'),
    figure(`map of ${items.toLocaleString('en-US')} tasks with a join`, items / mapS, 'tasks/s'),
  ];
}

/** Seconds, after one that is not counted. */
async function medianOf(effort: Effort, work: () => Promise<void>): Promise<number> {
  await work();
  const seconds: number[] = [];
  for (let n = sizeFor(effort, REPEATS); n > 0; n--) seconds.push(await secondsOf(work));
  return quantileOf(seconds, 0.5);
}

/** 0 + 1 + ... + (count - 1). */
export const sumBelow = (count: number): number => (count * (count - 1)) / 2;

/** Throws where the result is another one. */
export function expectResult(what: string, found: unknown, expected: number): void {
  if (found !== expected) throw new Error(`${what} gave ${JSON.stringify(found)} instead of ${expected}`);
}
