import type { Shape } from '@drover/api';
import { resolveRoute } from '@drover/config';
import { sleep } from '@drover/runtime';
import type { ApiClient } from '../api/api-client.js';
import { isRefused } from '../api/errors.js';
import { openApi } from '../client.js';
import type { Environment } from '../command.js';
import { confirmed } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { clientSettingsOf } from '../settings.js';
import { createColors } from '../terminal/colors.js';
import { startProgress, type Progress } from '../terminal/progress.js';
import { counted, formatCount } from '../views/format.js';
import type { BulkWishes } from './options.js';

type Preview = Shape<'preview'>;
type Operation = Shape<'operation'>;

/** The change of the tasks. */
export interface BulkAction {
  action: 'cancel' | 'retry';
  /** The participle: `cancelled`. */
  done: string;
  filter: string;
  reason: string | undefined;
}

/** Between two looks at how far it is. */
const LOOK_MS = 500;
/** The operation is to be stopped within this time. */
const STOP_MS = 5_000;
const DEFAULT_RATE = 500;
/** Kinds that a preview names. */
const MOST_KINDS = 4;

/**
 * Changes tasks by filter in two steps: a preview counts and freezes which ones, then one operation of a scheduler
 * changes exactly these. Ctrl-C stops the operation; what it did stays done.
 */
export async function bulkByApi(
  environment: Environment,
  api: ApiClient,
  what: BulkAction,
  wishes: BulkWishes,
): Promise<number> {
  const { json, stdout, stderr } = environment;
  const { action, done, filter, reason } = what;
  if (reason === undefined && !wishes.dryRun)
    throw new UsageError('--reason is missing: the audit keeps why many tasks are changed');
  const preview = await api.get<Preview>('previewBulk', { body: { action, filter } });
  const count = Math.min(preview.count, wishes.limit);
  if (count === 0) {
    if (json) await stdout.json(preview);
    else stderr.note(`no tasks match that can be ${done}`);
    return EXIT.DONE;
  }
  if (json && wishes.dryRun) await stdout.json(preview);
  else for (const line of describePreview(preview, what, wishes)) stderr.note(line);
  if (wishes.dryRun) return EXIT.DONE;
  if (!(await confirmed(environment, { verb: action, done, found: counted(count, 'task'), count }))) {
    await stderr.line(`nothing was ${done}`);
    return EXIT.FAILED;
  }
  const body = {
    token: preview.token,
    reason,
    ...(wishes.limit === Infinity ? {} : { limit: wishes.limit }),
    ...(wishes.rate === null ? {} : { rate: wishes.rate }),
    ...(wishes.from === null ? {} : { from: wishes.from }),
  };
  const started = await api.get<Operation>('startBulk', { body });
  return follow(environment, api, started, what);
}

/** A preview, for people. Pure. */
export function describePreview(preview: Preview, { done }: BulkAction, { limit, rate, dryRun }: BulkWishes): string[] {
  const { count, exact, byQueue, byType, samples, asOf } = preview;
  const few = limit < count ? `, the first ${formatCount(limit)} of them` : '';
  const pace =
    rate === 'unlimited' ? 'as fast as the leader takes them' : `at ${formatCount(rate ?? DEFAULT_RATE)} a second`;
  return [
    `${exact ? '' : 'at least '}${counted(count, 'task')} in ${kinds(byQueue, 'queue')} (${kinds(byType, '')})${few}`,
    `for example ${samples.slice(0, 3).join(', ')}`,
    `tasks submitted after ${new Date(asOf).toISOString()} are not included`,
    dryRun ? `nothing was ${done}` : `they would be ${done} ${pace}`,
  ];
}

/** `queue mail`, `send 12,400, digest 8`. */
function kinds(counts: Readonly<Record<string, number>>, noun: string): string {
  const all = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (noun !== '' && all.length === 1) return `${noun} ${all[0]?.[0] ?? ''}`;
  const shown = all.slice(0, MOST_KINDS).map(([name, count]) => `${name} ${formatCount(count)}`);
  const more = all.length - shown.length;
  return `${noun === '' ? '' : `${formatCount(all.length)} ${noun}s: `}${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function follow(environment: Environment, api: ApiClient, started: Operation, what: BulkAction): Promise<number> {
  const { json, stdout, stderr, env, runtime, signal } = environment;
  const colors = createColors(stderr.isTerminal, env);
  const progress = startProgress(stderr, { title: what.action, total: started.of, colors });
  let operation = started;
  try {
    while (operation.state === 'running' && !isStopped()) {
      progress.update(handled(operation), noteOf(operation));
      await sleep(runtime, LOOK_MS);
      if (!isStopped())
        operation = await look(api, operation).catch((error: unknown) => unlessStopped(environment, operation, error));
    }
    if (isStopped()) operation = await stop(environment, api, operation, progress);
  } finally {
    progress.stop();
  }
  if (json) await stdout.json(operation);
  else await tell(environment, operation, what);
  signal.throwIfAborted();
  return operation.state === 'done' && operation.failed === 0 ? EXIT.DONE : EXIT.FAILED;

  // It changes while the command waits.
  function isStopped(): boolean {
    return signal.aborted;
  }
}

const handled = ({ done, skipped, failed }: Operation): number => done + skipped + failed;
const noteOf = ({ skipped, failed }: Operation): string =>
  [skipped > 0 ? `${formatCount(skipped)} skipped` : '', failed > 0 ? `${formatCount(failed)} failed` : '']
    .filter(Boolean)
    .join(', ');

const look = (api: ApiClient, { id }: Operation): Promise<Operation> => api.get('getOperation', { params: { id } });

function unlessStopped({ signal }: Environment, operation: Operation, error: unknown): Operation {
  if (signal.aborted) return operation;
  if (isRefused(error, 'operation-not-found'))
    return { ...operation, state: 'failed', error: 'the scheduler that ran it has ended' };
  throw error;
}

/** With a client of its own: the signal has ended the requests of the other. */
async function stop(
  environment: Environment,
  api: ApiClient,
  operation: Operation,
  progress: Progress,
): Promise<Operation> {
  progress.stop();
  const route = resolveRoute(clientSettingsOf(environment));
  try {
    const another = await openApi(AbortSignal.timeout(STOP_MS), route, api.url);
    return await another.get<Operation>('stopOperation', { params: { id: operation.id } });
  } catch (error) {
    return { ...operation, error: `it could not be stopped: ${(error as Error).message}` };
  }
}

async function tell(
  { stdout, stderr }: Environment,
  operation: Operation,
  { done, action }: BulkAction,
): Promise<void> {
  const { of, skipped, failed, refused, cursor, state, error } = operation;
  const parts = [`${formatCount(operation.done)} of ${counted(of, 'task')} ${done}`];
  if (skipped > 0) parts.push(`${formatCount(skipped)} had changed meanwhile`);
  if (failed > 0) parts.push(`${formatCount(failed)} refused`);
  await stdout.line(parts.join(', '));
  for (const { id, message } of refused) await stderr.line(`${id} not ${done}: ${message ?? 'no reason was given'}`);
  if (error !== null) await stderr.line(error);
  if (state !== 'done' && cursor !== null)
    await stderr.line(`go on with: drover ${action} --filter '${operation.filter}' --from ${cursor} --reason '...'`);
  await stdout.flush();
  await stderr.flush();
}
