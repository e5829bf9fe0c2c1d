import { createHash } from 'node:crypto';
import type { FlowOfFire, ScheduleInput, ScheduleSummary } from '@drover/client';
import { DEFAULT_QUEUE } from '@drover/core';
import { parsePlan } from '@drover/flow';
import { ApiError } from '../api-error.js';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { mustSee, mustShareNoKey } from './asked.js';
import type { Answer, Asked } from './handler.js';
import { planOf, queueOfStep, type Plan } from './plans.js';

/** Schedules and limits have this in common: pages by name, and the question who may see a schedule. */

export const queueOfSchedule = ({ run }: Pick<ScheduleInput, 'run'>): string =>
  typeof run.queue === 'string' ? run.queue : DEFAULT_QUEUE;

/**
 * Callers make schedules only for queues that they may act on: that of the run, and those of the steps of a flow. Throws `ApiError`,
 * and `InvalidPlanError`.
 */
export async function mustSeeRun(
  { caller }: Asked,
  { run }: Pick<ScheduleInput, 'run'>,
  context: ApiContext,
): Promise<void> {
  const queue = queueOfSchedule({ run });
  mustSee(caller, queue);
  if (run.broadcast !== undefined) mustShareNoKey(caller, run.key, 'the key of a broadcast');
  if (caller.queues === null || run.flow === undefined) return;
  const plan = await planIn(run, context);
  for (const step of Object.keys(plan.steps)) mustSee(caller, queueOfStep(plan, step) ?? queue);
}

/** That which the leader will store: of a flow that is given it is the text. */
async function planIn({ flow, plan }: FlowOfFire, context: ApiContext): Promise<Plan> {
  if (typeof flow === 'object') return parsePlan('text' in flow ? flow.text : JSON.stringify(flow));
  const hash = plan ?? '';
  return planOf(hash, context).catch(() => {
    throw new ApiError('invalid-argument', `run.plan: there is no plan '${hash}': give the flow itself`, {
      field: 'run.plan',
    });
  });
}

/** Callers see the schedules whose tasks go into queues that they see. */
export const seesSchedule = (caller: Caller, { spec }: Pick<ScheduleSummary, 'spec'>): boolean =>
  sees(caller, queueOfSchedule(spec));

/** The schedules that a caller sees, as text that changes with them. */
export async function schedulesText({ drover, stored }: ApiContext, caller: Caller): Promise<string> {
  const all = await stored(drover.schedules.list());
  return JSON.stringify(all.filter((schedule) => seesSchedule(caller, schedule)));
}

/**
 * A page of things that have names. The cursor is the last name of the page before, with the filter of that list: it stays valid
 * while others come and go. Throws `ApiError`.
 */
export function pageOf<Item extends { name: string }>(all: readonly Item[], { query }: Asked, filter = ''): Answer {
  const limit = Number(query.limit ?? 50);
  const { cursor } = query;
  const after = cursor === undefined ? null : nameIn(cursor as string, filter);
  const rest = after === null ? all : all.filter(({ name }) => name > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const next = last === undefined || rest.length <= limit ? null : cursorAt(last.name, filter);
  return { status: 200, json: { items, next, revision: null, complete: true, total: all.length } };
}

const hashOf = (filter: string): string => createHash('sha256').update(filter).digest('hex').slice(0, 8);
const cursorAt = (name: string, filter: string): string =>
  Buffer.from(JSON.stringify([1, hashOf(filter), name])).toString('base64url');

function nameIn(cursor: string, filter: string): string {
  try {
    const [version, hash, name] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (version === 1 && hash === hashOf(filter) && typeof name === 'string') return name;
  } catch {
    // As with any other text that is no cursor.
  }
  throw new ApiError(
    'invalid-cursor',
    `the cursor ${JSON.stringify(cursor.slice(0, 40))} is not of this list: begin without one`,
  );
}
