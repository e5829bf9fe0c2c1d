import type { SubmitOptions, TaskInput } from '@drover/client';
import { samplingFields } from '@drover/config';
import {
  DEFAULT_RETRY,
  InvalidArgumentError,
  parseDuration,
  TASK_OPTION_NAMES,
  TASK_OPTIONS,
  flagOf,
  toFlag,
} from '@drover/core';
import { flagArg, joinedArg, textArg, type Command, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS, optionsOf as optionsOfFields } from '../options.js';
import { submitAll, type Wait } from '../tasks/submit-all.js';
import { submitFrom } from '../tasks/submit-from.js';
import { findProblem, readExactly } from '../tasks/task-line.js';

const text = (describe: string, defaultDescription?: string) =>
  ({ type: 'string', requiresArg: true, describe, ...(defaultDescription ? { defaultDescription } : {}) }) as const;

const TASK_FLAGS = Object.fromEntries(
  TASK_OPTION_NAMES.map((name) => {
    const { describe, defaultsTo, repeats }: { describe: string; defaultsTo?: string; repeats?: true } =
      TASK_OPTIONS[name].flag;
    const option = text(describe, defaultsTo);
    return [flagOf(name), repeats === true ? { ...option, type: 'array' as const, string: true } : option];
  }),
);
const FIELDS = ['payload', ...TASK_OPTION_NAMES];

export const command: Command = {
  positionals: { type: { type: 'string', describe: 'Task type; with --from, the default for lines without one' } },
  options: {
    payload: text('JSON value that the handler receives'),
    from: text('File of tasks, one JSON object per line; - for stdin'),
    'keep-going': {
      type: 'boolean',
      describe: 'With --from: skip invalid lines and submit the others, as they are read',
    },
    wait: { type: 'boolean', describe: 'Wait until finished; exit code 1 unless all tasks succeed' },
    'wait-timeout': text('With --wait: time limit for waiting, e.g. 5m; the tasks continue', 'no limit'),
    ...TASK_FLAGS,
    ...optionsOfFields(samplingFields, 'Tracing:'),
    ...CLIENT_OPTIONS,
  },
  details: `A line of a file: {"type":"resize","payload":{"width":80},"queue":"images","maxAttempts":5}. Optional fields are
${FIELDS.slice(0, -1).join(', ')} and ${FIELDS.at(-1) ?? ''}, such as ${JSON.stringify(DEFAULT_RETRY)}
(the default); they override the options given here. The whole file is checked before anything is submitted.

--retry KIND[,delay=1s][,max=5m][,jitter=0.2]: the delay before the second attempt, the longest delay, and the share of it
that is random.`,
  examples: [
    [`drover submit echo --payload '{"n":1}' --wait`, 'one task, and its result'],
    ['drover submit --from tasks.ndjson --wait --json', 'many tasks; prints a line for each as it finishes'],
    ['drover submit report --delay 5s --key nightly', 'in 5 seconds, and only one at a time'],
    ['drover submit report --max-attempts 5 --retry constant,delay=30s', 'five attempts, 30 seconds apart'],
    [
      'drover submit merge --after 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0,01JZ8Q6T7M3N5R2V4X6Y8Z0A1C.0',
      'when both have succeeded',
    ],
    [
      'drover submit pay --limit stripe/acme --sequence order-42',
      'under a limit, and after the tasks before it in its sequence',
    ],
    [
      'drover submit report --otlp-endpoint http://127.0.0.1:4318 --trace-ratio 1',
      'traced; TRACEPARENT of the environment is its caller',
    ],
    ['generate | drover submit resize --from - --queue images', 'from another program'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const [type, from, payload] = ['type', 'from', 'payload'].map((name) => textArg(args, name));
    const defaults = optionsOf(args);
    const wait = waitOf(args);
    if (from === undefined) return submitOne(environment, { type, payload, options: defaults, wait });
    for (const name of ['payload', 'key'])
      if (args[name] !== undefined)
        throw new UsageError(`--${name} is for a single task; with --from, put it into the lines`);
    checkFlags({ type: type ?? 'any', ...defaults });
    return submitFrom(environment, from, { defaultType: type, defaults, wait });
  },
};

interface OneTask {
  type: string | undefined;
  payload: string | undefined;
  options: SubmitOptions;
  wait: Wait;
}

async function submitOne(environment: Environment, { type, payload, options, wait }: OneTask): Promise<number> {
  if (flagArg(environment.args, 'keepGoing')) throw new UsageError('--keep-going needs --from');
  if (type === undefined) throw new UsageError('missing argument: the task type, or a file of tasks with --from');
  const task: TaskInput = { type, ...options, ...(payload === undefined ? {} : { payload: parsePayload(payload) }) };
  checkFlags(task);
  return submitAll(environment, { tasks: [task], total: 1, isList: false, defaults: {} }, wait);
}

function parsePayload(given: string): unknown {
  const read = readExactly(given);
  if ('value' in read) return read.value;
  const hint = read.problem.startsWith('not JSON') ? `. Quote it for the shell: '{"n":1}'` : '';
  throw new UsageError(`--payload: ${read.problem}${hint}`);
}

/** The options that were given, and no others. Throws `UsageError` that names the flag. */
function optionsOf(args: Environment['args']): SubmitOptions {
  const given = TASK_OPTION_NAMES.map((name) => [name, joinedArg(args, argOf(name))] as const);
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, fromFlag(name, value)]])),
  );
}

/** Under this name yargs gives the flag. */
const argOf = (name: (typeof TASK_OPTION_NAMES)[number]): string => {
  const flag = flagOf(name);
  return flag === toFlag(name) ? name : flag;
};

function fromFlag(name: (typeof TASK_OPTION_NAMES)[number], given: string): unknown {
  const { fromText }: { fromText?: (text: string) => unknown } = TASK_OPTIONS[name].flag;
  if (fromText === undefined) return given;
  try {
    return fromText(given);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(`--${error.message}`);
    throw error;
  }
}

function waitOf(args: Environment['args']): Wait {
  const timeout = textArg(args, 'waitTimeout');
  const timeoutMs = timeout === undefined ? null : parseDuration('--wait-timeout', timeout);
  if (flagArg(args, 'wait')) return { timeoutMs };
  if (timeoutMs !== null) throw new UsageError('--wait-timeout needs --wait');
  return null;
}

/** Throws `UsageError` that names the flag at fault. */
function checkFlags(task: TaskInput): void {
  const found = findProblem(task);
  if (found === null) return;
  const { problem, argument = '' } = found;
  const isFlag = argument !== '' && argument !== 'type';
  throw new UsageError(isFlag ? problem.replace(argument, `--${flagNamed(argument)}`) : problem);
}

/** The field of a task, or a part of it, as a flag. */
function flagNamed(argument: string): string {
  const [name = ''] = argument.split('.');
  const option = TASK_OPTION_NAMES.find((known) => known === name);
  return option === undefined ? toFlag(argument) : `${flagOf(option)}${argument.slice(name.length)}`;
}
