import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { warnIfUnknown } from './unknown-queue.js';

const COMMON = {
  positionals: { queue: { type: 'string', describe: 'Queue name' } },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
} as const;

export const pause: Command = {
  ...COMMON,
  details: 'Tasks of the queue that are already assigned finish; the others wait until it is resumed.',
  examples: [
    ['drover pause images', 'running tasks continue, pending ones wait'],
    ['drover pause mail --reason "provider down"', "'drover status' and 'drover queue' show who paused it and why"],
  ],
  run: (environment) => setPaused(environment, true),
};

export const resume: Command = {
  ...COMMON,
  examples: [['drover resume images', 'its pending tasks are assigned again']],
  run: (environment) => setPaused(environment, false),
};

function setPaused(environment: Environment, paused: boolean): Promise<number> {
  const { args, json, stdout } = environment;
  const queue = textArg(args, 'queue') ?? '';
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    const { known } = paused ? await drover.pauseQueue(queue, asked) : await drover.resumeQueue(queue, asked);
    if (json) await stdout.json({ queue, paused, known });
    else await stdout.line(`queue ${queue} ${paused ? 'paused' : 'resumed'}`);
    if (known === false) await warnIfUnknown(environment, drover, queue, paused ? 'paused' : 'resumed');
    return EXIT.DONE;
  });
}
