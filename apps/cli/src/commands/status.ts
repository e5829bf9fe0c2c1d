import { withClient } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showStatus, statusDocument } from '../views/status.js';

export const command: Command = {
  options: CLIENT_OPTIONS,
  details: `The leader writes the counts when they change, about once a second; those of finished tasks count what retention
still keeps. 'out' are tasks that are handed out to workers, 'running' those of them that workers say they run.`,
  examples: [
    ['drover status --zk zk1:2181,zk2:2181,zk3:2181/prod', 'who leads, which workers there are, how much is pending'],
    ['drover status --json | jq .leader.epoch', 'for programs'],
  ],
  run: (environment) =>
    withClient(environment, async (drover, via) => {
      const { json, stdout, colors, runtime } = environment;
      const status = await drover.status();
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (json) await stdout.json({ ...statusDocument(status, runtime.now()), via });
      else await stdout.line(showStatus(status, runtime.now(), colors, width));
      return EXIT.DONE;
    }),
};
