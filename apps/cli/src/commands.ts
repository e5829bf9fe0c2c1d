import type { Command } from './command.js';

/** A line of `drover --help`, and where the rest of the command is. */
export interface CommandEntry {
  /** Name and positionals, as yargs takes them. */
  signature: string;
  describe: string;
  load(): Promise<{ command: Command }>;
}

/** Commands of two words. */
export interface CommandGroup {
  /** `schedule <command>`. */
  signature: string;
  describe: string;
  /** Their signatures begin with the second word. */
  commands: readonly CommandEntry[];
}

export const isGroup = (entry: CommandEntry | CommandGroup): entry is CommandGroup => 'commands' in entry;

/** Each with all its words. */
export const signaturesOf = (entry: CommandEntry | CommandGroup): string[] => {
  if (!isGroup(entry)) return [entry.signature];
  const [word = ''] = entry.signature.split(' ');
  return [entry.signature, ...entry.commands.map(({ signature }) => `${word} ${signature}`)];
};

export const COMMANDS: readonly (CommandEntry | CommandGroup)[] = [
  {
    signature: 'submit [type]',
    describe: 'Submit a task, or many from a file',
    load: () => import('./commands/submit.js'),
  },
  { signature: 'get <task-id>', describe: 'Show a task and its result', load: () => import('./commands/get.js') },
  {
    signature: 'why [task-id]',
    describe: 'Show why a task or a run does not go on, or the tasks of a queue',
    load: () => import('./commands/why.js'),
  },
  {
    signature: 'logs <task-id>',
    describe: 'Show the log of a run, or follow it',
    load: () => import('./commands/logs.js'),
  },
  { signature: 'ls [term..]', describe: 'List tasks, newest first', load: () => import('./commands/ls.js') },
  {
    signature: 'status',
    describe: 'Show leader, schedulers, workers and task counts',
    load: () => import('./commands/status.js'),
  },
  { signature: 'top', describe: 'Watch queues, workers and failures', load: () => import('./commands/top.js') },
  { signature: 'events', describe: 'Print events as they happen', load: () => import('./commands/events.js') },
  {
    signature: 'failures [term..]',
    describe: 'List the last attempts that failed, or group them by error',
    load: () => import('./commands/failures.js'),
  },
  {
    signature: 'doctor',
    describe: 'Check everything that is or will be a problem, with the cure',
    load: () => import('./commands/doctor.js'),
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
    signature: 'task <command>',
    describe: 'Change tasks that wait',
    commands: [
      {
        signature: 'set [task..]',
        describe: 'Change when waiting tasks start, their priority or their queue, by id or by filter',
        load: () => import('./commands/task-set.js'),
      },
    ],
  },
  {
    signature: 'retry [task..]',
    describe: 'Run failed tasks again, by id or by filter',
    load: () => import('./commands/retry.js'),
  },
  {
    signature: 'dead <action> [term..]',
    describe: 'List, show, redrive or purge failed tasks (dead letters)',
    load: () => import('./commands/dead.js'),
  },
  {
    signature: 'erase <task-id>',
    describe: 'Erase payload, result and errors of a task that has ended',
    load: () => import('./commands/erase.js'),
  },
  {
    signature: 'drain <worker>',
    describe: 'Stop assigning tasks to a worker; running tasks continue',
    load: () => import('./commands/drain.js'),
  },
  {
    signature: 'resign [scheduler]',
    describe: 'Let the leader hand over to another scheduler',
    load: () => import('./commands/resign.js'),
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
  {
    signature: 'schedule <command>',
    describe:
      'Make tasks at set times: set, preview, ls, get, pause, resume, trigger, backfill, reset, rm, apply, export',
    commands: [
      { signature: 'set <name>', describe: 'Create or replace a schedule', load: () => import('./schedules/set.js') },
      {
        signature: 'preview',
        describe: 'Show when a schedule would fire',
        load: () => import('./schedules/preview.js'),
      },
      {
        signature: 'ls',
        describe: 'List schedules',
        load: async () => ({ command: (await import('./schedules/look.js')).ls }),
      },
      {
        signature: 'get <name>',
        describe: 'Show a schedule, its next fires and its counts',
        load: async () => ({ command: (await import('./schedules/look.js')).get }),
      },
      {
        signature: 'pause <name>',
        describe: 'Pause a schedule',
        load: async () => ({ command: (await import('./schedules/change.js')).pause }),
      },
      {
        signature: 'resume <name>',
        describe: 'Resume a paused schedule',
        load: async () => ({ command: (await import('./schedules/change.js')).resume }),
      },
      {
        signature: 'trigger <name>',
        describe: 'Fire a schedule now',
        load: async () => ({ command: (await import('./schedules/change.js')).trigger }),
      },
      {
        signature: 'backfill <name>',
        describe: 'Run a schedule for times that have passed; list or remove back-fills',
        load: () => import('./schedules/backfill.js'),
      },
      {
        signature: 'reset <name>',
        describe: 'Count the times of a schedule from now on',
        load: async () => ({ command: (await import('./schedules/change.js')).reset }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a schedule',
        load: async () => ({ command: (await import('./schedules/change.js')).rm }),
      },
      {
        signature: 'apply',
        describe: 'Make schedules what a file says',
        load: async () => ({ command: (await import('./schedules/apply.js')).apply }),
      },
      {
        signature: 'export',
        describe: 'Print schedules as apply takes them',
        load: async () => ({ command: (await import('./schedules/apply.js')).exportAll }),
      },
    ],
  },
  {
    signature: 'flow <command>',
    describe: 'Work of several steps: check, start, ls, get, tree, signal, approve, reject, cancel, retry',
    commands: [
      {
        signature: 'check <file>',
        describe: 'Check the flows of a file, and show their steps',
        load: () => import('./flows/check.js'),
      },
      {
        signature: 'start <file>',
        describe: 'Start a run of a flow that a file has',
        load: () => import('./flows/start.js'),
      },
      {
        signature: 'ls',
        describe: 'List runs, newest first',
        load: async () => ({ command: (await import('./flows/look.js')).ls }),
      },
      {
        signature: 'get <run>',
        describe: 'Show a run and its steps',
        load: async () => ({ command: (await import('./flows/look.js')).get }),
      },
      {
        signature: 'tree <run>',
        describe: 'Draw the steps of a run, and how far each is',
        load: async () => ({ command: (await import('./flows/look.js')).tree }),
      },
      {
        signature: 'signal <run> <step> [answer]',
        describe: 'Give a step the signal that it waits for',
        load: async () => ({ command: (await import('./flows/change.js')).signal }),
      },
      {
        signature: 'approve <run> <step>',
        describe: 'Answer a step with yes',
        load: async () => ({ command: (await import('./flows/change.js')).approve }),
      },
      {
        signature: 'reject <run> <step>',
        describe: 'Answer a step with no',
        load: async () => ({ command: (await import('./flows/change.js')).reject }),
      },
      {
        signature: 'cancel <run..>',
        describe: 'Cancel runs',
        load: async () => ({ command: (await import('./flows/change.js')).cancel }),
      },
      {
        signature: 'retry <run..>',
        describe: 'Run again what has failed in runs',
        load: async () => ({ command: (await import('./flows/change.js')).retry }),
      },
    ],
  },
  {
    signature: 'map <type>',
    describe: 'Run a task for each item of a file, and combine their results',
    load: () => import('./flows/map.js'),
  },
  {
    signature: 'calendar <command>',
    describe: 'Dates that schedules exclude by name: set, rm, ls',
    commands: [
      {
        signature: 'set <name>',
        describe: 'Create or replace a calendar',
        load: async () => ({ command: (await import('./schedules/calendar.js')).set }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a calendar',
        load: async () => ({ command: (await import('./schedules/calendar.js')).rm }),
      },
      {
        signature: 'ls',
        describe: 'List calendars',
        load: async () => ({ command: (await import('./schedules/calendar.js')).ls }),
      },
    ],
  },
  {
    signature: 'limit <command>',
    describe: 'Limit how many tasks run at a time, or start in a period: set, ls, get, rm, hold',
    commands: [
      { signature: 'set <name>', describe: 'Create or replace a limit', load: () => import('./limits/set.js') },
      {
        signature: 'ls',
        describe: 'List limits, and how many tasks run and wait under each',
        load: async () => ({ command: (await import('./limits/look.js')).ls }),
      },
      {
        signature: 'get <name>',
        describe: 'Show a limit and its busiest keys',
        load: async () => ({ command: (await import('./limits/look.js')).get }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a limit',
        load: async () => ({ command: (await import('./limits/change.js')).rm }),
      },
      {
        signature: 'hold <limit> <duration>',
        describe: 'Start no tasks under a limit, or under one of its keys, for a while',
        load: async () => ({ command: (await import('./limits/change.js')).hold }),
      },
    ],
  },
  {
    signature: 'account <command>',
    describe: 'Accounts, which own queues and share resources: set, ls, rm',
    commands: [
      {
        signature: 'set <name>',
        describe: 'Define an account, or change what is named of one',
        load: () => import('./resources/set-account.js'),
      },
      {
        signature: 'ls',
        describe: 'List them as they are defined',
        load: async () => ({ command: (await import('./resources/definitions.js')).ls('account') }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove an account',
        load: async () => ({ command: (await import('./resources/definitions.js')).rm('account') }),
      },
    ],
  },
  {
    signature: 'pool <command>',
    describe: 'Pools of workers: set, ls, rm',
    commands: [
      {
        signature: 'set <name>',
        describe: 'Define a pool, or change what is named of one',
        load: () => import('./resources/set-pool.js'),
      },
      {
        signature: 'ls',
        describe: 'List them as they are defined',
        load: async () => ({ command: (await import('./resources/definitions.js')).ls('pool') }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a pool',
        load: async () => ({ command: (await import('./resources/definitions.js')).rm('pool') }),
      },
    ],
  },
  {
    signature: 'resource <command>',
    describe: 'Resources of the whole system, such as licences: set, ls, rm',
    commands: [
      {
        signature: 'set <name> <total>',
        describe: 'Define a floating resource, or change what is named of one',
        load: () => import('./resources/set-resource.js'),
      },
      {
        signature: 'ls',
        describe: 'List them as they are defined',
        load: async () => ({ command: (await import('./resources/definitions.js')).ls('resource') }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a floating resource',
        load: async () => ({ command: (await import('./resources/definitions.js')).rm('resource') }),
      },
    ],
  },
  {
    signature: 'accounts',
    describe: 'Show the share of each account, what it holds and what it may',
    load: async () => ({ command: (await import('./resources/look.js')).accounts }),
  },
  {
    signature: 'capacity',
    describe: 'Show the resources of each pool, what is free, and work that fits nowhere',
    load: async () => ({ command: (await import('./resources/look.js')).capacity }),
  },
  {
    signature: 'scale <pool>',
    describe: 'Show how many workers a pool should have, and which may be removed',
    load: () => import('./resources/scale.js'),
  },
  {
    signature: 'broadcast <type>',
    describe: 'Run a task once at each worker',
    load: () => import('./broadcasts/start.js'),
  },
  {
    signature: 'broadcasts <command>',
    describe: 'Broadcasts and what became of them at each worker: ls, get, cancel',
    commands: [
      {
        signature: 'ls',
        describe: 'List broadcasts, newest first',
        load: async () => ({ command: (await import('./broadcasts/look.js')).ls }),
      },
      {
        signature: 'get <id>',
        describe: 'Show a broadcast and its workers',
        load: async () => ({ command: (await import('./broadcasts/look.js')).get }),
      },
      {
        signature: 'cancel <id..>',
        describe: 'Close a broadcast and cancel its tasks',
        load: () => import('./broadcasts/cancel.js'),
      },
    ],
  },
  {
    signature: 'token <command>',
    describe: 'Tokens of the HTTP API: create, ls, revoke',
    commands: [
      {
        signature: 'create',
        describe: 'Make a token, and print it this once',
        load: () => import('./access/token-create.js'),
      },
      { signature: 'ls', describe: 'List tokens', load: () => import('./access/token-ls.js') },
      { signature: 'revoke <id>', describe: 'Revoke a token', load: () => import('./access/token-revoke.js') },
    ],
  },
  {
    signature: 'audit',
    describe: 'Show who did or was refused what through the API',
    load: () => import('./commands/audit.js'),
  },
  {
    signature: 'context <command>',
    describe: 'Clusters by name, with their addresses and tokens: ls, show, use, set, rm, current',
    commands: [
      {
        signature: 'ls',
        describe: 'List contexts',
        load: async () => ({ command: (await import('./contexts/look.js')).ls }),
      },
      {
        signature: 'show [name]',
        describe: 'Show a context, or where the value of each setting comes from',
        load: async () => ({ command: (await import('./contexts/look.js')).show }),
      },
      {
        signature: 'current',
        describe: 'Print the name of the current context',
        load: async () => ({ command: (await import('./contexts/look.js')).current }),
      },
      {
        signature: 'use <name>',
        describe: 'Choose the current context',
        load: async () => ({ command: (await import('./contexts/change.js')).use }),
      },
      {
        signature: 'set <name>',
        describe: 'Create or change a context',
        load: async () => ({ command: (await import('./contexts/change.js')).set }),
      },
      {
        signature: 'rm <name>',
        describe: 'Remove a context',
        load: async () => ({ command: (await import('./contexts/change.js')).rm }),
      },
    ],
  },
  {
    signature: 'health',
    describe: 'Probe a process, for containers',
    load: () => import('./commands/health.js'),
  },
  {
    signature: 'completion <shell>',
    describe: 'Print a script that completes commands in bash, zsh or fish',
    load: () => import('./commands/completion.js'),
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
