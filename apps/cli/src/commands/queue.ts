import type { Drover, QueueSettings } from '@drover/client';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showQueues } from '../views/status.js';

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'All queues where left out' } },
  options: {
    priority: { type: 'string', requiresArg: true, describe: 'Whole number; queues with a higher one go first' },
    weight: { type: 'string', requiresArg: true, describe: 'Share among queues of the same priority, above 0' },
    'max-running': { type: 'string', requiresArg: true, describe: "At most so many tasks out at a time, or 'none'" },
    ...CLIENT_OPTIONS,
  },
  details: 'Queues need no declaring: they are there when a task names them. Their settings stay.',
  examples: [
    ['drover queue', 'all queues with their settings and counts'],
    ['drover queue images --weight 3', 'three times the share of a queue of weight 1'],
    ['drover queue reports --priority 10 --max-running 4', 'first, but never more than four at a time'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const name = textArg(args, 'name');
    const settings = settingsOf(args);
    if (name === undefined && Object.keys(settings).length > 0) throw new UsageError('which queue? Give its name');
    return withClient(environment, async (drover) => {
      if (name !== undefined && Object.keys(settings).length > 0) await drover.configureQueue(name, settings);
      return showQueue(drover, name, environment);
    });
  },
};

async function showQueue(drover: Drover, name: string | undefined, environment: Environment): Promise<number> {
  const { json, stdout, colors } = environment;
  const queues = (await drover.queues()).filter((queue) => name === undefined || queue.name === name);
  if (json) for (const queue of queues) await stdout.json(queue);
  else if (queues.length > 0) await stdout.line(showQueues(queues, colors));
  else await stdout.line(colors.dim(name === undefined ? 'No queues' : `${name} has no tasks and no settings`));
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
