import { readFileSync } from 'node:fs';
import { numberFromText, parseAmounts, type Duration, type PoolOptions, type TemplateOptions } from '@drover/core';
import { listArg, textArg, type Command, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { given, labelsOf } from '../schedules/options.js';
import { orNone, SET_OPTIONS, setDefinition, text } from './set-definition.js';

const list = { type: 'array', string: true, requiresArg: true } as const;

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the pool' } },
  options: {
    policy: { ...text, describe: "How its workers are filled: 'spread' or 'pack'" },
    dedicated: {
      ...text,
      describe: "Accounts whose tasks alone it takes, separated by commas, or 'none' for anybody's",
    },
    overcommit: {
      ...text,
      describe:
        "How many times tasks may claim what workers have, e.g. cpu=1.5, or 'none'; memory needs a mark: memory!=1.2",
    },
    warmup: { ...text, describe: 'Time in which a new worker is given less, while others have room; at first 0s' },
    template: {
      ...text,
      describe: "What one more worker would have, e.g. cpu=8,memory=32GiB,slots=8, or 'none' for no advice",
    },
    label: { ...list, describe: 'With --template: a label that it would have, e.g. zone=a; may be repeated' },
    types: { ...text, describe: 'With --template: types of tasks that it would run, separated by commas' },
    min: { ...text, describe: 'The least workers that are advised' },
    max: { ...text, describe: "The most workers that are advised, or 'none'" },
    'idle-for': { ...text, describe: "A worker that has been idle for so long may go, e.g. 5m, or 'none' for never" },
    'drain-within': {
      ...text,
      describe: 'Advice is for as many workers as end what is pending in this time; at first 1m',
    },
    cooldown: { ...text, describe: 'Fewer workers are advised once in this time at most; at first 5m' },
    'boot-within': { ...text, describe: 'A worker that was asked for counts as coming for so long; at first 5m' },
    webhook: { ...text, describe: "URL that is told of advice, or 'none'" },
    'webhook-secret-file': { ...text, describe: 'File with the secret that signs what is sent there' },
    ...SET_OPTIONS,
  },
  details:
    'Workers join a pool by drover worker --pool, queues choose one by drover queue NAME --pool. Options that are not given ' +
    'stay as they are. The secret is kept in ZooKeeper, and no command shows it.',
  examples: [
    ['drover pool set batch --policy pack', 'as few workers as possible'],
    ['drover pool set gpu --dedicated search,ads', 'for tasks of these accounts alone'],
    ['drover pool set batch --template cpu=8,memory=32GiB,slots=8 --min 2 --max 40', 'advice about its size'],
    [
      'drover pool set batch --webhook https://scaler.example/drover --webhook-secret-file secret.txt',
      'tells a program of advice',
    ],
  ],
  run: (environment) => setDefinition(environment, 'pool', () => optionsOf(environment.args)),
};

function optionsOf(args: Environment['args']): PoolOptions {
  const numbers = (name: string): number | null | undefined => {
    const value = orNone(args, name);
    return typeof value === 'string' ? (numberFromText(value) as number) : value;
  };
  const times = (name: string): Duration | null | undefined => orNone(args, name) as Duration | null | undefined;
  const dedicated = orNone(args, 'dedicated');
  const webhook = orNone(args, 'webhook');
  return {
    ...given('policy', textArg(args, 'policy')),
    ...given('dedicated', typeof dedicated === 'string' ? namesIn(dedicated) : dedicated),
    ...given('overcommit', orNone(args, 'overcommit')),
    ...given('warmup', times('warmup') as Duration | undefined),
    ...given('template', templateOf(args)),
    ...given('min', numbers('min') as number | undefined),
    ...given('max', numbers('max')),
    ...given('idleFor', times('idleFor')),
    ...given('drainWithin', times('drainWithin') as Duration | undefined),
    ...given('cooldown', times('cooldown') as Duration | undefined),
    ...given('bootWithin', times('bootWithin') as Duration | undefined),
    ...given('webhook', webhook),
    ...given('webhookSecret', webhook === null ? null : secretIn(textArg(args, 'webhookSecretFile'))),
  };
}

const namesIn = (text: string): string[] => text.split(',').map((name) => name.trim());

function templateOf(args: Environment['args']): TemplateOptions | null | undefined {
  const resources = orNone(args, 'template');
  const [labels, types] = [labelsOf(args), textArg(args, 'types')];
  if (typeof resources === 'string') {
    parseAmounts('template', resources);
    return {
      resources,
      ...given('labels', labels),
      ...given('types', types === undefined ? undefined : namesIn(types)),
    };
  }
  if (listArg(args, 'label').length > 0 || types !== undefined)
    throw new UsageError('--label and --types need --template: they are of one more worker');
  return resources;
}

function secretIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--webhook-secret-file: ${(error as Error).message}`);
  }
}
