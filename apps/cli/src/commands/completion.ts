import { textArg, type Command } from '../command.js';
import { SCRIPTS, type Shell } from '../completion/scripts.js';
import { EXIT } from '../exit-codes.js';

export const command: Command = {
  positionals: {
    shell: { type: 'string', choices: Object.keys(SCRIPTS), describe: 'Shell for which the script is' },
  },
  options: {},
  details: `Completes commands, options and values; queues, workers, types, schedules and limits are asked from the API of a scheduler, with
300 ms patience, and kept for 10 s.`,
  examples: [
    ['source <(drover completion bash)', 'in ~/.bashrc'],
    ['source <(drover completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['drover completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  run: async ({ args, stdout }) => {
    const shell = textArg(args, 'shell') as Shell;
    await stdout.writeNow(SCRIPTS[shell]);
    return EXIT.DONE;
  },
};
