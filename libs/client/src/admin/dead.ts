import {
  checkOptions,
  filterTerm,
  formatFilter,
  InvalidArgumentError,
  parseFilter,
  parseName,
  parseRate,
  type Rate,
  type TaskFailure,
  type TaskId,
} from '@drover/core';
import { checkTaskId, type ListOptions, type TaskView } from '@drover/inspect';
import { unlessAborted, type Runtime } from '@drover/runtime';
import { NotDeadError, PartlyDoneError } from '../errors.js';
import type { AskOptions } from '../options.js';
import type { TaskReply } from '../replies.js';
import { checkSignal } from '../submit/task-options.js';

/** A task that failed for good and is kept, with what it takes to judge it. Times are milliseconds since 1970. */
export type DeadTask = TaskView & {
  /** Why it failed. */
  error: TaskFailure;
  /** When. */
  diedAt: number;
  /** Attempts that began, or may have begun; 0: it expired before the first. */
  attempts: number;
};

/** The grammar of filters as in `list`; only failed tasks are found. */
export type DeadListOptions = Omit<ListOptions, 'state'>;

export interface RedriveOptions {
  /** These, instead of those that a filter finds. */
  tasks?: readonly TaskId[] | undefined;
  /** Which dead letters, as in `list`. Default: all of them. */
  filter?: string | undefined;
  /** The newest so many. Default: all. */
  limit?: number | undefined;
  /** At most so many in any such time: `100/1s`. Default: as fast as the leader takes them. */
  rate?: string | undefined;
  /** They run again in this queue, as new tasks, which their `result()` follows to. Default: where they are. */
  toQueue?: string | undefined;
  /** Only counts: nothing is changed. Default false. */
  dryRun?: boolean | undefined;
  /** Ends it with the signal's reason; what was redriven stays so. */
  signal?: AbortSignal | undefined;
  /** Hears of every page that is done. */
  onProgress?: ((soFar: RedriveReply) => void) | undefined;
}

export interface PurgeOptions {
  /** These, instead of those that a filter finds. */
  tasks?: readonly TaskId[] | undefined;
  /** Which dead letters, as in `list`: it must say something, so that nobody purges everything by an oversight. */
  filter?: string | undefined;
  /** The newest so many. Default: all. */
  limit?: number | undefined;
  /** Only counts: nothing is changed. Default false. */
  dryRun?: boolean | undefined;
  /** Ends it with the signal's reason; what was purged is gone. */
  signal?: AbortSignal | undefined;
  /** Hears of every page that is done. */
  onProgress?: ((soFar: PurgeReply) => void) | undefined;
}

export interface PurgeReply {
  /** Dead letters that were found. */
  readonly found: number;
  /** Of these: gone. */
  readonly purged: number;
  /** Refused, with the reason: they were no longer failed, or other tasks of their batch have not ended. */
  readonly refused: readonly TaskReply[];
}

export interface RedriveReply {
  /** Dead letters that were found. */
  readonly found: number;
  /** Of these: set to run again. */
  readonly redriven: number;
  /** Refused, with the reason: mostly they were no longer failed. */
  readonly refused: readonly TaskReply[];
}

/** The failed tasks that are kept. */
export interface DeadLetters {
  /** Newest first. Throws `InvalidArgumentError`, or `FilterError`, at the first step. */
  list(options?: DeadListOptions): AsyncIterableIterator<DeadTask>;
  /** With its payload. Throws `TaskNotFoundError`, and `NotDeadError` where the task has not failed. */
  get(id: TaskId): Promise<DeadTask>;
  /**
   * Runs dead letters again, with all their attempts, in pages. Which ones is decided at the beginning: one that fails again
   * meanwhile is not redriven twice. If it breaks off, do it again: it goes on with what is still failed. Rejects as
   * `retry`, and with `InvalidArgumentError` or `FilterError` before anything is done.
   */
  redrive(options?: RedriveOptions, asked?: AskOptions): Promise<RedriveReply>;
  /**
   * Removes dead letters for good, with their payloads and errors, in pages: `get` knows them no more. Rejects as `redrive`.
   */
  purge(options: PurgeOptions, asked?: AskOptions): Promise<PurgeReply>;
}

