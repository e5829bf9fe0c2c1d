import type { AskOptions, Drover } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { counted } from '../views/format.js';

export const command: Command = {
  positionals: { worker: { type: 'string', describe: "Name of the worker, or its id from 'drover workers --json'" } },
  options: {
    wait: { type: 'boolean', describe: 'Wait until the worker has no tasks left' },
    off: { type: 'boolean', describe: 'Stop draining: assign tasks to the worker again' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: 'A worker that is restarted under the same name is not draining.',
  examples: [
    ['drover drain w1 --wait', 'before maintenance: returns when its last task has finished'],
    ['drover drain w1 --reason "new disk"', 'the worker shows who drained it and why'],
    ['drover drain w1 --off', 'assign tasks to it again'],
  ],
  run: (environment) => {
    if (flagArg(environment.args, 'wait') && flagArg(environment.args, 'off'))
      throw new UsageError('--wait and --off exclude each other');
    const asked = askedOf(environment.args);
    return withClient(environment, (drover) => drain(environment, drover, asked));
  },
};

async function drain(environment: Environment, drover: Drover, asked: AskOptions): Promise<number> {
  const { args, json, stdout, signal, interruption } = environment;
  const worker = textArg(args, 'worker') ?? '';
  const draining = !flagArg(args, 'off');
  await drover.drain(worker, draining, asked);
  const out = await countOut(drover, worker);
  if (!json)
    await stdout.line(`${worker} ${draining ? 'is draining' : 'accepts tasks again'} (${counted(out, 'task')} out)`);
  if (!flagArg(args, 'wait')) {
    if (json) await stdout.json({ worker, draining, out });
    return EXIT.DONE;
  }
  await stdout.flush();
  interruption.note = () => `${worker} continues to drain; 'drover drain ${worker} --off' stops that`;
  await drover.untilDrained(worker, { signal });
  if (json) await stdout.json({ worker, draining, out: 0 });
  else if (out > 0) await stdout.line(`${worker} is drained: no tasks left`);
  return EXIT.DONE;
}

async function countOut(drover: Drover, worker: string): Promise<number> {
  const workers = (await drover.workers()).filter(({ id, name }) => id === worker || name === worker);
  return workers.reduce((sum, { out }) => sum + out, 0);
}
