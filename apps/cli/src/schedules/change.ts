import type { Drover } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given } from './options.js';

const COMMON = {
  positionals: { name: { type: 'string', describe: 'Name of the schedule' } },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
} as const;

/** Does it, and says so. */
async function change(
  environment: Environment,
  what: string,
  act: (drover: Drover, name: string) => Promise<object | undefined>,
): Promise<number> {
  return withClient(environment, async (drover) => {
    const { args, json, stdout } = environment;
    const name = textArg(args, 'name') ?? '';
    const more = await act(drover, name);
    if (json) await stdout.json({ name, [what]: true, ...more });
    else await stdout.line([`schedule ${name} ${what}`, ...Object.values(more ?? {}).map(String)].join(': task '));
    return EXIT.DONE;
  });
}

export const pause: Command = {
  ...COMMON,
  details: 'Times that pass during the pause are not fired, and are not caught up. What runs goes on.',
  examples: [["drover schedule pause sync --reason 'migration'", 'it fires no more until it is resumed']],
  run: (environment) =>
    change(environment, 'paused', async (drover, name) => {
      const { reason, ...asked } = askedOf(environment.args);
      await drover.schedules.pause(name, reason, asked);
      return undefined;
    }),
};

export const resume: Command = {
  ...COMMON,
  examples: [['drover schedule resume sync', 'it fires again, from now on']],
  run: (environment) =>
    change(environment, 'resumed', async (drover, name) => {
      const { reason, ...asked } = askedOf(environment.args);
      await drover.schedules.resume(name, reason, asked);
      return undefined;
    }),
};

export const trigger: Command = {
  ...COMMON,
  options: {
    overlap: {
      type: 'string',
      requiresArg: true,
      describe: 'While an earlier fire has not ended: as of schedule set',
      defaultDescription: "the schedule's",
    },
    ...COMMON.options,
  },
  details: 'Also while the schedule is paused. The times of the schedule stay as they are.',
  examples: [
    ['drover schedule trigger nightly', 'now, once'],
    ['drover schedule trigger nightly --overlap allow', 'also while an earlier fire runs'],
  ],
  run: (environment) =>
    change(environment, 'triggered', async (drover, name) => {
      const overlap = textArg(environment.args, 'overlap');
      const options = { ...askedOf(environment.args), ...given('overlap', overlap) };
      return drover.schedules.trigger(name, options as Parameters<typeof drover.schedules.trigger>[1]);
    }),
};

export const rm: Command = {
  ...COMMON,
  options: { cancel: { type: 'boolean', describe: 'Cancel the fires that run, too' }, ...COMMON.options },
  details: 'Fires that wait are cancelled; what runs goes on, unless --cancel is given.',
  examples: [['drover schedule rm nightly', 'it fires no more; the name is free']],
  run: (environment) =>
    change(environment, 'removed', async (drover, name) => {
      await drover.schedules.remove(name, {
        ...askedOf(environment.args),
        cancel: flagArg(environment.args, 'cancel'),
      });
      return undefined;
    }),
};