export interface DeadContext {
  runtime: Runtime;
  list: (options: ListOptions) => AsyncIterableIterator<TaskView>;
  get: (id: TaskId) => Promise<TaskView>;
  retry: (ids: readonly TaskId[], asked?: AskOptions) => Promise<TaskReply[]>;
  move: (ids: readonly TaskId[], queue: string, asked?: AskOptions) => Promise<TaskReply[]>;
  purge: (ids: readonly TaskId[], asked?: AskOptions) => Promise<TaskReply[]>;
}

const LIST_NAMES = ['filter', 'queue', 'limit', 'after', 'signal'];
const PURGE_NAMES = ['tasks', 'filter', 'limit', 'dryRun', 'signal', 'onProgress'];
const REDRIVE_NAMES = ['tasks', 'filter', 'limit', 'rate', 'toQueue', 'dryRun', 'signal', 'onProgress'];
/** Without a rate: one command to the leader each. */
const PAGE = 5_000;

export function deadLetters(context: DeadContext): DeadLetters {
  return {
    list: (options = {}) => listDead(options, context),
    get: async (id) => {
      const task = await context.get(id);
      if (task.state !== 'failed') throw new NotDeadError(id, task.state);
      return toDead(task);
    },
    redrive: (options = {}, asked = {}) => redrive(options, asked, context),
    purge: (options, asked = {}) => purge(options, asked, context),
  };
}

async function* listDead(options: DeadListOptions, { list }: DeadContext): AsyncGenerator<DeadTask, void> {
  checkOptions(options, LIST_NAMES);
  for await (const task of list({ ...options, filter: ofDead(options.filter) })) yield toDead(task);
}

/** The failed ones among those that the filter finds. */
function ofDead(filter: string | undefined): string {
  if (filter !== undefined && typeof filter !== 'string')
    throw new InvalidArgumentError('filter', filter, "text such as 'queue:mail since:1d'");
  return formatFilter([...parseFilter(filter ?? ''), filterTerm('state', 'failed')]);
}

const UNKNOWN: TaskFailure = Object.freeze({ name: 'Error', message: 'the reason cannot be read', retryable: false });

function toDead(task: TaskView): DeadTask {
  const { error = UNKNOWN, finishedAt = task.submittedAt, attempt } = task;
  return { ...task, error, diedAt: finishedAt, attempts: attempt };
}

async function redrive(options: RedriveOptions, asked: AskOptions, context: DeadContext): Promise<RedriveReply> {
  checkOptions(options, REDRIVE_NAMES);
  checkCommon(options);
  const { onProgress, signal, toQueue } = options;
  if (toQueue !== undefined) parseName('toQueue', toQueue);
  const rate = options.rate === undefined ? null : parseRate('rate', options.rate);
  const ids = await idsOf(options, context);
  const summary = (replies: readonly TaskReply[]): RedriveReply => {
    const { done, refused } = countsOf(replies);
    return { found: ids.length, redriven: done, refused };
  };
  if (options.dryRun === true) return summary([]);
  const act = (some: readonly TaskId[]): Promise<TaskReply[]> =>
    toQueue === undefined ? context.retry(some, asked) : context.move(some, toQueue, asked);
  const told = (replies: readonly TaskReply[]): void => onProgress?.(summary(replies));
  return summary(await inPages('redrive', ids, { rate, act, told, signal }, context.runtime));
}

