import { parseArgs } from 'node:util';
import { TARGETS } from './targets.js';

export interface CommandLine {
  /** Over all targets together. */
  runs: number;
  seed: number;
  /** Names of targets. */
  targets: string[];
  /** Path of a counterexample, as fast-check prints it: only this one is run. */
  path: string | undefined;
}

const DEFAULT_RUNS = '100000';

export const HELP = `npm run fuzz -- [--runs N] [--seed S] [--target NAME]...
  Gives garbage to everything that reads bytes of somebody else, N times (default ${DEFAULT_RUNS}) in all.
  --seed     repeats a run; without it one is drawn, and printed
  --target   only these: ${TARGETS.map(({ name }) => name).join(', ')}
  --path P   with the seed and the target of a failure: its counterexample alone`;

/** Throws `TypeError` that says what is wrong. `null`: help was asked for. */
export function readCommandLine(args: string[], randomSeed: () => number): CommandLine | null {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: DEFAULT_RUNS },
      seed: { type: 'string' },
      target: { type: 'string', multiple: true, default: TARGETS.map(({ name }) => name) },
      path: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const unknown = values.target.find((wanted) => !TARGETS.some(({ name }) => name === wanted));
  if (unknown !== undefined) throw new TypeError(`--target ${unknown}: there is no such target`);
  if (values.path !== undefined && (values.seed === undefined || values.target.length !== 1))
    throw new TypeError('--path belongs to one --target and its --seed');
  return {
    runs: toWhole('--runs', values.runs, 1),
    seed: values.seed === undefined ? randomSeed() : toWhole('--seed', values.seed, -(2 ** 31)),
    targets: values.target,
    path: values.path,
  };
}

function toWhole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${option}: expected a whole number, got ${text}`);
}
