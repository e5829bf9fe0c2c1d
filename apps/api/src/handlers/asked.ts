import type { AskOptions } from '@drover/client';
import { parseDuration } from '@drover/core';
import { DeadlinePassed, unlessAborted, withDeadline } from '@drover/runtime';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { sees, type Caller } from '../access/caller.js';
import type { Asked } from './handler.js';
import { taskOf } from './task-of.js';

/** Parts of a request that all handlers take. */

/** Characters of a name that the records of the leader take. */
const LONGEST_NAME = 128;

/** The requester and the reason, for the leader: the caller, and the caller's reason in the body or in the query. */
export function askedBy({ caller, body, query }: Asked): AskOptions {
  const reason = reasonIn(body) ?? reasonIn(query);
  return { by: caller.name.slice(0, LONGEST_NAME), ...(reason === undefined ? {} : { reason }) };
}

function reasonIn(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || !('reason' in given)) return undefined;
  return typeof given.reason === 'string' ? given.reason : undefined;
}

export const param = ({ params }: Asked, name: string): string => params[name] ?? '';

/** A flag of a query: `1` or `true`. */
export const flag = ({ query }: Asked, name: string): boolean => query[name] === '1' || query[name] === 'true';

/** The parameter `state` of a list: one, or several with commas; null: all. Throws `ApiError`. */
export function statesIn<State extends string>({ query }: Asked, known: readonly State[]): State[] | null {
  const { state: text } = query as { state?: string };
  if (text === undefined) return null;
  return text.split(',').map((each) => {
    const found = known.find((state) => state === each.trim());
    if (found !== undefined) return found;
    const expected = `some of ${known.join(', ')}`;
    throw new ApiError('invalid-argument', `state: expected ${expected}, got ${JSON.stringify(each)}`, {
      field: 'state',
      expected,
    });
  });
}

/** The queues of a list: those that the caller may see, or the one of the parameter `queue`; null: all. */
export function queuesIn({ query, caller }: Asked): readonly string[] | null {
  const { queue } = query as { queue?: string };
  if (queue === undefined) return caller.queues;
  return sees(caller, queue) ? [queue] : [];
}

/** Throws `ApiError` unless the caller may act on this queue. */
export function mustSee(caller: Caller, queue: string): void {
  if (!sees(caller, queue))
    throw new ApiError(
      'forbidden',
      `${caller.name} may act on the queues ${(caller.queues ?? []).join(', ')} only, not on '${queue}'`,
      { needs: `queue:${queue}` },
    );
}

/** Throws `ApiError` where the caller is limited to some queues, and `what` is of all of them. */
export function mustSeeAll(caller: Caller, what: string): void {
  if (caller.queues !== null)
    throw new ApiError(
      'forbidden',
      `${caller.name} may act on the queues ${caller.queues.join(', ')} only; ${what} is of all queues`,
      { needs: 'queue:*' },
    );
}

/**
 * The keys of runs and of broadcasts are those of all queues: by one, whoever is limited to some queues would meet what is in
 * others, or end it. Throws `ApiError`.
 */
export function mustShareNoKey(caller: Caller, given: unknown, what: string): void {
  if (given !== undefined) mustSeeAll(caller, what);
}

/** A task of a queue that the caller may not see is not there. Reads the task only for callers with such a limit. */
export async function mustSeeTask({ caller }: Asked, context: ApiContext, id: string): Promise<void> {
  if (caller.queues !== null) await taskOf(context, id, caller);
}

/** A task of another queue that is named is not there: to run after it would tell when it ends. */
export async function mustSeeAfter(
  caller: Caller,
  context: ApiContext,
  tasks: readonly { after: readonly string[] }[],
): Promise<void> {
  if (caller.queues === null) return;
  for (const id of new Set(tasks.flatMap(({ after }) => after))) await taskOf(context, id, caller);
}

const MOST_WAIT_MS = 60_000;

/** `30s`, or a number of seconds; 60 s at most. 0: it is not given. Throws `ApiError`. */
export function waitOf(given: unknown): number {
  if (given === undefined) return 0;
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  let ms = Number(text) * 1_000;
  if (!/^\d+(\.\d+)?$/.test(text))
    try {
      ms = parseDuration('wait', text);
    } catch {
      ms = NaN;
    }
  if (ms >= 0 && ms <= MOST_WAIT_MS) return ms;
  throw new ApiError('invalid-argument', `wait: expected 60s at most, such as 30s or 30, got ${JSON.stringify(text)}`, {
    field: 'wait',
    expected: '30s',
  });
}

/** `Prefer: wait=30`: a wish, so more than 60 s is 60 s, and nonsense is nothing. */
export function preferredWait({ headers }: Asked): number {
  const { prefer } = headers;
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '');
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(text)?.[1];
  return seconds === undefined ? 0 : Math.min(Number(seconds) * 1_000, MOST_WAIT_MS);
}

/** How long a write may take: then it is not known what became of it. */
const WRITE_MS = 10_000;

/**
 * Waits for a write. Without ZooKeeper the client goes on trying after this, so the caller is told that it may have happened, or
 * may happen yet.
 */
export async function written<T>(
  { runtime }: Pick<ApiContext, 'runtime'>,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(runtime, WRITE_MS, (signal) => unlessAborted(act(signal), signal));
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new ApiError(
      'unknown-outcome',
      `ZooKeeper did not answer within ${WRITE_MS / 1_000} s: it may have happened, or may happen yet; look before you repeat it. ` +
        'A request with an Idempotency-Key, and a PUT, may be repeated as they are',
    );
  }
}
