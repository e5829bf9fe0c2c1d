import { askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { warnIfUnknown } from './unknown-queue.js';

/** `drover pause` and `drover resume`. */
export function setPaused(environment: Environment, paused: boolean): Promise<number> {
  return withClient(environment, async (drover) => {
    const { args, json, stdout } = environment;
    const queue = textArg(args, 'queue') ?? '';
    const asked = askedOf(args);
    const { known } = paused ? await drover.pauseQueue(queue, asked) : await drover.resumeQueue(queue, asked);
    if (json) await stdout.json({ queue, paused, known });
    else await stdout.line(`queue ${queue} ${paused ? 'paused' : 'resumed'}`);
    if (known === false) await warnIfUnknown(environment, drover, queue, paused ? 'paused' : 'resumed');
    return EXIT.DONE;
  });
}
