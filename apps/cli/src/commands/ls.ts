import type { Drover, TaskView } from '@drover/client';
import type { Via } from '@drover/config';
import { localTask } from '@drover/core';
import { withApi, withClient } from '../client.js';
import { flagArg, listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { FILTER_DETAILS, FILTER_OPTIONS, filterOf } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';
import { mayReadAll, refuseCostlyWalk } from '../tasks/walk.js';
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
    walk: { type: 'boolean', describe: 'By ZooKeeper: also where very many batches have to be read' },
    count: { type: 'boolean', describe: 'Print only how many tasks match' },
    ...CLIENT_OPTIONS,
  },
  details: `${FILTER_DETAILS}\n\nOn a narrow terminal long cells are cut and columns omitted; in a pipe nothing is cut.`,
  examples: [
    ['drover ls --state failed', 'the latest failures'],
    ['drover ls queue:images type:resize* since:1h', 'a filter as text'],
    ['drover ls state:failed --count', 'how many there are'],
    ['drover ls state:failed --fields id,error.message', 'JSON with two fields'],
    ['drover ls --error timeout --limit 1000 --json | jq -r .id', 'ids for another program'],
  ],
  run: async (environment) => {
    const { args, json, stdout, signal } = environment;
    const limit = limitOf(textArg(args, 'limit'));
    const filter = filterOf(args, listArg(args, 'term'));
    const after = placeOf(textArg(args, 'after'));
    const isCount = flagArg(args, 'count');
    return withClient(environment, async (drover, via) => {
      if (via === 'zk' && !flagArg(args, 'walk') && mayReadAll(filter, isCount ? Infinity : limit))
        await refuseCostlyWalk(environment, drover);
      if (isCount) return showCount(environment, drover, { filter, via });
      if (!json) return showTasks(environment, drover, { filter, after, limit });
      for await (const task of drover.list({ filter, after, limit, signal })) {
        const pending = stdout.json({ ...task, via });
        if (pending !== undefined) await pending;
      }
      return EXIT.DONE;
    });
  },
};

async function showCount(
  environment: Environment,
  drover: Drover,
  { filter, via }: { filter: string; via: Via },
): Promise<number> {
  const { json, stdout } = environment;
  const { count, exact } =
    via === 'api'
      ? await countByApi(environment, filter)
      : { count: await countAll(environment, drover, filter), exact: true };
  if (json) await stdout.json({ count, exact, via });
  else await stdout.line(`${exact ? '' : 'at least '}${formatCount(count)}`);
  return EXIT.DONE;
}

const countByApi = (environment: Environment, filter: string): Promise<{ count: number; exact: boolean }> =>
  withApi(environment, (api) => api.get('countTasks', { query: { q: filter } }));

async function countAll({ signal }: Environment, drover: Drover, filter: string): Promise<number> {
  let count = 0;
  for await (const _ of drover.list({ filter, limit: Infinity, signal })) count++;
  return count;
}

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
