import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ABLATION_NAMES, type AblationName } from './ablations.js';

export interface CommandLine {
  from: number;
  seeds: number;
  /** Processes that run worlds at the same time. */
  jobs: number;
  trace: boolean;
  keepsGoing: boolean;
  without: AblationName | undefined;
  /** All worlds have this; `undefined`: some have, by their seed. */
  having: Kind | undefined;
}

/** Some worlds have them, and others do not. */
export const KINDS = ['schedules', 'limits', 'flows', 'placement'] as const;
export type Kind = (typeof KINDS)[number];

const DEFAULT_SEEDS = '200';

const HELP = `npm run simulate -- [--seeds N] [--from N]   runs so many worlds (default ${DEFAULT_SEEDS}), from seed N on (default 1)
npm run simulate -- --seed N --trace        one world, and all that happens in it
--jobs N                                    so many at the same time (default: one a core)
--with schedules|limits|flows|placement     in each of the worlds; without it some have them, by their seed
--without SAFEGUARD                         one safeguard does not work, and the rules should notice:
                                            ${ABLATION_NAMES.join(', ')}
--keep-going                                does not stop at the first failing seed`;

/** Prints help and exits where that is asked for. Throws on what is no number. */
export function readCommandLine(args: string[], say: (line: string) => void): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: DEFAULT_SEEDS },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      trace: { type: 'boolean', default: false },
      with: { type: 'string' },
      without: { type: 'string' },
      'keep-going': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    process.exit(0);
  }
  const { seed, trace, 'keep-going': keepsGoing } = values;
  const without = values.without === undefined ? undefined : oneOf('--without', ABLATION_NAMES, values.without);
  const having = values.with === undefined ? undefined : oneOf('--with', KINDS, values.with);
  const jobs = Math.max(1, wholeNumber('--jobs', values.jobs));
  const common = { jobs, trace, keepsGoing, without, having };
  if (seed !== undefined) return { from: wholeNumber('--seed', seed), seeds: 1, ...common };
  return { from: wholeNumber('--from', values.from), seeds: wholeNumber('--seeds', values.seeds), ...common };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${option}: expected a whole number, got '${text}'`);
  return Number(text);
}

function oneOf<Name extends string>(option: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new RangeError(`${option}: expected one of ${names.join(', ')}, got '${text}'`);
  return found;
}
