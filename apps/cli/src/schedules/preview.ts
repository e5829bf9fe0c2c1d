import type { FireTime } from '@drover/client';
import { withClient } from '../client.js';
import { listArg, textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, numberArg, WHEN_OPTIONS, whenOf } from './options.js';

const text = { type: 'string', requiresArg: true } as const;
const { from: _from, ...WHEN } = WHEN_OPTIONS;

export const command: Command = {
  options: {
    ...WHEN,
    from: { ...text, describe: 'Show the fires after this instant', defaultDescription: 'now' },
    count: { ...text, describe: 'Number of fires', defaultDescription: '10' },
    name: { ...text, describe: 'Name of the schedule, which H, --spread and --jitter depend on' },
    ...CLIENT_OPTIONS,
  },
  details: 'Needs no server, unless it excludes the dates of a calendar.',
  examples: [
    [
      "drover schedule preview --cron '30 2 * * *' --tz Europe/Berlin --from 2026-03-28T12:00:00Z --count 3",
      'what happens when the clocks change',
    ],
    ['drover schedule preview --every 90m --json', 'one document a line'],
  ],
  run: async (environment) => {
    const { args, json, stdout, runtime } = environment;
    const { from, ...rest } = args;
    const spec = {
      when: whenOf(rest),
      ...given('spread', textArg(args, 'spread')),
      ...given('jitter', textArg(args, 'jitter')),
    } as Parameters<typeof previewSchedule>[0];
    const { checkPreview, previewSchedule } = await import('@drover/client');
    const options = {
      ...given('name', textArg(args, 'name')),
      ...given('count', numberArg(args, 'count')),
      ...given('from', typeof from === 'string' ? from : undefined),
    };
    const show = async (fires: readonly FireTime[]): Promise<number> => {
      for (const fire of fires) {
        if (json) await stdout.json(fire);
        else await stdout.line(fire.due === fire.nominal ? fire.nominal : `${fire.nominal}  due ${fire.due}`);
      }
      return EXIT.DONE;
    };
    if (listArg(args, 'exceptCalendar').length > 0) {
      checkPreview(spec, { ...options, now: runtime.now() });
      return withClient(environment, async (drover) => show(await drover.schedules.preview(spec, options)));
    }
    return show(previewSchedule(spec, { ...options, now: runtime.now() }));
  },
};
