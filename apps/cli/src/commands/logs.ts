import type { Shape } from '@drover/api';
import { localTask, parseDuration } from '@drover/core';
import type { ApiClient } from '../api/api-client.js';
import { withApi } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import type { Colors } from '../terminal/colors.js';

type LogLine = Shape<'logLine'>;
type LogSource = Shape<'logSource'>;

export const command: Command = {
  positionals: { 'task-id': { type: 'string', describe: 'Task id BATCH.INDEX, as printed by submit' } },
  options: {
    follow: { alias: 'f', type: 'boolean', describe: 'Print lines as they come; ends with the run' },
    attempt: {
      type: 'string',
      requiresArg: true,
      describe: 'Number of the attempt',
      defaultDescription: 'the last one',
    },
    tail: { type: 'string', requiresArg: true, describe: 'Only so many lines from the end', defaultDescription: '200' },
    since: { type: 'string', requiresArg: true, describe: 'Only lines that are not older, e.g. 5m' },
    ...CLIENT_OPTIONS,
  },
  details: `Workers keep the recent lines of what they run, and the end of what failed is stored. Where there are no lines, the command
says why. With --follow the exit code is 0 if the task succeeded, and else 1. Needs the API of a scheduler.`,
  examples: [
    ['drover logs 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'the last lines of its last attempt'],
    ['drover logs 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 -f', 'and those that come, until it ends'],
    ['drover logs 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --attempt 1 --json', 'an earlier attempt, for programs'],
  ],
  run: async (environment) => {
    const { args, runtime } = environment;
    const id = textArg(args, 'taskId') ?? '';
    localTask(id);
    const since = textArg(args, 'since');
    const wanted = {
      id,
      follow: flagArg(args, 'follow'),
      attempt: countOf(args, 'attempt', 1_000_000),
      tail: countOf(args, 'tail', 10_000),
      sinceAt: since === undefined ? 0 : runtime.now() - parseDuration('--since', since),
    };
    return withApi(environment, (api) => showLog(environment, api, wanted));
  },
};

/** Throws `UsageError`. */
function countOf(args: Environment['args'], name: string, most: number): number | undefined {
  const given = textArg(args, name);
  if (given === undefined) return undefined;
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new UsageError(`--${name}: expected a whole number from 1 to ${most}, got '${given}'`);
}

interface Wanted {
  id: string;
  follow: boolean;
  attempt: number | undefined;
  tail: number | undefined;
  sinceAt: number;
}

async function showLog(environment: Environment, api: ApiClient, wanted: Wanted): Promise<number> {
  const { json, stdout, stderr, colors } = environment;
  const { id, follow, attempt, tail, sinceAt } = wanted;
  const query = { attempt, tail, follow: follow ? 1 : undefined };
  for await (const line of api.lines<LogLine | LogSource>('getLogs', { params: { id }, query })) {
    if ('source' in line) {
      if (json) await stdout.json(line);
      else stderr.note(colors.dim(describeSource(line)));
    } else if (line.at < sinceAt) continue;
    else if (json) await stdout.json(line);
    else await stdout.line(showLine(line, colors));
    await stdout.flush();
  }
  return follow ? exitCodeOfRun(api, id) : EXIT.DONE;
}

async function exitCodeOfRun(api: ApiClient, id: string): Promise<number> {
  const { state } = await api.get<{ state: string }>('getTask', { params: { id } });
  return state === 'succeeded' ? EXIT.DONE : EXIT.FAILED;
}

/** The source of the lines, and if there are none, why. Pure. */
export function describeSource({ source, attempt, worker, why, url }: LogSource): string {
  const where = worker === null ? '' : ` on ${worker}`;
  const from = {
    worker: `attempt ${attempt}${where}`,
    stored: `the stored end of attempt ${attempt}${where}`,
    none: `no lines of attempt ${attempt}${where}`,
  }[source];
  return `-- ${from}${why === null ? '' : `: ${why}`}${url === null ? '' : `; more: ${url}`} --`;
}

function showLine({ at, level, text }: LogLine, colors: Colors): string {
  const paint = level === 'error' || level === 'fatal' ? colors.red : level === 'warn' ? colors.yellow : null;
  const time = colors.dim(new Date(at).toISOString().slice(11, 23));
  return `${time} ${(paint ?? colors.dim)(level.padEnd(5))} ${text}`;
}
