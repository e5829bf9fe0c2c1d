import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, listArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { nameArg } from './options.js';

const NAME = { name: { type: 'string', describe: 'Name of the calendar' } } as const;

export const set: Command = {
  positionals: NAME,
  options: {
    dates: {
      type: 'array',
      string: true,
      requiresArg: true,
      demandOption: true,
      describe: 'Dates with commas, e.g. 2026-12-25,2026-12-26; may be repeated',
    },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: 'A calendar that exists is replaced. Schedules exclude its dates with --except-calendar.',
  examples: [['drover calendar set holidays-de --dates 2026-12-25,2026-12-26', 'two dates']],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const name = nameArg(args);
    const dates = listArg(args, 'dates').flatMap((list) => list.split(',').map((date) => date.trim()));
    const asked = askedOf(args);
    const { checkCalendar } = await import('@drover/client');
    checkCalendar(name, dates);
    return withClient(environment, async (drover) => {
      await drover.calendars.set(name, dates, asked);
      if (json) await stdout.json({ name, dates });
      else await stdout.line(`calendar ${name} set: ${dates.length} dates`);
      return EXIT.DONE;
    });
  },
};

export const rm: Command = {
  positionals: NAME,
  options: {
    force: { type: 'boolean', describe: 'Also if schedules name it: they stand still then' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  examples: [['drover calendar rm holidays-de', 'unless a schedule names it']],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const name = nameArg(args);
    const asked = askedOf(args);
    return withClient(environment, async (drover) => {
      await drover.calendars.remove(name, { ...asked, force: flagArg(args, 'force') });
      if (json) await stdout.json({ name, removed: true });
      else await stdout.line(`calendar ${name} removed`);
      return EXIT.DONE;
    });
  },
};

export const ls: Command = {
  options: CLIENT_OPTIONS,
  examples: [['drover calendar ls', 'all calendars']],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { json, stdout, colors } = environment;
      const calendars = await drover.calendars.list();
      if (calendars.length === 0 && !json) await stdout.line(colors.dim('no calendars'));
      for (const calendar of calendars) {
        if (json) await stdout.json(calendar);
        else await stdout.line(`${colors.bold(calendar.name)}  ${calendar.dates.join(' ')}`);
      }
      return EXIT.DONE;
    }),
};
