import type { ApiClient } from '../api/api-client.js';
import { AUDIT_COLUMNS, auditRow, type AuditLine } from '../access/view.js';
import { withApi } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { renderTable } from '../views/table.js';

const text = { type: 'string', requiresArg: true } as const;
const MOST = 10_000;

export const command: Command = {
  options: {
    who: { ...text, describe: 'Only of this caller' },
    action: { ...text, describe: 'Only this action, e.g. cancelTask or signIn' },
    object: { ...text, describe: 'Only of this task, queue, token ...' },
    limit: { ...text, describe: 'How many, the newest first', defaultDescription: '50' },
    follow: { type: 'boolean', alias: 'f', describe: 'Print what follows, until it is stopped' },
    ...CLIENT_OPTIONS,
  },
  details:
    'Who did or was refused what through the HTTP API: changes, sign-ins, payloads and logs that were looked at. Each scheduler ' +
    'keeps its last 10,000 in memory, and its log (event audit) has all. Needs the role admin.',
  examples: [
    ['drover audit', 'the newest, of all schedulers that answer'],
    ['drover audit --who ci --action cancelTask', 'tasks that this caller cancelled'],
    ['drover audit -f --json', 'one document a line, as it happens'],
  ],
  run: async (environment) => {
    const limit = limitOf(environment.args);
    if (flagArg(environment.args, 'follow')) return withApi(environment, (api) => follow(environment, api));
    return withApi(environment, (api) => list(environment, api, limit));
  },
};

function limitOf(args: Environment['args']): number {
  const given = textArg(args, 'limit');
  if (given === undefined) return 50;
  const limit = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new UsageError(`--limit: expected a whole number from 1 to ${MOST}, got "${given}"`);
}

async function list({ args, json, stdout, colors }: Environment, api: ApiClient, limit: number): Promise<number> {
  const query = {
    ...{ who: textArg(args, 'who'), action: textArg(args, 'action'), object: textArg(args, 'object') },
    limit: Math.min(limit, 500),
  };
  const lines: AuditLine[] = [];
  for await (const line of api.pages<AuditLine>('listAudit', { query })) {
    lines.push(line);
    if (lines.length >= limit) break;
  }
  if (json) for (const line of lines) await stdout.json(line);
  else if (lines.length === 0) await stdout.line(colors.dim('nothing was asked for'));
  else {
    const width = stdout.isTerminal ? stdout.columns : Infinity;
    await stdout.line(renderTable(AUDIT_COLUMNS(colors), lines.map(auditRow), colors, width));
  }
  return EXIT.DONE;
}

interface StreamLine {
  event: string;
  data: unknown;
}

async function follow({ args, json, stdout, stderr }: Environment, api: ApiClient): Promise<number> {
  const wanted = (['who', 'action', 'object'] as const).map((name) => [name, textArg(args, name)] as const);
  for await (const { event, data } of api.lines<StreamLine>('streamEvents', { query: { topics: 'audit' } })) {
    if (event === 'gap') stderr.note('drover: some entries were left out: they came faster than they were read');
    if (event !== 'audit') continue;
    const line = data as AuditLine;
    if (wanted.some(([name, value]) => value !== undefined && line[name] !== value)) continue;
    if (json) await stdout.json(line);
    else await stdout.line(auditRow(line).join('  '));
    await stdout.flush();
  }
  return EXIT.DONE;
}
