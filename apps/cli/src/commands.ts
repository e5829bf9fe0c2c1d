import type { Command } from './command.js';

/** A line of `drover --help`, and where the rest of the command is. */
export interface CommandEntry {
  /** Name and positionals, as yargs takes them. */
  signature: string;
  describe: string;
  load(): Promise<{ command: Command }>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    signature: 'submit [type]',
    describe: 'Submit a task, or many from a file',
    load: () => import('./commands/submit.js'),
  },
  { signature: 'get <task-id>', describe: 'Show a task and its result', load: () => import('./commands/get.js') },
  {
    signature: 'why <task-id>',
    describe: 'Show why a task is not running',
    load: () => import('./commands/why.js'),
  },
  { signature: 'ls [term..]', describe: 'List tasks, newest first', load: () => import('./commands/ls.js') },
  {
    signature: 'status',
    describe: 'Show leader, schedulers, workers and task counts',
    load: () => import('./commands/status.js'),
  },
  {
    signature: 'workers',
    describe: 'List workers and their running tasks',
    load: () => import('./commands/workers.js'),
  },
  {
    signature: 'cancel [task..]',
    describe: 'Cancel tasks, by id or by filter',
    load: () => import('./commands/cancel.js'),
  },
  {
    signature: 'retry [task..]',
    describe: 'Run failed tasks again, by id or by filter',
    load: () => import('./commands/retry.js'),
  },
  {
    signature: 'drain <worker>',
    describe: 'Stop assigning tasks to a worker; running tasks continue',
    load: () => import('./commands/drain.js'),
  },
  {
    signature: 'pause <queue>',
    describe: 'Pause a queue',
    load: async () => ({ command: (await import('./commands/pause.js')).pause }),
  },
  {
    signature: 'resume <queue>',
    describe: 'Resume a paused queue',
    load: async () => ({ command: (await import('./commands/pause.js')).resume }),
  },
  {
    signature: 'queue [name]',
    describe: 'Show queues, or change the settings of one',
    load: () => import('./commands/queue.js'),
  },
  { signature: 'scheduler', describe: 'Run a scheduler', load: () => import('./commands/scheduler.js') },
  { signature: 'worker', describe: 'Run a worker', load: () => import('./commands/worker.js') },
  {
    signature: 'dev',
    describe: 'Run a cluster on this machine: ZooKeeper, schedulers and workers',
    load: () => import('./commands/dev.js'),
  },
  {
    signature: 'demo',
    describe: 'Demonstration: a real job whose leader is killed halfway',
    load: () => import('./commands/demo.js'),
  },
  {
    signature: 'verify',
    describe: "Check recorded histories against Drover's guarantees",
    load: () => import('./commands/verify.js'),
  },
  ...(isInstalled('@drover/bench')
    ? [
        {
          signature: 'bench',
          describe: 'Measure the performance of Drover on an ensemble',
          load: () => import('./commands/bench.js'),
        },
      ]
    : []),
];

/** The benchmark is part of the repository, and of no published package. */
function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
