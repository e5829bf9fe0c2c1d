import type { LimitOptions } from '@drover/client';
import { InvalidArgumentError, LIMIT_SCOPES, numberFromText, parseLimit, parseRate } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, nameArg, numberArg } from '../schedules/options.js';

const text = { type: 'string', requiresArg: true } as const;

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the limit' } },
  options: {
    concurrency: { ...text, describe: 'Tasks that are assigned at the same time, at most' },
    rate: { ...text, describe: 'Starts of attempts in a time, at most, e.g. 100/1s or 60/1m' },
    burst: {
      ...text,
      describe: 'With --rate: starts at once, after a time without any',
      defaultDescription: 'a tenth of the rate, at least 1',
    },
    per: {
      ...text,
      describe: `What counts by itself: ${LIMIT_SCOPES.join(', ')} (the text after the slash, as in stripe/acme)`,
      defaultDescription: 'all',
    },
    queue: { ...text, describe: 'Every task of this queue is under it, without naming it' },
    type: { ...text, describe: 'Every task of this type is under it, without naming it' },
    'all-tasks': { type: 'boolean', describe: 'Every task is under it, without naming it' },
    'if-revision': { ...text, describe: 'Only if the limit is at this revision; 0: only if there is none' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'A limit that exists is replaced; a lower one takes nothing back. Without --queue, --type and --all-tasks the tasks ' +
    'that name it are under it (drover submit --limit).',
  examples: [
    ['drover limit set gpu --concurrency 3', 'three tasks that name it at a time'],
    [
      'drover limit set stripe --rate 100/1s --burst 20 --concurrency 10 --per key',
      'for each key, such as stripe/acme',
    ],
    ['drover limit set llm --type complete --rate 60/1m --per tenant', 'all tasks of a type, each tenant by itself'],
  ],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    // Bad input is told before anything is connected.
    const name = nameArg(args);
    const spec = specOf(args);
    const ifRevision = numberArg(args, 'ifRevision');
    return withClient(environment, async (drover) => {
      const reply = await drover.limits.set(name, spec, { ...askedOf(args), ...given('ifRevision', ifRevision) });
      if (json) await stdout.json(reply);
      else await stdout.line(`limit ${reply.name} ${reply.change} (revision ${reply.revision})`);
      return EXIT.DONE;
    });
  },
};

/** Throws `UsageError` that names the flag. */
function specOf(args: Environment['args']): LimitOptions {
  try {
    const spec = {
      ...given('concurrency', numberOf(textArg(args, 'concurrency'))),
      ...given('rate', rateOf(textArg(args, 'rate'), textArg(args, 'burst'))),
      ...given('on', onOf(args)),
      ...given('per', textArg(args, 'per')),
    };
    parseLimit('', spec);
    return spec as LimitOptions;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(withFlag(error));
  }
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

/** The field of the definition, as a flag. */
function withFlag({ argument, message }: InvalidArgumentError): string {
  const flag = argument.slice(argument.lastIndexOf('.') + 1);
  return message.startsWith(`${argument}: `) ? `--${flag}${message.slice(argument.length)}` : message;
}
