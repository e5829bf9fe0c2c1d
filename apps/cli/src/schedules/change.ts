import type { AskOptions, Drover, Started } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, nameArg, SCHEDULE_NAME } from './options.js';
import { startedText } from './view.js';

const COMMON = {
  positionals: SCHEDULE_NAME,
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
} as const;

type Act = (drover: Drover, asked: AskOptions) => Promise<Started | undefined>;

/** Does it, and says so. A wrong command is told before anything is connected. */
async function change(environment: Environment, what: string, act: (name: string) => Act): Promise<number> {
  const { args, json, stdout } = environment;
  const name = nameArg(args);
  const asked = askedOf(args);
  const ask = act(name);
  return withClient(environment, async (drover) => {
    const more = await ask(drover, asked);
    if (json) await stdout.json({ name, [what]: true, ...more });
    else await stdout.line([`schedule ${name} ${what}`, ...(more === undefined ? [] : [startedText(more)])].join(': '));
    return EXIT.DONE;
  });
}

export const pause: Command = {
  ...COMMON,
  details: 'Times that pass during the pause are not fired, and are not caught up. What runs goes on.',
  examples: [["drover schedule pause sync --reason 'migration'", 'it fires no more until it is resumed']],
  run: (environment) =>
    change(environment, 'paused', (name) => async (drover, { reason, ...asked }) => {
      await drover.schedules.pause(name, reason, asked);
      return undefined;
    }),
};

export const resume: Command = {
  ...COMMON,
  examples: [['drover schedule resume sync', 'it fires again, from now on']],
  run: (environment) =>
    change(environment, 'resumed', (name) => async (drover, { reason, ...asked }) => {
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
  run: async (environment) => {
    const { checkOverlap } = await import('@drover/client');
    const overlap = textArg(environment.args, 'overlap');
    const how = given('overlap', overlap === undefined ? undefined : checkOverlap(overlap));
    return change(
      environment,
      'triggered',
      (name) => (drover, asked) => drover.schedules.trigger(name, { ...asked, ...how }),
    );
  },
};

export const rm: Command = {
  ...COMMON,
  options: { cancel: { type: 'boolean', describe: 'Cancel the fires that run, too' }, ...COMMON.options },
  details: 'Fires that wait are cancelled; what runs goes on, unless --cancel is given.',
  examples: [['drover schedule rm nightly', 'it fires no more; the name is free']],
  run: (environment) =>
    change(environment, 'removed', (name) => async (drover, asked) => {
      await drover.schedules.remove(name, { ...asked, cancel: flagArg(environment.args, 'cancel') });
      return undefined;
    }),
};

export const reset: Command = {
  ...COMMON,
  options: {
    mark: {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      choices: ['now'],
      describe: 'Up to when its times count as decided',
    },
    ...COMMON.options,
  },
  details:
    'For the time after a clock was wrong: the next fire is the first time after now. Times before it are neither fired nor caught up. A ' +
    'time after now that was fired already, because a clock was ahead, fires again.',
  examples: [['drover schedule reset nightly --mark now', 'its next fire is the first time after now']],
  run: (environment) =>
    change(environment, 'reset', (name) => async (drover, asked) => {
      await drover.schedules.reset(name, { ...asked, mark: 'now' });
      return undefined;
    }),
};
