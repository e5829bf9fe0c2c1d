import type { LimitOptions } from '@drover/client';
import { numberFromText, parseLimit, parseRate } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, nameArg, numberArg } from '../schedules/options.js';
import { withFlags } from '../with-flags.js';

const text = { type: 'string', requiresArg: true } as const;

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the limit' } },
  options: {
    concurrency: { ...text, describe: 'The most tasks that workers have at the same time' },
    rate: { ...text, describe: 'The most attempts that start in a period, e.g. 100/1s or 60/1m' },
    burst: {
      ...text,
      describe: 'With --rate: how many may start at once after a pause',
      defaultDescription: 'a tenth of the rate, at least 1',
    },
    per: {
      ...text,
      describe:
        'all: all its tasks count together; tenant: those of each tenant by themselves; key: those of each key, the text ' +
        'after the slash in stripe/acme',
      defaultDescription: 'all',
    },
    queue: { ...text, describe: 'All tasks of this queue are under it, without naming it' },
    type: { ...text, describe: 'All tasks of this type are under it, without naming it' },
    'all-tasks': { type: 'boolean', describe: 'All tasks are under it, without naming it' },
    'if-revision': { ...text, describe: 'Only if the limit is at this revision; 0: only if there is none' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'Tasks name the limits that they are under (drover submit --limit), unless --queue, --type or --all-tasks puts them ' +
    'under it. A limit that exists is replaced; if the new one is lower, tasks that run go on.',
  examples: [
    ['drover limit set gpu --concurrency 3', 'at most three tasks that name it at a time'],
    [
      'drover limit set stripe --rate 100/1s --burst 20 --concurrency 10 --per key',
      'each key by itself, such as stripe/acme',
    ],
    ['drover limit set llm --type complete --rate 60/1m --per tenant', 'all tasks of a type, each tenant by itself'],
  ],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    // Bad input is told before anything is connected.
    const name = nameArg(args);
    const spec = specOf(args);
    const ifRevision = numberArg(args, 'ifRevision');
    const asked = askedOf(args);
    return withClient(environment, async (drover) => {
      const reply = await drover.limits.set(name, spec, { ...asked, ...given('ifRevision', ifRevision) });
      if (json) await stdout.json(reply);
      else await stdout.line(`limit ${reply.name} ${reply.change} (revision ${reply.revision})`);
      return EXIT.DONE;
    });
  },
};

const PER_KEY =
  '--per key counts by the key with which tasks name the limit, so it cannot have --queue, --type or --all-tasks; leave ' +
  'these out, or use --per tenant';

function specOf(args: Environment['args']): LimitOptions {
  return withFlags(() => {
    const spec = {
      ...given('concurrency', numberOf(textArg(args, 'concurrency'))),
      ...given('rate', rateOf(textArg(args, 'rate'), textArg(args, 'burst'))),
      ...given('on', onOf(args)),
      ...given('per', textArg(args, 'per')),
    };
    if (spec.per === 'key' && spec.on !== undefined) throw new UsageError(PER_KEY);
    parseLimit('', spec);
    return spec as LimitOptions;
  });
}

const numberOf = (value: string | undefined): number | string | undefined =>
  value === undefined ? undefined : numberFromText(value);

function rateOf(rate: string | undefined, burst: string | undefined): unknown {
  if (burst !== undefined && rate === undefined) throw new UsageError('--burst needs --rate');
  if (rate === undefined || burst === undefined) return rate;
  const { count, perMs } = parseRate('rate', rate);
  return { limit: count, period: perMs, burst: numberFromText(burst) };
}

function onOf(args: Environment['args']): object | undefined {
  const on = { ...given('queue', textArg(args, 'queue')), ...given('type', textArg(args, 'type')) };
  if (!flagArg(args, 'allTasks')) return Object.keys(on).length === 0 ? undefined : on;
  if (Object.keys(on).length > 0) throw new UsageError('--all-tasks is for every task: leave out --queue and --type');
  return {};
}
