import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, labelsOf, nameArg, SCHEDULE_NAME } from './options.js';
import { showSchedule, showSchedules } from './view.js';

export const LABEL = {
  label: { type: 'array', string: true, requiresArg: true, describe: 'Only those with this label: NAME=VALUE' },
} as const;

export const ls: Command = {
  options: { ...LABEL, ...CLIENT_OPTIONS },
  examples: [
    ['drover schedule ls', 'all schedules with their next fire and their counts'],
    ['drover schedule ls --label team=bi --json', 'one document a line'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const labels = labelsOf(args);
    return withClient(environment, async (drover, via) => {
      const schedules = await drover.schedules.list(given('labels', labels));
      if (json) for (const schedule of schedules) await stdout.json({ ...schedule, via });
      else if (schedules.length === 0) await stdout.line(colors.dim('no schedules'));
      else
        await stdout.line(
          showSchedules(schedules, runtime.now(), colors, stdout.isTerminal ? stdout.columns : Infinity),
        );
      return EXIT.DONE;
    });
  },
};

export const get: Command = {
  positionals: SCHEDULE_NAME,
  options: CLIENT_OPTIONS,
  details: 'Asks the leader, which knows what runs and what waits.',
  examples: [['drover schedule get nightly', 'its next ten fires, its counts, what runs and what waits']],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const name = nameArg(args);
    return withClient(environment, async (drover, via) => {
      const view = await drover.schedules.get(name);
      if (json) await stdout.json({ ...view, via });
      else await stdout.line(showSchedule(view, runtime.now(), colors));
      return EXIT.DONE;
    });
  },
};
