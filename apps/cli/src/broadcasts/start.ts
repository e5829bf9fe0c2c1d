import type { Broadcast, BroadcastResult, Drover, StartBroadcastOptions } from '@drover/client';
import {
  BROADCAST_OPTION_NAMES,
  DroverError,
  flagOf,
  inOneLine,
  parseBroadcast,
  parseDuration,
  TASK_OPTIONS,
  toFlag,
  type TaskOptionName,
} from '@drover/core';
import type { Options } from 'yargs';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, joinedArg, listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { readExactly } from '../tasks/task-line.js';
import { counted, formatElapsed } from '../views/format.js';
import { showState } from '../views/states.js';
import { withFlags } from '../with-flags.js';

const text = { type: 'string', requiresArg: true } as const;
const OF_TASKS = BROADCAST_OPTION_NAMES.filter(
  (name): name is TaskOptionName & (typeof BROADCAST_OPTION_NAMES)[number] => name in TASK_OPTIONS && name !== 'key',
);
const TASK_FLAGS = Object.fromEntries(
  OF_TASKS.map((name) => {
    const { describe, defaultsTo, repeats }: { describe: string; defaultsTo?: string; repeats?: true } =
      TASK_OPTIONS[name].flag;
    const option = { ...text, describe, ...(defaultsTo === undefined ? {} : { defaultDescription: defaultsTo }) };
    return [flagOf(name), repeats === true ? { ...option, type: 'array' as const, string: true } : option];
  }),
);

/** The workers that a broadcast reaches. */
export const REACH_FLAGS: Record<string, Options> = {
  where: {
    ...text,
    type: 'array',
    string: true,
    describe: 'Label that a worker must have, e.g. zone=a; repeat it for more',
  },
  joiners: {
    ...text,
    describe: 'How long workers may join, and workers that are gone are waited for, e.g. 1h',
    defaultDescription: 'the timeout, at least 5m',
  },
  'skip-draining': { type: 'boolean', describe: 'Workers that drain do not get it' },
};

/** Thrown when `--wait-timeout` is over; the broadcast goes on. */
class BroadcastWaitError extends DroverError {
  override readonly name = 'WaitTimeoutError';
}

