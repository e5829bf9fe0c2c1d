import type { DeadTask, Drover, PurgeReply, RedriveReply, TaskReply } from '@drover/client';
import { localTask, parseName, parseRate, toFlag } from '@drover/core';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { FILTER_DETAILS, FILTER_OPTIONS, filterOf } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';
import { confirmed } from '../confirm.js';
import { counted, formatAgo, formatCount } from '../views/format.js';
import { renderTable, type Column } from '../views/table.js';
import { showFailure, showTask } from '../views/task.js';

const ACTIONS = ['ls', 'show', 'redrive', 'purge'] as const;
type Action = (typeof ACTIONS)[number];
const DEFAULT_LIMIT = 100;
/** People are shown so many refusals; programs (`--json`) all. */
const SHOWN = 20;
/** Options that some actions have alone. */
const ONLY: Readonly<Record<string, readonly Action[]>> = {
  after: ['ls'],
  rate: ['redrive'],
  toQueue: ['redrive'],
  dryRun: ['redrive', 'purge'],
  yes: ['redrive', 'purge'],
};

export const command: Command = {
  positionals: {
    action: { type: 'string', choices: ACTIONS, describe: 'What to do with them' },
    term: {
      type: 'string',
      array: true,
      defaultDescription: 'all dead letters',
      describe: 'Terms of a filter, e.g. queue:images error:timeout; for show: the task id',
    },
  },
  options: {
    ...FILTER_OPTIONS,
    limit: {
      type: 'string',
      requiresArg: true,
      describe: 'Maximum number of tasks, the newest first',
      defaultDescription: `ls: ${DEFAULT_LIMIT}, redrive and purge: all`,
    },
    after: { type: 'string', requiresArg: true, describe: 'ls: continue after this task' },
    rate: { type: 'string', requiresArg: true, describe: 'redrive: at most so many in a time, e.g. 100/1s' },
    'to-queue': { type: 'string', requiresArg: true, describe: 'redrive: run them again in this queue' },
    'dry-run': { type: 'boolean', describe: 'redrive, purge: only count' },
    yes: { type: 'boolean', alias: 'y', describe: 'redrive, purge: do not ask for confirmation' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: `Dead letters are tasks that failed for good: no attempt was left, the handler rejected them, they expired, or their
deadline was over. They are kept for --retain-dead (an option of schedulers).\n\nredrive runs them again with all their attempts. If it is
interrupted, run it again: it goes on with what is still failed.\n\npurge removes the dead letters that a filter finds for good, with their payloads and errors. ${FILTER_DETAILS}`,
  examples: [
    ['drover dead ls --error TaskExpired --since 1d', 'what expired since yesterday'],
    ['drover dead show 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'one of them with its payload, error and attempts'],
    ['drover dead redrive --queue mail --dry-run', 'how many there are'],
    ['drover dead redrive --queue mail --rate 100/1s --yes', 'runs them again, 100 a second'],
    ['drover dead purge queue:mail until:7d --dry-run', 'how many older than a week it would remove'],
  ],
  run: (environment) => {
    const { args } = environment;
    const action = textArg(args, 'action') as Action;
    for (const [name, owners] of Object.entries(ONLY))
      if (args[name] !== undefined && args[name] !== false && !owners.includes(action))
        throw new UsageError(
          `--${toFlag(name)}: only ${owners.map((owner) => `'drover dead ${owner}'`).join(' and ')} ${owners.length === 1 ? 'has' : 'have'} this option`,
        );
    switch (action) {
      case 'show':
        return show(environment);
      case 'ls':
        return list(environment);
      case 'redrive':
        return redrive(environment);
      case 'purge':
        return purge(environment);
    }
  },
};

function show(environment: Environment): Promise<number> {
  const { args, json, stdout, colors, runtime } = environment;
  const [id, ...others] = listArg(args, 'term');
  if (id === undefined || others.length > 0) throw new UsageError('expected one task id: drover dead show ID');
  localTask(id);
  return withClient(environment, async (drover, via) => {
    const task = await drover.dead.get(id);
    const width = stdout.isTerminal ? stdout.columns : Infinity;
    if (json) await stdout.json({ ...task, via });
    else await stdout.line(showTask(task, runtime.now(), colors, { stacks: flagArg(args, 'debug'), width }));
    return EXIT.DONE;
  });
}

const COLUMNS: readonly Column[] = [
  { head: 'task' },
  { head: 'died', align: 'right' },
  { head: 'type', least: 8 },
  { head: 'queue', least: 7 },
  { head: 'attempts', align: 'right' },
  { head: 'error', least: 16 },
];

function list(environment: Environment): Promise<number> {
  const { args, json, stdout, stderr, colors, runtime, signal } = environment;
  const limit = limitOf(args) ?? DEFAULT_LIMIT;
  const filter = filterOf(args, listArg(args, 'term'));
  const after = textArg(args, 'after');
  return withClient(environment, async (drover, via) => {
    const rows: (string | number)[][] = [];
    let last: DeadTask | null = null;
    for await (const task of drover.dead.list({ filter, limit, signal, ...(after === undefined ? {} : { after }) })) {
      last = task;
      const { id, diedAt, type, queue, attempts, error } = task;
      if (json) await stdout.json({ ...task, via });
      else rows.push([id, formatAgo(diedAt, runtime.now()), type, queue, attempts, showFailure(error, false)]);
    }
    if (json) return EXIT.DONE;
    const width = stdout.isTerminal ? stdout.columns : Infinity;
    await stdout.line(
      rows.length === 0 ? colors.dim('no dead letters match') : renderTable(COLUMNS, rows, colors, width),
    );
    if (rows.length === limit && last !== null)
      await stderr.line(colors.dim(`showing ${formatCount(limit)}; next page: --after ${last.id}`));
    return EXIT.DONE;
  });
}

function redrive(environment: Environment): Promise<number> {
  const { args, json, stdout, stderr, interruption, signal } = environment;
  const options = { filter: filterOf(args, listArg(args, 'term')), limit: limitOf(args), signal };
  const rate = textArg(args, 'rate');
  if (rate !== undefined) parseRate('--rate', rate);
  const toQueue = textArg(args, 'toQueue');
  if (toQueue !== undefined) parseName('--to-queue', toQueue);
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    const { found } = await drover.dead.redrive({ ...options, dryRun: true, rate });
    const what = counted(found, 'dead letter');
    if (found === 0 || flagArg(args, 'dryRun')) {
      if (json) await stdout.json({ found, redriven: 0, refused: [] });
      else await stdout.line(found === 0 ? 'no dead letters match' : `${what} would be redriven; nothing was done`);
      return EXIT.DONE;
    }
    if (!(await confirmed(environment, { verb: 'redrive', done: 'redriven', found: what, count: found }))) {
      await stderr.line('nothing was redriven');
      return EXIT.FAILED;
    }
    const reply = await redriveAll(drover);
    return report(environment, reply, reply.redriven, 'redriven');
  });

  async function redriveAll(drover: Drover): Promise<RedriveReply> {
    const onProgress = ({ redriven, found }: RedriveReply): void => {
      interruption.note = () =>
        `${formatCount(redriven)} of ${counted(found, 'dead letter')} redriven; run it again to go on`;
    };
    return drover.dead.redrive({ ...options, rate, toQueue, onProgress }, asked);
  }
}

function purge(environment: Environment): Promise<number> {
  const { args, json, stdout, stderr, interruption, signal } = environment;
  const filter = filterOf(args, listArg(args, 'term'));
  if (filter === '')
    throw new UsageError("missing argument: a filter such as queue:images; 'drover dead purge state:failed' takes all");
  const options = { filter, limit: limitOf(args), signal };
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    const { found } = await drover.dead.purge({ ...options, dryRun: true });
    const what = counted(found, 'dead letter');
    if (found === 0 || flagArg(args, 'dryRun')) {
      if (json) await stdout.json({ found, purged: 0, refused: [] });
      else await stdout.line(found === 0 ? 'no dead letters match' : `${what} would be purged; nothing was done`);
      return EXIT.DONE;
    }
    if (!(await confirmed(environment, { verb: 'purge', done: 'purged', found: what, count: found }))) {
      await stderr.line('nothing was purged');
      return EXIT.FAILED;
    }
    const onProgress = ({ purged, found: all }: PurgeReply): void => {
      interruption.note = () => `${formatCount(purged)} of ${counted(all, 'dead letter')} purged`;
    };
    const reply = await drover.dead.purge({ ...options, onProgress }, asked);
    return report(environment, reply, reply.purged, 'purged');
  });
}

/** Exits with 1 where some were refused that are failed still. */
async function report(
  { json, stdout, stderr }: Environment,
  reply: { readonly found: number; readonly refused: readonly TaskReply[] },
  done: number,
  participle: string,
): Promise<number> {
  const { found, refused } = reply;
  const kept = refused.filter(({ state }) => state === 'failed');
  if (json) await stdout.json(reply);
  else {
    const parts = [`${formatCount(done)} of ${counted(found, 'dead letter')} ${participle}`];
    if (refused.length > kept.length) parts.push(`${formatCount(refused.length - kept.length)} had changed meanwhile`);
    if (kept.length > 0) parts.push(`${formatCount(kept.length)} refused`);
    await stdout.line(parts.join(', '));
    for (const { id, message } of kept.slice(0, SHOWN))
      await stderr.line(`${id} not ${participle}: ${message ?? 'the leader gave no reason'}`);
  }
  return kept.length === 0 ? EXIT.DONE : EXIT.FAILED;
}

function limitOf(args: Environment['args']): number | undefined {
  const given = textArg(args, 'limit');
  if (given === undefined) return undefined;
  const limit = Number(given);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: expected a whole number above 0, got '${given}'`);
}
