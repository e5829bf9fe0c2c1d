import type { TaskView } from '@drover/client';
import { TASK_STATES, type TaskState } from '@drover/core';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { renderTable } from '../views/table.js';
import { TASK_COLUMNS, taskRow } from '../views/task.js';

const DEFAULT_LIMIT = 100;

export const command: Command = {
  options: {
    state: { type: 'string', requiresArg: true, describe: `Only tasks in this state`, choices: TASK_STATES },
    queue: { type: 'string', requiresArg: true, describe: 'Only tasks of this queue' },
    limit: {
      type: 'string',
      requiresArg: true,
      describe: 'At most so many',
      defaultDescription: String(DEFAULT_LIMIT),
    },
    ...CLIENT_OPTIONS,
  },
  examples: [
    ['drover ls --state failed', 'what went wrong lately'],
    ['drover ls --queue images --limit 20', 'one queue'],
    ['drover ls --state failed --limit 1000 --json | jq -r .id | xargs drover retry', 'run them all again'],
  ],
  run: async (environment) => {
    const { args, json, stdout } = environment;
    const limit = limitOf(textArg(args, 'limit'));
    return withClient(environment, async (drover) => {
      const state = textArg(args, 'state') as TaskState | undefined;
      const tasks = drover.list({ state, queue: textArg(args, 'queue'), limit });
      if (!json) await showTasks(tasks, environment);
      else for await (const task of tasks) await stdout.json(task);
      return EXIT.DONE;
    });
  },
};

async function showTasks(tasks: AsyncIterable<TaskView>, { stdout, colors, runtime }: Environment): Promise<void> {
  const rows = [];
  for await (const task of tasks) rows.push(taskRow(task, runtime.now(), colors));
  await stdout.line(rows.length === 0 ? colors.dim('No such tasks') : renderTable(TASK_COLUMNS, rows, colors));
}

function limitOf(given: string | undefined): number {
  const limit = given === undefined ? DEFAULT_LIMIT : Number(given);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: expected a whole number above 0, got '${String(given)}'`);
}
