import { InvalidArgumentError, parseName } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';

export const command: Command = {
  positionals: { pool: { type: 'string', demandOption: true, describe: 'The pool, which has a template' } },
  options: {
    coming: {
      type: 'string',
      requiresArg: true,
      describe: 'So many workers are on their way, all together: the leader is told',
    },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'The leader answers. Wanted is the whole number of workers, those that come included. Only workers that it names may be ' +
    'removed: they were drained, and have nothing any more. docs/autoscale.md says how to let a group of machines follow it.',
  examples: [
    ['drover scale batch', 'how many workers there should be, and why'],
    ['drover scale batch --json', 'the same for programs'],
    ['drover scale batch --coming 3', 'three workers have been started and are not there yet'],
  ],
  run: (environment) => {
    const { args, json, stdout } = environment;
    const pool = parseName('pool', textArg(args, 'pool'));
    const coming = countOf(textArg(args, 'coming'));
    return withClient(environment, async (drover, via) => {
      const advice = coming === null ? await drover.scale(pool) : await drover.scaleComing(pool, coming, askedOf(args));
      if (json) await stdout.json({ ...advice, via });
      else {
        const { wanted, have, remove, why } = advice;
        await stdout.line(`pool ${pool}: ${wanted} wanted, ${have} there, ${advice.coming} coming`);
        await stdout.line(`  ${why}`);
        if (remove.length > 0) await stdout.line(`  may be removed: ${remove.join(', ')}`);
      }
      return EXIT.DONE;
    });
  },
};

function countOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('--coming', text, 'a whole number of workers from 0 to 100,000');
}
