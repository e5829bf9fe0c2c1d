import type { AskOptions, Drover, RunReply } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given } from '../schedules/options.js';
import { readExactly } from '../tasks/task-line.js';
import { PAYLOAD_OPTION, runArg, runArgs, RUNS, STEP } from './run-options.js';

const COMMON = { ...ASKED_OPTIONS, ...CLIENT_OPTIONS };

/** Asks, and says for each run what became of it. Exits with 1 where one was refused. */
async function change(
  environment: Environment,
  done: string,
  ask: (drover: Drover, asked: AskOptions) => Promise<readonly RunReply[]>,
): Promise<number> {
  const { json, stdout, stderr, colors, args } = environment;
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    const replies = await ask(drover, asked);
    for (const reply of replies) {
      const { run, ok, message = 'the leader gave no reason' } = reply;
      if (json) await stdout.json(reply);
      else if (ok) await stdout.line(`${run} ${colors.green(done)}`);
      else await stderr.line(`${run} ${colors.red(`not ${done}`)}: ${message}`);
    }
    await stderr.flush();
    return replies.every(({ ok }) => ok) ? EXIT.DONE : EXIT.FAILED;
  });
}

/** Throws `UsageError`. */
function payloadOf(args: Environment['args']): { payload?: unknown } {
  const text = textArg(args, 'payload');
  if (text === undefined) return {};
  const read = readExactly(text);
  if ('value' in read) return { payload: read.value };
  throw new UsageError(`--payload: ${read.problem}`);
}

function signalling(environment: Environment, done: string, answer: string | undefined): Promise<number> {
  const { args } = environment;
  const run = runArg(args);
  const step = textArg(args, 'step') ?? '';
  const signal = { ...given('answer', answer), ...payloadOf(args) };
  return change(environment, done, async (drover, asked) => [
    await drover.runs.signal(run, step, { ...asked, ...signal }),
  ]);
}

export const signal: Command = {
  positionals: { ...STEP, answer: { type: 'string', describe: 'One of the answers that the step knows' } },
  options: { ...PAYLOAD_OPTION, ...COMMON },
  details: 'The step may wait already, or wait later. The first signal counts; another one changes nothing.',
  examples: [
    [
      'drover flow signal 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 paid --payload \'{"amount":3}\'',
      'with a value for the steps after it',
    ],
    ['drover flow signal 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 size small', 'with one of its answers'],
  ],
  run: (environment) => signalling(environment, 'signalled', textArg(environment.args, 'answer')),
};

export const approve: Command = {
  positionals: STEP,
  options: { ...PAYLOAD_OPTION, ...COMMON },
  details: "The same as flow signal with the answer 'yes'.",
  examples: [
    ["drover flow approve 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 'publish?' --reason 'looks right'", 'the steps after yes start'],
  ],
  run: (environment) => signalling(environment, 'approved', 'yes'),
};

export const reject: Command = {
  positionals: STEP,
  options: { ...PAYLOAD_OPTION, ...COMMON },
  details: "The same as flow signal with the answer 'no'.",
  examples: [["drover flow reject 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 'publish?'", 'the steps after no start']],
  run: (environment) => signalling(environment, 'rejected', 'no'),
};

export const cancel: Command = {
  positionals: RUNS,
  options: { force: { type: 'boolean', describe: 'Cancel the steps that clean up, too' }, ...COMMON },
  details:
    'Tasks that run are cancelled, and nothing new starts; then the steps of finally run, unless --force is given.',
  examples: [
    ["drover flow cancel 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 --reason 'wrong day'", 'one run'],
    ['drover flow ls --name nightly --state running --quiet | xargs drover flow cancel', 'all of a flow'],
  ],
  run: async (environment) => {
    const runs = runArgs(environment.args);
    const force = flagArg(environment.args, 'force');
    return change(environment, 'cancelled', (drover, asked) => drover.runs.cancel(runs, { ...asked, force }));
  },
};

export const retry: Command = {
  positionals: RUNS,
  options: {
    from: { type: 'string', requiresArg: true, describe: 'Run this step and everything below it again' },
    ...COMMON,
  },
  details:
    'Runs again what has failed, and what was skipped or cancelled because of it; what succeeded keeps its results.',
  examples: [
    ['drover flow retry 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0', 'what has failed'],
    ['drover flow retry 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 --from parse', 'parse, and all that follows from it'],
  ],
  run: async (environment) => {
    const runs = runArgs(environment.args);
    const from = given('from', textArg(environment.args, 'from'));
    return change(environment, 'started again', (drover, asked) => drover.runs.retry(runs, { ...asked, ...from }));
  },
};
