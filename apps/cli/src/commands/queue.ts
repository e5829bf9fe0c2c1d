import type { Drover, QueueSettings } from '@drover/client';
import type { Via } from '@drover/config';
import { isQueueSetting, QUEUE_SETTING_NAMES, QUEUE_SETTINGS, toFlag, type QueueSettingName } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showQueueSettings } from '../views/queue-settings.js';
import { showQueues } from '../views/queues.js';
import { warnIfUnknown } from './unknown-queue.js';

type Flag = NonNullable<(typeof QUEUE_SETTINGS)[QueueSettingName]['flag']>;

const SETTINGS = QUEUE_SETTING_NAMES.flatMap((name): [QueueSettingName, Flag][] => {
  const { flag } = QUEUE_SETTINGS[name];
  return flag === undefined ? [] : [[name, flag]];
});
/** Without the dashes. */
const flagOf = (name: QueueSettingName, flag: Flag): string => flag.name ?? toFlag(name);
const SETTING_FLAGS = Object.fromEntries(
  SETTINGS.map(([name, flag]) => [
    flagOf(name, flag),
    { type: 'string', requiresArg: true, describe: flag.describe } as const,
  ]),
);

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Queue name (default: all)' } },
  options: {
    ...SETTING_FLAGS,
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: 'Queues need no declaration: a queue exists as soon as a task names it. Settings are kept.',
  examples: [
    ['drover queue', 'all queues with their settings and counts'],
    ['drover queue images --weight 3', 'three times the share of a queue of weight 1'],
    ['drover queue reports --priority 10 --max-running 4', 'first, but at most four at a time'],
    ['drover queue media --max-pending 50000 --max-pending-per-tenant 5000', 'refuse submits while so many wait'],
    ['drover queue media --tenant acme=3 --max-running-per-tenant 20', 'acme gets three times as much as others'],
    ['drover queue mail --on-dead page-somebody,queue=alerts', 'start a task for each that fails for good'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const name = textArg(args, 'name');
    const settings = settingsOf(args);
    if (name === undefined && Object.keys(settings).length > 0)
      throw new UsageError('missing argument: the name of the queue to change');
    const asked = askedOf(args);
    return withClient(environment, async (drover, via) => {
      if (name !== undefined && Object.keys(settings).length > 0) {
        const { known } = await drover.configureQueue(name, settings, asked);
        if (known === false) await warnIfUnknown(environment, drover, name, 'changed');
      }
      return showQueue({ drover, via }, name, environment);
    });
  },
};

async function showQueue(
  { drover, via }: { drover: Drover; via: Via },
  name: string | undefined,
  environment: Environment,
): Promise<number> {
  const { json, stdout, colors, runtime } = environment;
  const queues = (await drover.queues()).filter((queue) => name === undefined || queue.name === name);
  if (json) for (const queue of queues) await stdout.json({ ...queue, via });
  else if (queues.length > 0)
    await stdout.line(
      showQueues(queues, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity) +
        (name === undefined ? '' : queues.map((queue) => `\n\n${showQueueSettings(queue, colors)}`).join('')),
    );
  else
    await stdout.line(colors.dim(name === undefined ? 'no queues' : `no queue named '${name}' has tasks or settings`));
  return EXIT.DONE;
}

/** Only what was given. Throws `UsageError`. */
function settingsOf(args: Environment['args']): Partial<QueueSettings> {
  const given = SETTINGS.map(([name, flag]) => [name, flag, textArg(args, flagOf(name, flag))] as const);
  return Object.fromEntries(
    given.flatMap(([name, flag, text]) => (text === undefined ? [] : [[name, fromFlag(name, flag, text)]])),
  );
}

function fromFlag(name: QueueSettingName, flag: Flag, text: string): unknown {
  const value = flag.fromText(text);
  if (isQueueSetting(name, value)) return value;
  throw new UsageError(
    `--${flagOf(name, flag)}: expected ${flag.expected ?? QUEUE_SETTINGS[name].expected}, got '${text}'`,
  );
}
