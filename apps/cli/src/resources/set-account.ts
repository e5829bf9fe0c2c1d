import { flagFromText, numberFromText, type AccountOptions } from '@drover/core';
import { textArg, type Command, type Environment } from '../command.js';
import { given } from '../schedules/options.js';
import { orNone, SET_OPTIONS, setDefinition, text } from './set-definition.js';

export const command: Command = {
  positionals: { name: { type: 'string', describe: 'Name of the account' } },
  options: {
    weight: { ...text, describe: 'Share of the resources beside other accounts; at first 1' },
    guarantee: {
      ...text,
      describe: "While it holds less than this it goes first, e.g. cpu=40,memory=64GiB, or 'none'",
    },
    limit: { ...text, describe: "The most that its tasks hold together, e.g. cpu=100,gpu=4, or 'none'" },
    lend: { ...text, describe: 'Whether others may use what it is guaranteed and does not use: true or false' },
    ...SET_OPTIONS,
  },
  details:
    'Accounts own queues (drover queue NAME --account) and share the resources of the workers by what their tasks hold. ' +
    'Options that are not given stay as they are. A limit below what its tasks hold takes nothing away.',
  examples: [
    ['drover account set search --weight 3', 'three times what an account of weight 1 gets'],
    ['drover account set search --guarantee cpu=40 --limit cpu=100,gpu=4', 'at least, and at most'],
    ['drover account set search --limit none', 'no limit any more'],
  ],
  run: (environment) => setDefinition(environment, 'account', () => optionsOf(environment.args)),
};

function optionsOf(args: Environment['args']): AccountOptions {
  const [weight, lend] = [textArg(args, 'weight'), textArg(args, 'lend')];
  return {
    ...given('weight', weight === undefined ? undefined : (numberFromText(weight) as number)),
    ...given('guarantee', orNone(args, 'guarantee')),
    ...given('limit', orNone(args, 'limit')),
    ...given('lend', lend === undefined ? undefined : (flagFromText(lend) as boolean)),
  };
}