export const command: Command = {
  positionals: { type: { type: 'string', describe: 'Task type that the workers run' } },
  options: {
    payload: { ...text, describe: 'JSON value that the handlers receive' },
    ...REACH_FLAGS,
    key: {
      ...text,
      describe: 'A newer broadcast with the same key closes this one: who joins later gets the newest alone',
    },
    wait: {
      type: 'boolean',
      describe: 'Wait until each worker that matches has answered; exit code 1 unless all tasks succeed',
    },
    'wait-joiners': { type: 'boolean', describe: 'With --wait: for workers that join later, too' },
    'wait-timeout': {
      ...text,
      describe: 'With --wait: time limit for waiting, e.g. 5m',
      defaultDescription: 'no limit',
    },
    ...TASK_FLAGS,
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'Each worker that offers the type runs it once, by its name. --wait ends when each worker that matches now has answered; ' +
    'with --wait-joiners when no worker may join any more, which takes as long as --joiners says.',
  examples: [
    [
      `drover broadcast flush-cache --payload '{"cache":"prices"}' --where zone=a`,
      'at each worker with the label zone=a',
    ],
    [
      'drover broadcast load-rules --key rules --joiners 7d',
      'and at each that joins within a week, unless a newer one is started',
    ],
    ['drover broadcast reload --wait --json', 'a line for each worker as it ends'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const type = textArg(args, 'type') ?? '';
    const given = optionsOf(args);
    withFlags(() => parseBroadcast(type, given));
    const payload = payloadOf(textArg(args, 'payload'));
    const options = { ...given, ...askedOf(args) };
    const waitMs = waitOf(args);
    const joiners = flagArg(args, 'waitJoiners');
    if (joiners && waitMs === undefined) throw new UsageError('--wait-joiners needs --wait');
    return withClient(environment, async (drover) =>
      start(environment, drover, { type, payload, options, waitMs, joiners }),
    );
  },
};

interface Start {
  type: string;
  payload: unknown;
  options: StartBroadcastOptions;
  /** `undefined`: nobody waits; `null`: without a limit. */
  waitMs: number | null | undefined;
  joiners: boolean;
}

async function start(
  environment: Environment,
  drover: Drover,
  { type, payload, options, waitMs, joiners }: Start,
): Promise<number> {
  const { json, stdout, stderr } = environment;
  const broadcast = await drover.broadcast(type, payload, options);
  if (waitMs === undefined) {
    await (json ? stdout.json({ id: broadcast.id, type }) : stdout.line(broadcast.id));
    return EXIT.DONE;
  }
  if (!json) stderr.note(`${broadcast.id} started`);
  environment.interruption.note = () => `broadcast ${broadcast.id} goes on: drover broadcasts get ${broadcast.id}`;
  return follow(environment, broadcast, { waitMs, joiners });
}

/** Prints a line for each worker as it ends. */
async function follow(
  environment: Environment,
  broadcast: Broadcast,
  { waitMs, joiners }: { waitMs: number | null; joiners: boolean },
): Promise<number> {
  const { json, stdout, stderr, runtime, signal } = environment;
  const patience = new AbortController();
  const goesOn = `broadcast ${broadcast.id} goes on: drover broadcasts get ${broadcast.id}`;
  const timer =
    waitMs === null
      ? null
      : runtime.after(waitMs, () =>
          patience.abort(new BroadcastWaitError(`not over after ${formatElapsed(waitMs)}; ${goesOn}`)),
        );
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  try {
    for await (const result of broadcast.results({ joiners, signal: AbortSignal.any([signal, patience.signal]) })) {
      counts[result.state]++;
      await (json ? stdout.json(result) : stdout.line(lineOf(environment, result)));
    }
  } finally {
    timer?.cancel();
  }
  const { succeeded, failed, cancelled } = counts;
  const all = succeeded + failed + cancelled;
  if (!json) stderr.note(`${counted(all, 'worker')}: ${succeeded} succeeded, ${failed} failed, ${cancelled} cancelled`);
  if (all === 0 && !json) stderr.note('no worker offers the type and has these labels');
  return all > 0 && failed + cancelled === 0 ? EXIT.DONE : EXIT.FAILED;
}

function lineOf({ colors }: Environment, result: BroadcastResult): string {
  const what =
    result.state === 'succeeded'
      ? JSON.stringify(result.result)
      : result.state === 'failed'
        ? inOneLine(`${result.error.name}: ${result.error.message}`)
        : (result.reason ?? '');
  return `${colors.bold(result.worker)}  ${showState(result.state, colors)}  ${what}`.trimEnd();
}

function payloadOf(given: string | undefined): unknown {
  if (given === undefined) return null;
  const read = readExactly(given);
  if ('value' in read) return read.value;
  const hint = read.problem.startsWith('not JSON') ? `. Quote it for the shell: '{"n":1}'` : '';
  throw new UsageError(`--payload: ${read.problem}${hint}`);
}

/** The options that were given, and no others. */
function optionsOf(args: Environment['args']): StartBroadcastOptions {
  const options: Record<string, unknown> = {};
  for (const name of OF_TASKS) {
    const flag = flagOf(name);
    const value = joinedArg(args, flag === toFlag(name) ? name : flag);
    const { fromText }: { fromText?: (text: string) => unknown } = TASK_OPTIONS[name].flag;
    if (value !== undefined) options[name] = fromText === undefined ? value : withFlags(() => fromText(value));
  }
  for (const name of ['joiners', 'key']) {
    const value = textArg(args, name);
    if (value !== undefined) options[name] = value;
  }
  const where = whereOf(args);
  if (where !== undefined) options.where = where;
  if (flagArg(args, 'skipDraining')) options.skipDraining = true;
  return options;
}

/** `--where zone=a,disk=ssd`, repeated. Throws `UsageError`. */
export function whereOf(args: Environment['args']): Record<string, string> | undefined {
  const labels = listArg(args, 'where');
  if (labels.length === 0) return undefined;
  return Object.fromEntries(labels.flatMap((label) => label.split(',')).map(labelOf));
}

function labelOf(given: string): [string, string] {
  const at = given.indexOf('=');
  if (at < 1) throw new UsageError(`--where: expected a label and its value, such as zone=a, got '${given}'`);
  return [given.slice(0, at), given.slice(at + 1)];
}

function waitOf(args: Environment['args']): number | null | undefined {
  const timeout = textArg(args, 'waitTimeout');
  const timeoutMs = timeout === undefined ? null : parseDuration('--wait-timeout', timeout);
  if (flagArg(args, 'wait')) return timeoutMs;
  if (timeoutMs !== null) throw new UsageError('--wait-timeout needs --wait');
  return undefined;
}
