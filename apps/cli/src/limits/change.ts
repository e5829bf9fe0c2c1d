import { parseLimitRef, parseWithinYear } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, nameArg, numberArg } from '../schedules/options.js';
import { formatElapsed } from '../views/format.js';

export const rm: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the limit' } },
  options: {
    force: { type: 'boolean', describe: 'Also if tasks run or wait under it: they go on without it' },
    'if-revision': { type: 'string', requiresArg: true, describe: 'Only if the limit is at this revision' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  examples: [['drover limit rm gpu', 'refused while tasks run or wait under it']],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const name = nameArg(args);
    const ifRevision = numberArg(args, 'ifRevision');
    const asked = askedOf(args);
    return withClient(environment, async (drover) => {
      const force = flagArg(args, 'force');
      await drover.limits.remove(name, { ...asked, force, ...given('ifRevision', ifRevision) });
      if (json) await stdout.json({ name, removed: true });
      else await stdout.line(`limit ${name} removed`);
      return EXIT.DONE;
    });
  },
};

export const hold: Command = {
  positionals: {
    limit: { type: 'string', describe: 'Limit, such as stripe, or one of its keys, such as stripe/acme' },
    duration: { type: 'string', describe: 'How long, e.g. 30s; 0s ends a hold' },
  },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
  details: 'Tasks that run already go on.',
  examples: [
    ["drover limit hold stripe/acme 30s --reason '429'", 'no task of this key starts for 30 seconds'],
    ['drover limit hold stripe 10m', 'no task of any key'],
    ['drover limit hold stripe 0s', 'ends the hold'],
  ],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const limit = textArg(args, 'limit') ?? '';
    parseLimitRef('limit', limit);
    const ms = parseWithinYear('duration', textArg(args, 'duration'));
    const asked = askedOf(args);
    return withClient(environment, async (drover) => {
      await drover.limits.hold(limit, ms, asked);
      if (json) await stdout.json({ limit, held: ms > 0, ms });
      else await stdout.line(ms > 0 ? `limit ${limit} held for ${formatElapsed(ms)}` : `limit ${limit} held no more`);
      return EXIT.DONE;
    });
  },
};
