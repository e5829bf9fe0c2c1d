import type { Drover, StartOptions } from '@drover/client';
import { flagOf, parseDuration, TASK_OPTIONS } from '@drover/core';
import { flowOf, type Flow } from '@drover/flow';
import type { Options } from 'yargs';
import { withClient } from '../client.js';
import { flagArg, joinedArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given } from '../schedules/options.js';
import { FILE, FLOW } from './check.js';
import { choosePlan, readPlans } from './flow-file.js';
import { inputOf } from './input-arg.js';

const INHERITED = ['queue', 'tenant', 'priority', 'limits'] as const;

const text = (describe: string, defaultDescription?: string): Options => ({
  ...{ type: 'string', requiresArg: true, describe },
  ...(defaultDescription !== undefined && { defaultDescription }),
});

/** The flags of tasks: a flow gives them to its steps. */
const STEP_FLAGS: Record<string, Options> = Object.fromEntries(
  INHERITED.map((name) => {
    const { describe, defaultsTo, repeats }: { describe: string; defaultsTo?: string; repeats?: true } =
      TASK_OPTIONS[name].flag;
    const option = text(describe, defaultsTo);
    return [flagOf(name), repeats === true ? { ...option, type: 'array', string: true } : option];
  }),
);

/** Options of everything that starts a run. */
export const START_OPTIONS: Record<string, Options> = {
  wait: {
    type: 'boolean',
    describe: 'Wait until it has ended, and print its result; exit code 1 unless it succeeds',
  },
  'wait-timeout': text('With --wait: time limit for waiting, e.g. 5m; the run continues', 'no limit'),
  key: text('While a run of this flow with the same key is unfinished, no other is started'),
  deadline: text('Cancel the run when it takes longer, e.g. 6h; it has failed then', 'that of the flow'),
  ...STEP_FLAGS,
};

export const command: Command = {
  positionals: FILE,
  options: {
    ...FLOW,
    input: text('JSON value that the run is given, or @FILE that has it', 'null'),
    ...START_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: `Prints the id of the run. The flow and its input are checked before anything is started. The options of tasks hold for
steps that have none of their own.`,
  examples: [
    [`drover flow start ./nightly.flow.mjs --input '{"day":"2026-11-28"}' --wait`, 'one run, and its result'],
    ['drover flow start ./flows.mjs --flow nightly --input @input.json --key nightly', 'only one at a time'],
    ['drover flow check ./f.mjs --json > f.json && drover flow start f.json', 'from a plan in JSON'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const path = textArg(args, 'file') ?? '';
    const options = optionsOf(args);
    const wait = waitOf(args);
    const input = await inputOf(args);
    const flow = flowOf(choosePlan(path, await readPlans(path), textArg(args, 'flow')));
    return withClient(environment, (drover) => start(environment, drover, { flow, input, options, wait }));
  },
};

interface Wanted {
  flow: Flow;
  input: unknown;
  options: StartOptions;
  wait: { timeout?: number } | null;
}

async function start(
  environment: Environment,
  drover: Drover,
  { flow, input, options, wait }: Wanted,
): Promise<number> {
  const { json, stdout, stderr, colors, interruption, signal } = environment;
  interruption.note = () => 'the run may have been started';
  const run = await drover.start(flow, input, options);
  const { id, deduplicated } = run;
  const document = { run: id, flow: flow.name, ...(deduplicated && { deduplicated }) };
  interruption.note = () => `run ${id} continues; see 'drover flow tree ${id}'`;
  if (deduplicated && !json) stderr.note(`${id} has this key and is not finished`);
  if (wait === null) {
    if (json) await stdout.json(document);
    else await stdout.line(id);
    return EXIT.DONE;
  }
  if (!json && !deduplicated) stderr.note(`${id} started`);
  const result = await run.result({ ...wait, signal });
  if (json) await stdout.json({ ...document, state: 'succeeded', result });
  else await stdout.line(`${id} ${colors.green('succeeded')}\n${JSON.stringify(result, null, 2)}`);
  return EXIT.DONE;
}

/** Throws `InvalidArgumentError` that names the flag. */
export function optionsOf(args: Environment['args']): StartOptions {
  const options: Record<string, unknown> = {};
  for (const name of INHERITED) {
    const flag = flagOf(name);
    const value = joinedArg(args, flag);
    if (value === undefined) continue;
    const { flag: entry, parse }: OptionEntry = TASK_OPTIONS[name];
    const wanted = entry.fromText === undefined ? value : entry.fromText(value);
    parse(`--${flag}`, wanted);
    options[name] = wanted;
  }
  const [key, deadline] = [textArg(args, 'key'), textArg(args, 'deadline')];
  if (key !== undefined) TASK_OPTIONS.key.parse('--key', key);
  return {
    ...options,
    ...given('unique', key === undefined ? undefined : { key }),
    ...given('deadline', durationOf('--deadline', deadline)),
  };
}

interface OptionEntry {
  readonly flag: { readonly fromText?: (text: string) => unknown };
  readonly parse: (argument: string, given: unknown) => unknown;
}

/** In ms. Throws `InvalidArgumentError`. */
const durationOf = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(flag, text);

export function waitOf(args: Environment['args']): Wanted['wait'] {
  const timeout = durationOf('--wait-timeout', textArg(args, 'waitTimeout'));
  if (flagArg(args, 'wait')) return given('timeout', timeout);
  if (timeout !== undefined) throw new UsageError('--wait-timeout needs --wait');
  return null;
}
