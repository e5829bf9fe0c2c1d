import type { StatusView } from '@drover/client';
import { nearest } from '@drover/core';
import { resolveRoute } from '@drover/config';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { isRefused } from '../api/errors.js';
import { openApi, withApi } from '../client.js';
import { textArg, type Command } from '../command.js';
import { confirmed } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { clientSettingsOf } from '../settings.js';

export const command: Command = {
  positionals: {
    scheduler: {
      type: 'string',
      defaultDescription: 'the leader',
      describe: 'Id of the scheduler that is to hand over',
    },
  },
  options: {
    yes: { type: 'boolean', alias: 'y', describe: 'Do not ask for confirmation' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'The leader ends its term, and another scheduler takes over. Running tasks go on. Needs the API of a scheduler.',
  examples: [
    ['drover resign --reason "new kernel"', 'asks, then the leader hands over'],
    ['drover resign s1 --yes', 'only if s1 leads'],
  ],
  run: async (environment) => {
    const { args, json, stdout, stderr } = environment;
    const named = textArg(args, 'scheduler');
    const { reason } = askedOf(args);
    const route = resolveRoute(clientSettingsOf(environment));
    return withApi(environment, async (api) => {
      const status = await api.get<StatusView>('getStatus');
      const name = nameOf(status, named);
      if (
        !(await confirmed(environment, {
          verb: 'let hand over',
          done: 'asked to hand over',
          found: `scheduler ${name}`,
        }))
      ) {
        await stderr.line('nothing was asked');
        return EXIT.FAILED;
      }
      const url = status.schedulers.find(({ id }) => id === name)?.api;
      const asked = { params: { name }, body: reason === undefined ? {} : { reason } };
      // Only the replica itself can; a URL for all of them may lead to another.
      const direct =
        url === undefined || url === api.url ? null : await openApi(environment.signal, route, url.replace(/\/+$/, ''));
      const { epoch } = await api.get<{ epoch: number }>('resign', asked).catch((error: unknown) => {
        if (direct === null || !isRefused(error, 'misdirected', 'scheduler-not-found', 'conflict')) throw error;
        return direct.get<{ epoch: number }>('resign', asked);
      });
      if (json) await stdout.json({ scheduler: name, epoch });
      else await stdout.line(`scheduler ${name} hands over its term of epoch ${epoch}`);
      return EXIT.DONE;
    });
  },
};

/** Throws `UsageError`. */
function nameOf({ leader, schedulers }: StatusView, named: string | undefined): string {
  if (named === undefined) {
    if (leader === null) throw new UsageError('nobody leads: there is nobody who could hand over');
    return leader.id;
  }
  const ids = schedulers.map(({ id }) => id);
  if (!ids.includes(named)) {
    const near = nearest(named, ids);
    throw new UsageError(`no scheduler named '${named}'${near === null ? '' : `; did you mean '${near}'?`}`);
  }
  if (leader?.id === named) return named;
  throw new UsageError(`scheduler ${named} does not lead: ${leader === null ? 'nobody does' : `${leader.id} does`}`);
}
