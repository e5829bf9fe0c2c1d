import type { SubmitOptions, TaskInput } from '@drover/client';
import { parseDuration } from '@drover/core';
import { flagArg, numberOrText, textArg, type Command, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { parseRetryFlag } from '../tasks/retry-flag.js';
import { submitAll, type Wait } from '../tasks/submit-all.js';
import { submitFrom } from '../tasks/submit-from.js';
import { findProblem, readExactly } from '../tasks/task-line.js';

const text = (describe: string, defaultDescription?: string) =>
  ({ type: 'string', requiresArg: true, describe, ...(defaultDescription ? { defaultDescription } : {}) }) as const;

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
    'wait-timeout': text('With --wait: stop waiting after this long, e.g. 5m; the tasks continue', 'no limit'),
    queue: text('Queue', 'default'),
    delay: text('Run no earlier than this long from now, e.g. 5s'),
    key: text(
      'Deduplication key, up to 512 characters: return the unfinished task of the queue that has it instead of submitting',
    ),
    'max-attempts': text('How many attempts may fail or time out before the task fails', '3'),
    timeout: text('Time limit per attempt, e.g. 30s', "the handler's"),
    retry: text('Delay between attempts: constant, linear or exponential, e.g. constant,delay=5s', "the handler's"),
    ...CLIENT_OPTIONS,
  },
  details: `A line of a file: {"type":"resize","payload":{"width":80},"queue":"images","maxAttempts":5}. Optional fields are
payload, queue, delay, key, maxAttempts, timeout and retry, such as {"kind":"exponential","delayMs":1000,"maxDelayMs":300000,"jitter":0.2}
(the default); they override the options given here. The whole file is checked before anything is submitted.

--retry KIND[,delay=1s][,max=5m][,jitter=0.2]: the delay before the second attempt, the longest delay, and the share of it
that is random.`,
  examples: [
    [`drover submit echo --payload '{"n":1}' --wait`, 'one task, and its result'],
    ['drover submit --from tasks.ndjson --wait --json', 'many tasks; prints a line for each as it finishes'],
    ['drover submit report --delay 5s --key nightly', 'later, and once'],
    ['drover submit report --max-attempts 5 --retry constant,delay=30s', 'five attempts, 30 seconds apart'],
    ['generate | drover submit resize --from - --queue images', 'from another program'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const [type, from, payload] = ['type', 'from', 'payload'].map((name) => textArg(args, name));
    const defaults = optionsOf(args);
    const wait = waitOf(args);
    if (from === undefined) return submitOne(environment, { type, payload, options: defaults, wait });
    for (const name of ['payload', 'key'])
      if (args[name] !== undefined) throw new UsageError(`--${name} is for one task: with --from the lines have it`);
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

/** Only what was given. */
function optionsOf(args: Environment['args']): SubmitOptions {
  const [maxAttempts, retry] = ['maxAttempts', 'retry'].map((name) => textArg(args, name));
  const texts = ['queue', 'timeout', 'delay', 'key'].map((name) => [name, textArg(args, name)] as const);
  return {
    ...Object.fromEntries(texts.filter(([, value]) => value !== undefined)),
    ...(maxAttempts === undefined ? {} : { maxAttempts: numberOrText(maxAttempts) }),
    ...(retry === undefined ? {} : { retry: parseRetryFlag(retry) }),
  };
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
  const found = findProblem(task as unknown as Record<string, unknown>);
  if (found === null) return;
  const { problem, argument = '' } = found;
  const isFlag = argument !== '' && argument !== 'type';
  throw new UsageError(isFlag ? problem.replace(argument, `--${kebab(argument)}`) : problem);
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
