import type { ScheduleInput } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import {
  given,
  labelsOf,
  nameArg,
  numberArg,
  STARTS_FLAGS,
  runOf,
  SCHEDULE_NAME,
  WHEN_OPTIONS,
  whenOf,
} from './options.js';

const text = { type: 'string', requiresArg: true } as const;

export const command: Command = {
  positionals: SCHEDULE_NAME,
  options: {
    ...WHEN_OPTIONS,
    ...STARTS_FLAGS,
    overlap: {
      ...text,
      describe:
        'While an earlier fire has not ended: skip, buffer-one, buffer-latest, buffer-all, cancel-other, ' +
        'terminate-other or allow',
      defaultDescription: 'skip',
    },
    'catch-up': {
      ...text,
      describe: 'Of the times that passed while nobody led, run the latest, all or none',
      defaultDescription: 'latest',
    },
    'catch-up-window': { ...text, describe: 'Older times are missed, e.g. 1h', defaultDescription: '1d' },
    'pause-after-failures': { ...text, describe: 'Pause after so many failed fires in a row' },
    label: { type: 'array', string: true, requiresArg: true, describe: 'NAME=VALUE; may be repeated' },
    note: { ...text, describe: 'Note, shown with the schedule' },
    'if-revision': { ...text, describe: 'Only if the schedule is at this revision; 0: only if there is none' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'A schedule that exists is replaced. Times before the change are not fired any more. ' +
    "'drover schedule preview' shows the times of a schedule before it is set.",
  examples: [
    [
      "drover schedule set nightly --cron '30 2 * * *' --tz Europe/Berlin --type report",
      'every night at half past two, Berlin time',
    ],
    ['drover schedule set sync --every 15m --type sync --overlap buffer-latest', 'every quarter of an hour'],
    [
      `drover schedule set load --cron '0 3 * * *' --flow ./nightly.flow.mjs --input '{"kind":"daily"}'`,
      'a run of a flow each night',
    ],
    ['drover schedule set flush --every 1h --broadcast flush-cache --where zone=a', 'at each worker of a zone'],
    ['drover schedule set tidy --every-after 1h --type tidy', 'an hour after the last one has ended'],
  ],
  run: async (environment) => {
    const { args, json, stdout, runtime } = environment;
    const { checkSchedules } = await import('@drover/client');
    const name = nameArg(args);
    const spec = await specOf(args);
    const ifRevision = numberArg(args, 'ifRevision');
    const asked = askedOf(args);
    // Bad input is told before anything is connected.
    checkSchedules([{ name, ...spec }], { now: runtime.now() });
    return withClient(environment, async (drover) => {
      const reply = await drover.schedules.set(name, spec, { ...asked, ...given('ifRevision', ifRevision) });
      if (json) await stdout.json(reply);
      else await stdout.line(`schedule ${reply.name} ${reply.change} (revision ${reply.revision})`);
      return EXIT.DONE;
    });
  },
};

async function specOf(args: Environment['args']): Promise<ScheduleInput> {
  const window = textArg(args, 'catchUpWindow');
  const run = textArg(args, 'catchUp');
  const catchUp = { ...given('window', window), ...given('run', run) };
  const failures = numberArg(args, 'pauseAfterFailures');
  if (failures === 0) throw new UsageError('--pause-after-failures: expected a whole number above 0, got 0');
  return {
    when: whenOf(args),
    run: await runOf(args),
    ...given('overlap', textArg(args, 'overlap')),
    ...(Object.keys(catchUp).length === 0 ? {} : { catchUp }),
    ...given('spread', textArg(args, 'spread')),
    ...given('jitter', textArg(args, 'jitter')),
    ...given('pauseAfterFailures', failures),
    ...given('labels', labelsOf(args)),
    ...given('note', textArg(args, 'note')),
  } as ScheduleInput;
}
