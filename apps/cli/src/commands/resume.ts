import { ASKED_OPTIONS } from '../asked.js';
import type { Command } from '../command.js';
import { CLIENT_OPTIONS } from '../options.js';
import { setPaused } from './set-paused.js';

export const command: Command = {
  positionals: { queue: { type: 'string', describe: 'Queue name' } },
  options: { ...ASKED_OPTIONS, ...CLIENT_OPTIONS },
  examples: [['drover resume images', 'its pending tasks are assigned again']],
  run: (environment) => setPaused(environment, false),
};
