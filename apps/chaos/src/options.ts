import { parseArgs } from 'node:util';
import { CONNECTION_DEFAULTS, parseDuration } from '@drover/core';
import { messageOf } from '@drover/runtime';

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  minutes: number;
  seed: number;
  /** Names of faults; `null`: all that this topology can do. */
  faults: string[] | null;
  /** `null`: namespaces where the system allows them. */
  topology: 'namespaces' | 'proxies' | null;
  json: string | null;
  /** Everything that was written stays here; `null`: only when something was broken, in a folder that is told. */
  keep: string | null;
  sessionTimeoutMs: number;
  soak: boolean;
  /** Every scheduler serves its API, and viewers and HTTP clients use it, well and badly. */
  viewers: boolean;
  /** Clients start runs of a flow, and broadcasts. */
  flows: boolean;
  /** Played instead of load and faults by chance. */
  scenario: 'acceptance' | null;
}

const DEFAULT_MINUTES = 10;

export const USAGE = `npm run chaos -- [--minutes N] [--seed N] [--faults a,b] [--topology namespaces|proxies] ...
  Drover as real processes on a real ensemble, under load and faults; then every promise is checked.
  --minutes N          how long faults go on (default ${DEFAULT_MINUTES})
  --seed N             of the faults and of the work (default: drawn, and told)
  --faults a,b         only these kinds; 'none': no faults (default: all that this machine allows)
  --topology KIND      'namespaces' (Linux, root), or 'proxies' (default: namespaces where they can be)
  --session-timeout D  of schedulers, workers and clients (default ${CONNECTION_DEFAULTS.sessionTimeoutMs / 1_000}s)
  --soak               moderate load, without faults unless --faults names some; memory, znodes and watches sampled
  --viewers            each scheduler serves its API: an HTTP flood, slow readers, garbage, sockets that are opened and left,
                       clients that submit over HTTP, and API threads that are killed
  --flows              clients also start runs of a flow (list, map, reduce, signal), retry some, and start broadcasts
  --scenario acceptance  instead of load and faults by chance: schedules, unique keys and dead letters in sizes of every day,
                       and the leader is killed at the worst moments (about 3 minutes)
  --json FILE          write what was measured to FILE; 'npm run chaos:page -- FILE...' makes docs/reliability.md
  --keep FOLDER        all histories and logs stay in FOLDER
Exit code: 0 every promise held, 1 one was broken, 2 wrong usage.`;

/** Wrong usage: the message says what was given, what was expected and how it is used. */
export class UsageError extends Error {}

/** Throws `UsageError`. `null`: help was asked for. `seed` is taken where none is given; `kinds`: names of all faults. */
export function parseOptions(argv: readonly string[], seed: number, kinds: readonly string[]): ChaosOptions | null {
  const values = parseFlags(argv);
  if (values.help === true) return null;
  const {
    topology = null,
    soak = false,
    viewers = false,
    flows = false,
    json = null,
    keep = null,
    scenario = null,
  } = values;
  if (topology !== null && topology !== 'namespaces' && topology !== 'proxies')
    throw new UsageError(`--topology ${topology}: expected 'namespaces' or 'proxies'`);
  if (scenario !== null && scenario !== 'acceptance')
    throw new UsageError(`--scenario ${scenario}: expected 'acceptance'`);
  const other = (['soak', 'viewers', 'flows', 'faults', 'minutes'] as const).find((name) => values[name] !== undefined);
  if (scenario !== null && other !== undefined)
    throw new UsageError(`--scenario ${scenario}: it has its own load and faults; leave out --${other}`);
  return {
    minutes: numberOf(
      '--minutes',
      values.minutes ?? String(DEFAULT_MINUTES),
      (n) => n > 0 && n <= 1_440,
      'more than 0, at most 1440',
    ),
    seed: numberOf('--seed', values.seed ?? String(seed), isSeed, 'a whole number from 0 to 4294967295'),
    faults: values.faults === undefined ? (soak ? [] : null) : namesIn(values.faults, kinds),
    topology,
    json,
    keep,
    sessionTimeoutMs: durationOf(values['session-timeout'] ?? `${CONNECTION_DEFAULTS.sessionTimeoutMs}ms`),
    soak,
    viewers,
    flows,
    scenario,
  };
}

function parseFlags(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    minutes: text,
    seed: text,
    faults: text,
    topology: text,
    scenario: text,
    json: text,
    keep: text,
    'session-timeout': text,
    soak: { type: 'boolean' },
    viewers: { type: 'boolean' },
    flows: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function numberOf(flag: string, text: string, accept: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !accept(value)) throw new UsageError(`${flag} ${text}: expected a number, ${expected}`);
  return value;
}

const isSeed = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;

function namesIn(text: string, kinds: readonly string[]): string[] {
  if (text === 'none') return [];
  const names = [...new Set(text.split(',').filter((name) => name !== ''))];
  const unknown = names.find((name) => !kinds.includes(name));
  if (unknown === undefined && names.length > 0) return names;
  throw new UsageError(`--faults ${text}: expected 'none', or some of ${kinds.join(', ')}`);
}

function durationOf(text: string): number {
  try {
    const ms = parseDuration('--session-timeout', text);
    if (ms >= 1_000 && ms <= 10_000) return ms;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  throw new UsageError(`--session-timeout ${text}: expected from 1s to 10s, which is 2 to 20 ticks of the servers`);
}