async function purge(options: PurgeOptions, asked: AskOptions, context: DeadContext): Promise<PurgeReply> {
  checkOptions(options, PURGE_NAMES);
  checkCommon(options);
  const { tasks, filter, onProgress, signal } = options;
  if (tasks === undefined && (typeof filter !== 'string' || parseFilter(filter).length === 0))
    throw new InvalidArgumentError(
      'filter',
      filter,
      "text such as 'queue:mail since:1d'; 'state:failed' is all of them",
    );
  const ids = await idsOf(options, context);
  const summary = (replies: readonly TaskReply[]): PurgeReply => {
    const { done, refused } = countsOf(replies);
    return { found: ids.length, purged: done, refused };
  };
  if (options.dryRun === true) return summary([]);
  const act = (some: readonly TaskId[]): Promise<TaskReply[]> => context.purge(some, asked);
  const told = (replies: readonly TaskReply[]): void => onProgress?.(summary(replies));
  return summary(await inPages('purge', ids, { rate: null, act, told, signal }, context.runtime));
}

function checkCommon({
  dryRun = false,
  signal,
  onProgress,
}: Omit<RedriveOptions, 'onProgress'> & { onProgress?: unknown }): void {
  checkSignal(signal);
  if (typeof dryRun !== 'boolean') throw new InvalidArgumentError('dryRun', dryRun, 'true or false');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new InvalidArgumentError('onProgress', onProgress, 'a function');
}

/** Those that are dead letters now; tasks that were named may not be, and the leader refuses them then. */
async function idsOf(
  { tasks, filter, limit = Infinity, signal }: Pick<RedriveOptions, 'tasks' | 'filter' | 'limit' | 'signal'>,
  { list }: DeadContext,
): Promise<TaskId[]> {
  if (tasks !== undefined) {
    if (filter !== undefined) throw new InvalidArgumentError('filter', filter, 'nothing where tasks are given');
    if (!Array.isArray(tasks)) throw new InvalidArgumentError('tasks', tasks, 'a list of ids, such as [id]');
    return (tasks as readonly unknown[]).map((id) => checkTaskId(id as TaskId)).slice(0, limit);
  }
  const ids: TaskId[] = [];
  for await (const { id } of list({ filter: ofDead(filter), limit, signal })) ids.push(id);
  return ids;
}

interface Paging {
  readonly rate: Rate | null;
  readonly act: (ids: readonly TaskId[]) => Promise<TaskReply[]>;
  readonly told: (replies: readonly TaskReply[]) => void;
  readonly signal: AbortSignal | undefined;
}

/** Page after page; with a rate each begins one of its times after the one before, if that is done by then. */
async function inPages(
  kind: string,
  ids: readonly TaskId[],
  { rate, act, told, signal }: Paging,
  runtime: Runtime,
): Promise<TaskReply[]> {
  const replies: TaskReply[] = [];
  const size = rate?.count ?? PAGE;
  for (let from = 0; from < ids.length; from += size) {
    signal?.throwIfAborted();
    const begunAt = runtime.monotonic();
    const page = await act(ids.slice(from, from + size)).catch((error: unknown) => {
      if (replies.length === 0 || !(error instanceof Error)) throw error;
      throw new PartlyDoneError(kind, replies, ids.length, error);
    });
    replies.push(...page);
    told(replies);
    const restMs = rate === null ? 0 : begunAt + rate.perMs - runtime.monotonic();
    if (restMs > 0 && from + size < ids.length) await pause(runtime, restMs, signal);
  }
  return replies;
}

function countsOf(replies: readonly TaskReply[]): { done: number; refused: TaskReply[] } {
  const refused = replies.filter(({ ok }) => !ok);
  return { done: replies.length - refused.length, refused };
}

async function pause(runtime: Runtime, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  let end = (): void => undefined;
  const timer = runtime.after(delayMs, () => end());
  const over = new Promise<void>((resolve) => (end = resolve));
  try {
    await (signal === undefined ? over : unlessAborted(over, signal));
  } finally {
    timer.cancel();
  }
}
