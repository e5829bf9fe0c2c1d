import { numberFromText } from '@drover/core';
import { textArg, type Command } from '../command.js';
import { SET_OPTIONS, setDefinition } from './set-definition.js';

export const command: Command = {
  positionals: {
    name: { type: 'string', describe: 'Name of the resource, such as licence.matlab' },
    total: { type: 'string', describe: 'How much of it there is, for all workers together' },
  },
  options: SET_OPTIONS,
  details:
    'Tasks name it as any other resource (drover submit --resources licence.matlab=1), and no worker has it. A total below ' +
    'what tasks hold takes nothing away: nothing more is given until they have ended.',
  examples: [
    ['drover resource set licence.matlab 20', 'tasks hold 20 of it at a time, at most'],
    ['drover resource set licence.matlab 0', 'nothing that needs it starts'],
  ],
  run: (environment) =>
    setDefinition(environment, 'resource', () => ({
      total: numberFromText(textArg(environment.args, 'total') ?? '') as number,
    })),
};
