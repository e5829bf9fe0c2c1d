import { parseArgs } from 'node:util';

export interface CommandLine {
  from: number;
  seeds: number;
  trace: boolean;
  keepsGoing: boolean;
}

const HELP = `npm run simulate -- [--seeds N] [--from N]   runs so many worlds (default 200), from seed N on (default 1)
npm run simulate -- --seed N --trace        one world, and all that happens in it
--keep-going                                does not stop at the first failing seed`;

/** Prints help and exits where that is asked for. Throws on what is no number. */
export function readCommandLine(args: string[], say: (line: string) => void): CommandLine {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    process.exit(0);
  }
  const { seed, trace, 'keep-going': keepsGoing } = values;
  if (seed !== undefined) return { from: wholeNumber('--seed', seed), seeds: 1, trace, keepsGoing };
  return { from: wholeNumber('--from', values.from), seeds: wholeNumber('--seeds', values.seeds), trace, keepsGoing };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${option}: expected a whole number, got '${text}'`);
  return Number(text);
}
