import { schemas, type Questions, type RunAnswer } from '@drover/api';
import { RunNotFoundError, type RunReply } from '@drover/client';
import { readRunHeader, readStoredRun, type StoredRun } from '@drover/inspect';
import { DEFAULT_QUEUE } from '@drover/core';
import { may, scopeOf, sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { askedBy, param, queuesIn, statesIn } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { isOfSeenQueue, planOf, withoutInputs } from './plans.js';

/** Runs of flows. A run belongs to its queue: a caller learns nothing of runs of queues that it may not see. */
export const flowHandlers: Handlers = {
  listRuns,
  getRun: async (asked, context) => ({
    status: 200,
    json: await shownRun(await seenRun(asked, context), asked, context),
  }),
  getPlan: async (asked, context) => {
    const { plan: hash } = await seenHeader(asked, context);
    const plan = await planOf(hash, context);
    return { status: 200, json: may(asked.caller, 'see-payloads') ? plan : withoutInputs(plan) };
  },
  signalRun: (asked, context) =>
    change(asked, context, (run) => {
      const { step, answer, payload } = asked.body as { step: string; answer?: string; payload?: unknown };
      const given = { ...(answer !== undefined && { answer }), ...(payload !== undefined && { payload }) };
      return context.drover.runs.signal(run, step, { ...askedBy(asked), ...given });
    }),
  cancelRun: (asked, context) =>
    change(asked, context, (run) => {
      const { force = false } = asked.body as { force?: boolean };
      return onlyOf(context.drover.runs.cancel([run], { ...askedBy(asked), force }));
    }),
  retryRun: (asked, context) =>
    change(asked, context, (run) => {
      const { from } = asked.body as { from?: string };
      return onlyOf(context.drover.runs.retry([run], { ...askedBy(asked), ...(from !== undefined && { from }) }));
    }),
};

interface ListQuery {
  flow?: string;
  state?: string;
  queue?: string;
  limit: number;
  cursor?: string;
}

async function listRuns(asked: Asked, context: ApiContext): Promise<Answer> {
  const { query, caller } = asked;
  const { flow = null, state, queue, limit, cursor } = query as unknown as ListQuery;
  const list = ['runs', flow, state ?? null, queue ?? null, scopeOf(caller)];
  const place = readCursor(cursor, list)?.[0] ?? null;
  const ask: Questions['runs']['ask'] = {
    ...{ flow, states: statesIn(asked, schemas.RUN_STATES), queues: queuesIn(asked) },
    ...{ limit, after: typeof place === 'string' ? place : null },
    counts: place === null && caller.queues === null,
  };
  const { runs, next, counts } = await context.askLeader('runs', ask);
  const json = {
    ...{ items: runs, next: next === null ? null : cursorOf(list, [next]) },
    // It looks at some thousand runs at most: there may be more behind a page that is not full.
    complete: next === null || runs.length === limit,
    revision: context.live.revisionFor(caller),
    ...(counts === null ? {} : { counts }),
  };
  return { status: 200, json };
}

/** A run that the caller may not see is not there. Without a leader, and for a moment after its start, as its znodes tell it. */
export async function seenRun(asked: Asked, context: ApiContext): Promise<RunAnswer> {
  const run = param(asked, 'run');
  const found = await told(run, context);
  if (found === null || !sees(asked.caller, found.queue)) throw new RunNotFoundError(run);
  return found;
}

/** The leader cannot be asked. */
const UNTOLD: ReadonlySet<string> = new Set(['no-leader', 'leader-unreachable']);

async function told(run: string, context: ApiContext): Promise<RunAnswer | null> {
  let state: 'pending' | 'unknown' = 'pending';
  try {
    const found = await context.askLeader('run', { run });
    if (found !== 'unknown') return found;
  } catch (error) {
    if (!(error instanceof ApiError) || !UNTOLD.has(error.code)) throw error;
    state = 'unknown';
  }
  const stored = await context.stored(context.zk().then((zk) => readStoredRun(zk, run)));
  return stored === null ? null : viewOf(stored, state);
}

function viewOf({ end, ...run }: StoredRun, otherwise: 'pending' | 'unknown'): RunAnswer {
  const reason = end?.reason ?? null;
  return {
    ...{ ...run, state: end?.state ?? otherwise },
    ...(reason === null ? {} : { reason }),
    ...{ endedAt: end?.at ?? null, steps: {} },
  };
}

/** The part of a run that never changes: no leader is needed for it. Throws `RunNotFoundError`. */
export async function seenHeader(
  asked: Asked,
  context: ApiContext,
): Promise<{ run: string; queue: string; plan: string }> {
  const run = param(asked, 'run');
  const found = await context.stored(context.zk().then((zk) => readRunHeader(zk, run)));
  const { queue = DEFAULT_QUEUE, plan = '' } = found?.header ?? {};
  if (found === null || !sees(asked.caller, queue)) throw new RunNotFoundError(run);
  return { run, queue, plan };
}

/** Steps may have queues of their own: of those that the caller may not see, their tasks and reasons are left out. */
async function shownRun(run: RunAnswer, { caller }: Asked, context: ApiContext): Promise<RunAnswer> {
  if (caller.queues === null) return run;
  return { ...run, steps: await shownSteps(run.steps, run.plan, caller, context) };
}

export async function shownSteps(
  steps: RunAnswer['steps'],
  hash: string,
  caller: Caller,
  context: ApiContext,
): Promise<RunAnswer['steps']> {
  const plan = await planOf(hash, context);
  const shown = Object.entries(steps).map(([name, step]) => {
    const { reason: _reason, ...rest } = step;
    return [name, isOfSeenQueue(plan, name, caller) ? step : { ...rest, tasks: [] }] as const;
  });
  return Object.fromEntries(shown);
}

/** The leader is asked by ZooKeeper, as for all changes. */
async function change(asked: Asked, context: ApiContext, act: (run: string) => Promise<RunReply>): Promise<Answer> {
  const run = param(asked, 'run');
  if (asked.caller.queues !== null) await seenHeader(asked, context);
  const { ok, state, code, message = 'the leader gave no reason' } = await act(run);
  const stands = state === undefined ? {} : { state };
  if (ok) return { status: 200, json: { run, ok, ...stands } };
  if (code === 'unknown-run') throw new RunNotFoundError(run);
  const field = FIELDS[code ?? ''];
  if (field !== undefined) throw new ApiError('invalid-argument', message, { field, refusal: code });
  throw new ApiError('conflict', message, { ...stands, refusal: code });
}

/** The arguments that the leader refuses, by its codes. */
const FIELDS: Readonly<Record<string, string>> = { 'unknown-step': 'step', 'unknown-answer': 'answer' };

async function onlyOf(replies: Promise<RunReply[]>): Promise<RunReply> {
  const [reply] = await replies;
  return reply ?? { run: '', ok: false };
}
