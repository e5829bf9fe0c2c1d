import type { Drover, QueueSettings } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showQueues } from '../views/queues.js';
import { warnIfUnknown } from './unknown-queue.js';

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Queue name (default: all)' } },
  options: {
    priority: { type: 'string', requiresArg: true, describe: 'Whole number; queues with a higher priority go first' },
    weight: { type: 'string', requiresArg: true, describe: 'Share among queues of the same priority, above 0' },
    'max-running': {
      type: 'string',
      requiresArg: true,
      describe: "Maximum number of its tasks out at a time, or 'none'",
    },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: 'Queues need no declaration: a queue exists as soon as a task names it. Settings are kept.',
  examples: [
    ['drover queue', 'all queues with their settings and counts'],
    ['drover queue images --weight 3', 'three times the share of a queue of weight 1'],
    ['drover queue reports --priority 10 --max-running 4', 'first, but at most four at a time'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const name = textArg(args, 'name');
    const settings = settingsOf(args);
    if (name === undefined && Object.keys(settings).length > 0)
      throw new UsageError('missing argument: the name of the queue to change');
    return withClient(environment, async (drover) => {
      if (name !== undefined && Object.keys(settings).length > 0) {
        const { known } = await drover.configureQueue(name, settings, askedOf(args));
        if (known === false) await warnIfUnknown(environment, drover, name, 'changed');
      }
      return showQueue(drover, name, environment);
    });
  },
};

async function showQueue(drover: Drover, name: string | undefined, environment: Environment): Promise<number> {
  const { json, stdout, colors, runtime } = environment;
  const queues = (await drover.queues()).filter((queue) => name === undefined || queue.name === name);
  if (json) for (const queue of queues) await stdout.json(queue);
  else if (queues.length > 0)
    await stdout.line(showQueues(queues, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity));
  else
    await stdout.line(colors.dim(name === undefined ? 'no queues' : `no queue named '${name}' has tasks or settings`));
  return EXIT.DONE;
}

/** Only what was given. Throws `UsageError`. */
function settingsOf(args: Environment['args']): Partial<QueueSettings> {
  const [priority, weight, maxRunning] = ['priority', 'weight', 'maxRunning'].map((name) => textArg(args, name));
  return {
    ...(priority === undefined ? {} : { priority: number('--priority', priority, 'a whole number', Number.isInteger) }),
    ...(weight === undefined ? {} : { weight: number('--weight', weight, 'a number above 0', (value) => value > 0) }),
    ...(maxRunning === undefined ? {} : { maxRunning: maxRunningOf(maxRunning) }),
  };
}

function maxRunningOf(given: string): number | null {
  if (given === 'none') return null;
  return number(
    '--max-running',
    given,
    "a whole number from 0, or 'none'",
    (value) => Number.isInteger(value) && value >= 0,
  );
}

function number(flag: string, given: string, expected: string, isGood: (value: number) => boolean): number {
  const value = given.trim() === '' ? NaN : Number(given);
  if (Number.isFinite(value) && isGood(value)) return value;
  throw new UsageError(`${flag}: expected ${expected}, got '${given}'`);
}
