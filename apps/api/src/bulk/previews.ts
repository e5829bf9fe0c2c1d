import { randomBytes } from 'node:crypto';
import type { schemas, TasksAnswer, TasksAsked } from '@drover/api';
import { parseFilter, type Filter } from '@drover/core';
import type * as z from 'zod';
import { principalOf, scoped, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { isActedOn, type BulkAction } from './bulk.decide.js';
import { FrozenIds } from './frozen-ids.js';

export type Preview = z.output<typeof schemas.preview>;

const GOOD_FOR_MS = 600_000;
/** Tasks of one preview, and of all that are kept. */
const MOST = 1_000_000;
const MOST_KEPT = 2_000_000;
const PAGE = 500;
const SAMPLES = 10;

/** Which tasks a run with this token changes. */
export interface Frozen {
  readonly token: string;
  readonly action: BulkAction;
  readonly filter: string;
  /** Of `retry`: where they run again; absent: where they are. */
  readonly toQueue?: string;
  readonly ids: FrozenIds;
  readonly expiresAt: number;
  readonly principal: string;
}

interface Walked {
  readonly ids: FrozenIds;
  readonly byQueue: Record<string, number>;
  readonly byType: Record<string, number>;
  exact: boolean;
}

/**
 * The first of the two steps of a bulk action. It walks over the leader's pages and notes the ids of the tasks that match now and
 * that the action can change, so that the number that a person is shown is the number of tasks that the second step is about,
 * whatever comes, goes or changes in between. The ids stay in the memory of this replica for ten minutes.
 */
export class Previews {
  readonly #kept = new Map<string, Frozen>();

  /** Throws `ApiError`, and `FilterError`. */
  async make(
    { action, filter, toQueue }: Pick<Frozen, 'action' | 'filter' | 'toQueue'>,
    caller: Caller,
    context: ApiContext,
  ): Promise<Preview> {
    const where = toQueue === undefined ? {} : { toQueue };
    const asOf = context.runtime.now();
    const { ids, byQueue, byType, exact } = await walk(scoped(parseFilter(filter), caller), action, { asOf, context });
    const token = `${context.schedulerId}.${randomBytes(16).toString('base64url')}`;
    const expiresAt = asOf + GOOD_FOR_MS;
    this.#keep({ token, action, filter, ...where, ids, expiresAt, principal: principalOf(caller) }, asOf);
    const samples = ids.slice(0, SAMPLES);
    return { token, action, filter, ...where, count: ids.length, exact, samples, byQueue, byType, asOf, expiresAt };
  }

  /** Only for the caller who made it. Throws `ApiError`. */
  take(token: string, caller: Caller, now: number): Frozen {
    const found = this.#kept.get(token);
    if (found !== undefined && found.expiresAt >= now && found.principal === principalOf(caller)) return found;
    throw new ApiError(
      'preview-expired',
      'there is no such preview here (any more): it is good for ten minutes, for the caller who made it, at the leader that made it',
    );
  }

  /** How many ids are kept. */
  get kept(): number {
    let total = 0;
    for (const { ids } of this.#kept.values()) total += ids.length;
    return total;
  }

  /** To be called now and then. */
  forgetOld(now: number): void {
    for (const [token, { expiresAt }] of this.#kept) if (expiresAt < now) this.#kept.delete(token);
  }

  #keep(frozen: Frozen, now: number): void {
    this.forgetOld(now);
    this.#kept.set(frozen.token, frozen);
    let total = this.kept;
    for (const [token, { ids }] of this.#kept) {
      if (total <= MOST_KEPT || token === frozen.token) break;
      this.#kept.delete(token);
      total -= ids.length;
    }
  }
}

async function walk(
  filter: Filter,
  action: BulkAction,
  { asOf, context }: { asOf: number; context: ApiContext },
): Promise<Walked> {
  const walked: Walked = { ids: new FrozenIds(), byQueue: {}, byType: {}, exact: true };
  let after: string | null = null;
  let token: number | null = null;
  for (;;) {
    const asked: TasksAsked = { filter, order: 'oldest', limit: PAGE, now: asOf, after, walk: token };
    const page: TasksAnswer | null = await context.ask('tasks', asked);
    if (page === null)
      throw new ApiError('no-leader', 'this replica does not lead any more; try again', { retryAfterMs: 1_000 });
    for (const { id, queue, type, state, submittedAt } of page.rows) {
      if (submittedAt > asOf || !isActedOn(action, state)) continue;
      if (walked.ids.length === MOST) return { ...walked, exact: false };
      walked.ids.add(id);
      walked.byQueue[queue] = (walked.byQueue[queue] ?? 0) + 1;
      walked.byType[type] = (walked.byType[type] ?? 0) + 1;
    }
    token = page.walk;
    if (token !== null) continue;
    if (page.next === null) return { ...walked, exact: page.complete };
    after = page.next;
  }
}
