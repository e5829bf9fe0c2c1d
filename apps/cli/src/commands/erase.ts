import { localTask } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { confirmed } from '../confirm.js';

export const command: Command = {
  positionals: {
    'task-id': { type: 'string', describe: 'The task; it must have ended' },
  },
  options: {
    yes: { type: 'boolean', alias: 'y', describe: 'Do not ask for confirmation' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: `Erases the payload, the result, and the messages and stacks of errors of a task that has ended, now. The task stays in lists
with its id, type, times and key until retention removes it, and it cannot be retried. The command tells what remains elsewhere: ZooKeeper
keeps its own transaction logs until they are purged there.`,
  examples: [
    ['drover erase 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --reason "request 4711"', 'asks, then erases it'],
    ['drover erase 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --yes --json', 'does not ask; prints what is erased and what remains'],
  ],
  run: (environment) => {
    const { args, json, stdout, stderr, colors } = environment;
    const id = textArg(args, 'taskId') ?? '';
    if (localTask(id) === null)
      throw new UsageError(`expected a task id such as 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0, got '${id}'`);
    const asked = askedOf(args);
    return withClient(environment, async (drover, via) => {
      const { type, state } = await drover.get(id);
      const found = `task ${id} (${type}, ${state})`;
      if (!(await confirmed(environment, { verb: 'erase', done: 'erased', found }))) {
        await stderr.line('nothing was erased');
        return EXIT.FAILED;
      }
      const reply = await drover.erase(id, asked);
      if (json) await stdout.json({ ...reply, via });
      else {
        await stdout.line(`${id} ${colors.green('erased')}: ${reply.erased.join(', ')}`);
        for (const each of reply.remains) await stdout.line(colors.dim(`remains: ${each}`));
      }
      return EXIT.DONE;
    });
  },
};
