import type { Shape } from '@drover/api';
import { inOneLine, parseDuration } from '@drover/core';
import type { ApiClient } from '../api/api-client.js';
import { withApi } from '../client.js';
import { flagArg, listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { FILTER_DETAILS, FILTER_OPTIONS, filterOf } from '../filter-options.js';
import { CLIENT_OPTIONS } from '../options.js';
import { formatAgo, formatCount } from '../views/format.js';
import { renderTable, type Column } from '../views/table.js';

type Failure = Shape<'failureEntry'>;
type Group = Shape<'failureGroup'>;

const DEFAULT_LIMIT = 50;
const PAGE = 500;
/** The filter has `since:` for the submission; here it is the time of the failure. */
const { since: _since, until: _until, state: _state, ...FILTERS } = FILTER_OPTIONS;

export const command: Command = {
  positionals: {
    term: {
      type: 'string',
      array: true,
      defaultDescription: 'all failures',
      describe: 'Terms of a filter, e.g. queue:mail',
    },
  },
  options: {
    group: { type: 'boolean', describe: 'By type and error, the most frequent first' },
    since: { type: 'string', requiresArg: true, describe: 'Only attempts that failed since then, e.g. 1h' },
    limit: {
      type: 'string',
      requiresArg: true,
      describe: 'Maximum number of lines',
      defaultDescription: String(DEFAULT_LIMIT),
    },
    ...FILTERS,
    ...CLIENT_OPTIONS,
  },
  details: `The last 10,000 attempts that failed, as the leader saw them; those of tasks that are tried again, too. Needs the API of a
scheduler. 'drover dead' has the tasks that failed for good. ${FILTER_DETAILS}`,
  examples: [
    ['drover failures', 'the last ones'],
    ['drover failures --group --since 1h', 'what fails, how often, and an example of each'],
    ['drover failures queue:mail error:ECONNREFUSED --json', 'for programs'],
  ],
  run: async (environment) => {
    const { args, runtime } = environment;
    const since = textArg(args, 'since');
    const wanted = {
      q: filterOf({ ...args, since: undefined }, listArg(args, 'term')),
      limit: limitOf(textArg(args, 'limit')),
      sinceAt: since === undefined ? 0 : runtime.now() - parseDuration('--since', since),
    };
    return withApi(environment, (api) =>
      flagArg(args, 'group') ? showGroups(environment, api, wanted) : showEntries(environment, api, wanted),
    );
  },
};

interface Wanted {
  q: string;
  limit: number;
  sinceAt: number;
}

function limitOf(given: string | undefined): number {
  const limit = given === undefined ? DEFAULT_LIMIT : Number(given);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new UsageError(`--limit: expected a whole number above 0, got '${String(given)}'`);
}

const ENTRY_COLUMNS: readonly Column[] = [
  { head: 'failed', align: 'right' },
  { head: 'task' },
  { head: 'try', align: 'right', leaveOut: 2 },
  { head: 'type', least: 8 },
  { head: 'queue', least: 7, leaveOut: 1 },
  { head: 'worker', least: 6, leaveOut: 3, optional: true },
  { head: 'then', leaveOut: 4 },
  { head: 'error', least: 16 },
];

async function showEntries(environment: Environment, api: ApiClient, { q, limit, sinceAt }: Wanted): Promise<number> {
  const { json, stdout, colors, runtime } = environment;
  const rows: (string | number)[][] = [];
  let shown = 0;
  // The newest first.
  for await (const failure of api.pages<Failure>('listFailures', { query: { q, limit: Math.min(limit, PAGE) } })) {
    if (failure.at < sinceAt || shown++ === limit) break;
    if (json) await stdout.json(failure);
    else rows.push(rowOf(failure, runtime.now()));
  }
  if (json) return EXIT.DONE;
  const width = stdout.isTerminal ? stdout.columns : Infinity;
  await stdout.line(rows.length === 0 ? colors.dim('no failures') : renderTable(ENTRY_COLUMNS, rows, colors, width));
  return EXIT.DONE;
}

function rowOf({ at, task, attempt, type, queue, worker, final, error }: Failure, now: number): (string | number)[] {
  const then = final ? 'failed' : 'tried again';
  return [
    formatAgo(at, now),
    task,
    attempt,
    type,
    queue,
    worker ?? '-',
    then,
    inOneLine(`${error.name}: ${error.message}`),
  ];
}

const GROUP_COLUMNS: readonly Column[] = [
  { head: 'count', align: 'right' },
  { head: 'last', align: 'right' },
  { head: 'first', align: 'right', leaveOut: 3 },
  { head: 'type', least: 8 },
  { head: 'error', least: 20 },
  { head: 'queues', least: 7, leaveOut: 2 },
  { head: 'workers', least: 7, leaveOut: 4 },
  { head: 'for example', leaveOut: 1 },
];

async function showGroups(environment: Environment, api: ApiClient, { q, limit, sinceAt }: Wanted): Promise<number> {
  const { json, stdout, colors, runtime } = environment;
  const { items } = await api.get<{ items: Group[] }>('groupFailures', { query: { q, limit: Math.min(limit, PAGE) } });
  const groups = items.filter(({ last }) => last >= sinceAt);
  if (json) {
    for (const group of groups) await stdout.json(group);
    return EXIT.DONE;
  }
  const now = runtime.now();
  const rows = groups.map(({ count, first, last, type, error, message, queues, workers, examples }) => [
    formatCount(count),
    formatAgo(last, now),
    formatAgo(first, now),
    type,
    inOneLine(`${error}: ${message}`),
    queues.join(','),
    workers.join(','),
    examples[0] ?? '',
  ]);
  const width = stdout.isTerminal ? stdout.columns : Infinity;
  await stdout.line(rows.length === 0 ? colors.dim('no failures') : renderTable(GROUP_COLUMNS, rows, colors, width));
  return EXIT.DONE;
}
