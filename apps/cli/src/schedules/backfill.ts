import type { BackfillOptions, BackfillView } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { withFlags } from '../with-flags.js';
import { given, nameArg, numberArg, SCHEDULE_NAME } from './options.js';
import { showBackfill } from './view.js';

const text = { type: 'string', requiresArg: true } as const;

export const command: Command = {
  positionals: SCHEDULE_NAME,
  options: {
    from: {
      ...text,
      describe: 'First time of the range, e.g. 2026-01-01T00:00:00Z; without it the back-fills are listed',
    },
    to: { ...text, describe: 'End of the range; this time is not included', defaultDescription: 'now' },
    parallel: {
      ...text,
      describe: 'How many of its tasks may be unfinished at the same time',
      defaultDescription: '1',
    },
    'newest-first': { type: 'boolean', describe: 'Begin with the last time' },
    redo: {
      ...text,
      describe: 'missing: times that have no task; failed: also times whose task failed; all: every time again',
      defaultDescription: 'missing',
    },
    'dry-run': { type: 'boolean', describe: 'Show the times, and make no tasks' },
    remove: { ...text, describe: 'End the back-fill with this id: it makes no more tasks' },
    cancel: { type: 'boolean', describe: 'With --remove: cancel its tasks that have not ended' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'The leader makes the tasks in the background, also while the schedule is paused. Fires that are due now go ' +
    'first. --parallel takes the place of the overlap policy.',
  examples: [
    [
      'drover schedule backfill hourly --from 2026-01-01T00:00:00Z --to 2026-01-03T00:00:00Z --parallel 4',
      'two days, four tasks at a time',
    ],
    [
      'drover schedule backfill hourly --from 2026-01-01T00:00:00Z --redo failed --dry-run',
      'which times would be made',
    ],
    ['drover schedule backfill hourly', 'the back-fills, and how far they have come'],
    ['drover schedule backfill hourly --remove 01KDVDK000ABCDEFGHJKMNPQRS', 'that one makes no more tasks'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const name = nameArg(args);
    const id = textArg(args, 'remove');
    if (id === undefined && flagArg(args, 'cancel')) throw new UsageError('--cancel is for --remove');
    if (id !== undefined) return remove(environment, name, id);
    if (textArg(args, 'from') !== undefined) return make(environment, name);
    refuseLone(args);
    return list(environment, name);
  },
};

const FOR_FROM = ['to', 'parallel', 'newestFirst', 'redo', 'dryRun'];
function refuseLone(args: Environment['args'], why = 'missing --from: the first instant that is back-filled'): void {
  if (FOR_FROM.some((name) => args[name] !== undefined && args[name] !== false)) throw new UsageError(why);
}

async function make(environment: Environment, name: string): Promise<number> {
  const { args, json, stdout, runtime, colors } = environment;
  const options = {
    ...askedOf(args),
    ...given('from', textArg(args, 'from')),
    ...given('to', textArg(args, 'to')),
    ...given('parallel', numberArg(args, 'parallel')),
    ...given('redo', textArg(args, 'redo')),
    order: flagArg(args, 'newestFirst') ? 'newest' : 'oldest',
  } as BackfillOptions;
  const { checkBackfill } = await import('@drover/client');
  withFlags(() => {
    checkBackfill(name, options);
  });
  return withClient(environment, async (drover) => {
    if (flagArg(args, 'dryRun')) {
      const { times } = await drover.schedules.backfill(name, { ...options, dryRun: true });
      for (const nominal of times) await (json ? stdout.json({ nominal }) : stdout.line(nominal));
      if (times.length === 0 && !json) await stdout.line(colors.dim('nothing is to be made'));
      return EXIT.DONE;
    }
    const made = await drover.schedules.backfill(name, { ...options, dryRun: false });
    await (json ? stdout.json(made) : stdout.line(showBackfill(made, runtime.now())));
    return EXIT.DONE;
  });
}

async function remove(environment: Environment, name: string, id: string): Promise<number> {
  const { args, json, stdout } = environment;
  if (textArg(args, 'from') !== undefined) throw new UsageError('--remove and --from exclude each other');
  refuseLone(args, '--remove goes with --cancel, --reason and --by only');
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    await drover.schedules.removeBackfill(name, id, { ...asked, cancel: flagArg(args, 'cancel') });
    await (json
      ? stdout.json({ name, id, removed: true })
      : stdout.line(`back-fill ${id} of schedule ${name} removed`));
    return EXIT.DONE;
  });
}

const list = (environment: Environment, name: string): Promise<number> =>
  withClient(environment, async (drover) => {
    const { json, stdout, colors, runtime } = environment;
    const all: readonly BackfillView[] = await drover.schedules.backfills(name);
    if (all.length === 0 && !json) await stdout.line(colors.dim('no back-fills'));
    for (const each of all) await (json ? stdout.json(each) : stdout.line(showBackfill(each, runtime.now())));
    return EXIT.DONE;
  });
