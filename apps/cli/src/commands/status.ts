import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showStatus, statusDocument } from '../views/status.js';

export const command: Command = {
  options: CLIENT_OPTIONS,
  details:
    "Counts are the leader's, about a second old at most; those of ended tasks count what retention still keeps.",
  examples: [
    ['drover status --zk zk1:2181,zk2:2181,zk3:2181/prod', 'who leads, who works, how much waits'],
    ['drover status --json | jq .leader.epoch', 'for programs'],
  ],
  run: (environment) =>
    withClient(environment, async (drover) => {
      const { json, stdout, colors, runtime } = environment;
      const status = await drover.status();
      if (json) await stdout.json(statusDocument(status));
      else await stdout.line(showStatus(status, runtime.now(), colors));
      return EXIT.DONE;
    }),
};
