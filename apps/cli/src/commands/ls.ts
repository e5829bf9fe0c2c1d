import type { Drover, TaskView } from '@drover/client';
import { localTask } from '@drover/core';
import { withClient } from '../client.js';
import { listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { FILTER_DETAILS, FILTER_OPTIONS, filterOf } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';
import { formatCount } from '../views/format.js';
import { WaitReasons } from '../views/wait-reasons.js';
import { TableStream } from '../views/table.js';
import { TASK_COLUMNS, taskRow } from '../views/task.js';

const DEFAULT_LIMIT = 100;
/** The longest time for which tasks beyond the limit are counted; after it the output says "more than". */
const COUNT_MS = 1_000;

export const command: Command = {
  positionals: {
    term: {
      type: 'string',
      array: true,
      defaultDescription: 'all tasks',
      describe: 'Terms of a filter, e.g. state:failed queue:images',
    },
  },
  options: {
    ...FILTER_OPTIONS,
    limit: {
      type: 'string',
      requiresArg: true,
      describe: 'Maximum number of tasks to list',
      defaultDescription: String(DEFAULT_LIMIT),
    },
    after: {
      type: 'string',
      requiresArg: true,
      describe: 'Continue after this task: the last id of the previous page',
    },
    ...CLIENT_OPTIONS,
  },
  details: `${FILTER_DETAILS}\n\nOn a narrow terminal long cells are cut and columns omitted; in a pipe nothing is cut.`,
  examples: [
    ['drover ls --state failed', 'the latest failures'],
    ['drover ls queue:images type:resize* since:1h', 'a filter as text'],
    ['drover ls --error timeout --limit 1000 --json | jq -r .id', 'ids for another program'],
  ],
  run: async (environment) => {
    const { args, json, stdout, signal } = environment;
    const limit = limitOf(textArg(args, 'limit'));
    const filter = filterOf(args, listArg(args, 'term'));
    const after = placeOf(textArg(args, 'after'));
    return withClient(environment, async (drover) => {
      if (!json) return showTasks(environment, drover, { filter, after, limit });
      for await (const task of drover.list({ filter, after, limit, signal })) {
        const pending = stdout.json(task);
        if (pending !== undefined) await pending;
      }
      return EXIT.DONE;
    });
  },
};

interface Wanted {
  filter: string;
  after: string | undefined;
  limit: number;
}

async function showTasks(environment: Environment, drover: Drover, wanted: Wanted): Promise<number> {
  const { stdout, colors, runtime, signal } = environment;
  const { limit, ...which } = wanted;
  const table = new TableStream(TASK_COLUMNS, colors, stdout.isTerminal ? stdout.columns : Infinity);
  const tasks = drover.list({ ...which, limit: Infinity, signal });
  let shown = 0;
  let last: TaskView | undefined;
  const reasons = new WaitReasons();
  for (let next = await tasks.next(); next.done !== true; next = await tasks.next()) {
    last = next.value;
    reasons.add(last);
    for (const line of table.add(taskRow(last, runtime.now(), colors))) {
      const pending = stdout.line(line);
      if (pending !== undefined) await pending;
    }
    if (++shown === limit) break;
  }
  for (const line of table.end()) await stdout.line(line);
  if (last === undefined) await stdout.line(colors.dim('no tasks match'));
  else if (shown === limit) await tellWhatElse(environment, drover, tasks, { ...wanted, lastId: last.id, reasons });
  return EXIT.DONE;
}

interface Shown extends Wanted {
  lastId: string;
  reasons: WaitReasons;
}

/** Tells `showing 100 of 1,310 tasks`, how to see more, and the reasons for which tasks wait. */
async function tellWhatElse(
  { stdout, stderr, runtime, colors }: Environment,
  drover: Drover,
  tasks: AsyncIterableIterator<TaskView>,
  { filter, after, limit, lastId, reasons }: Shown,
): Promise<void> {
  await stdout.flush();
  const deadline = runtime.monotonic() + COUNT_MS;
  let others = 0;
  let complete = false;
  while (!complete && runtime.monotonic() < deadline) {
    const next = await tasks.next();
    complete = next.done === true;
    if (next.done === true) continue;
    others++;
    reasons.add(next.value);
  }
  if (others === 0 && complete) return;
  const all = filter === '' && after === undefined && !complete ? await countOf(drover) : null;
  const total =
    all === null ? `${complete ? '' : 'more than '}${formatCount(limit + others)}` : `about ${formatCount(all)}`;
  const behind = after === undefined ? '' : ' from there on';
  stderr.note(
    colors.dim(
      `showing ${formatCount(limit)} of ${total} tasks${behind}; next page: --after ${lastId}; more at once: --limit`,
    ),
  );
  const waiting = reasons.describe(complete);
  if (waiting !== '') stderr.note(colors.dim(waiting));
  await stderr.flush();
}

/** The number of tasks as the leader counted them; `null`: unknown. */
async function countOf(drover: Drover): Promise<number | null> {
  const { tasks } = await drover.status();
  if (tasks === null) return null;
  const { running: _, ...counts } = tasks;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function placeOf(after: string | undefined): string | undefined {
  if (after === undefined || localTask(after) !== null) return after;
  throw new UsageError(`--after: expected a task id such as 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0, got '${after}'`);
}

function limitOf(given: string | undefined): number {
  const limit = given === undefined ? DEFAULT_LIMIT : Number(given);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: expected a whole number above 0, got '${String(given)}'`);
}
