import type { SubmitOptions, TaskInput } from '@drover/client';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { submitAll } from '../tasks/submit-all.js';
import {
  checkTaskFile,
  parseTasks,
  readFile,
  requireFile,
  showProblem,
  withSpooled,
  type LineProblem,
} from '../tasks/task-file.js';
import { describeSyntaxError, findProblem } from '../tasks/task-line.js';
import { counted } from '../views/format.js';

const SHOWN_PROBLEMS = 20;
const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;

export const command: Command = {
  positionals: { type: { type: 'string', describe: 'Task type; with --from: of lines that name none' } },
  options: {
    payload: text('JSON that the handler gets'),
    from: text('File of tasks, one JSON object a line; - for stdin'),
    'keep-going': { type: 'boolean', describe: 'Submit the good lines of a file that has bad ones too' },
    wait: { type: 'boolean', describe: 'Wait for the end; exit code 1 unless all succeed' },
    queue: text('Queue to put it in (default)'),
    'max-attempts': text('Attempts that may fail or time out (3)'),
    timeout: text("Of one attempt, such as 30s (the handler's, else none)"),
    delay: text('Not before this long from now, such as 5s'),
    key: text('While a task of the queue with this key is unfinished, that one is meant'),
    ...CLIENT_OPTIONS,
  },
  details: `A line of a file: {"type":"resize","payload":{...},"queue":"images","maxAttempts":5}; queue, maxAttempts, timeout,
delay and key are optional and win over the options given here. The whole file is checked before anything is submitted.`,
  examples: [
    [`drover submit echo --payload '{"n":1}' --wait`, 'one task, and its result'],
    ['drover submit --from tasks.ndjson --wait --json', 'many; a line for each that has ended'],
    ['drover submit shell --payload \'{"argv":["date"]}\' --delay 5s --key nightly', 'later, and once'],
    ['generate | drover submit resize --from - --queue images', 'from another program'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const [type, from, payload] = ['type', 'from', 'payload'].map((name) => textArg(args, name));
    const defaults = optionsOf(args);
    if (from === undefined) return submitOne(environment, type, payload, defaults);
    for (const name of ['payload', 'key']) {
      if (args[name] !== undefined) throw new UsageError(`--${name} is for one task: with --from the lines have it`);
    }
    checkFlags({ type: type ?? 'any', ...defaults });
    return submitFrom(environment, from, type, defaults);
  },
};

async function submitOne(
  environment: Environment,
  type: string | undefined,
  payload: string | undefined,
  options: SubmitOptions,
): Promise<number> {
  if (type === undefined) throw new UsageError('which type? Give one, or a file of tasks with --from');
  const task: TaskInput = { type, ...options, ...(payload === undefined ? {} : { payload: parsePayload(payload) }) };
  checkFlags(task);
  return submitAll(environment, { tasks: [task], total: 1, defaults: {} });
}

async function submitFrom(
  environment: Environment,
  from: string,
  defaultType: string | undefined,
  defaults: SubmitOptions,
): Promise<number> {
  const { args, stdin, signal } = environment;
  const source = { environment, defaultType, defaults };
  if (from !== '-') await requireFile(from);
  if (flagArg(args, 'keepGoing')) return submitGood(source, from === '-' ? stdin : readFile(from));
  if (from !== '-') return submitChecked(source, from, from);
  return withSpooled(stdin, signal, (path) => submitChecked(source, path, 'stdin'));
}

interface Source {
  environment: Environment;
  defaultType: string | undefined;
  defaults: SubmitOptions;
}

async function submitChecked(source: Source, path: string, name: string): Promise<number> {
  const { environment, defaultType, defaults } = source;
  const total = await checkTaskFile(path, name, defaultType);
  const onProblem = (problem: LineProblem) => {
    throw new UsageError(`${name} was changed while it was read: ${showProblem(problem)}`);
  };
  return submitAll(environment, { tasks: parseTasks(readFile(path), { defaultType, onProblem }), total, defaults });
}

async function submitGood(source: Source, chunks: AsyncIterable<Buffer>): Promise<number> {
  const { environment, defaultType, defaults } = source;
  let bad = 0;
  const onProblem = (problem: LineProblem) => {
    if (bad++ < SHOWN_PROBLEMS) void environment.stderr.line(`left out ${showProblem(problem)}`);
  };
  const tasks = parseTasks(chunks, { defaultType, onProblem });
  const code = await submitAll(environment, { tasks, total: null, defaults });
  if (bad === 0) return code;
  await environment.stderr.line(`left out ${counted(bad, 'line')}, the others were submitted`);
  await environment.stderr.flush();
  return EXIT.USAGE;
}

function parsePayload(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch (error) {
    throw new UsageError(`--payload: not JSON: ${describeSyntaxError(error)}. Quote it for the shell: '{"n":1}'`);
  }
}

/** Only what was given. */
function optionsOf(args: Environment['args']): SubmitOptions {
  const maxAttempts = textArg(args, 'maxAttempts');
  const texts = ['queue', 'timeout', 'delay', 'key'].map((name) => [name, textArg(args, name)] as const);
  return {
    ...Object.fromEntries(texts.filter(([, value]) => value !== undefined)),
    ...(maxAttempts === undefined ? {} : { maxAttempts: Number(maxAttempts) }),
  };
}

function checkFlags(task: TaskInput): void {
  const problem = findProblem(task as unknown as Record<string, unknown>);
  if (problem === null) return;
  const name = /^(maxAttempts|queue|timeout|delay|key)(?=:)/.exec(problem)?.[0];
  const flag = name?.replace('maxAttempts', 'max-attempts');
  throw new UsageError(name === undefined ? problem : problem.replace(name, `--${String(flag)}`));
}
