import { ASKED_OPTIONS } from '../asked.js';
import type { Command } from '../command.js';
import { CLIENT_OPTIONS } from '../options.js';
import { setPaused } from './set-paused.js';

export const command: Command = {
  positionals: { queue: { type: 'string', describe: 'Queue name' } },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
  details: 'Tasks of the queue that are already assigned finish; the others wait until it is resumed.',
  examples: [
    ['drover pause images', 'running tasks continue, pending ones wait'],
    ['drover pause mail --reason "provider down"', "'drover status' and 'drover queue' show who paused it and why"],
  ],
  run: (environment) => setPaused(environment, true),
};
