import { schemas, type GroupAnswer, type Questions } from '@drover/api';
import { RunNotFoundError, type GroupOptions, type StartOptions } from '@drover/client';
import { DEFAULT_QUEUE, InvalidArgumentError } from '@drover/core';
import { scopeOf, sees } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { checked } from '../server/validate.js';
import { jsonLines } from '../submit/ndjson.js';
import { askedBy, mustSee, mustShareNoKey, param, queuesIn, statesIn, written } from './asked.js';
import { seenHeader, shownSteps } from './flows.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { planOf } from './plans.js';
import { startedOnce } from './request-of.js';
import { answerOf, isStream } from './start-run.js';

/** Groups are runs that take tasks while they are open. All that holds for runs holds for them. */
export const groupHandlers: Handlers = {
  listGroups,
  getGroup: async (asked, context) => {
    const run = param(asked, 'run');
    const group = await context.askLeader('group', { run });
    if (group === 'unknown' || !sees(asked.caller, group.queue)) throw noGroup(run);
    return { status: 200, json: await shownGroup(group, asked, context) };
  },
  openGroup: async (asked, context) => {
    const {
      type,
      onEnd,
      onSuccess,
      onFirstFailure,
      types,
      by: _by,
      request: _request,
      ...rest
    } = asked.body as GroupInput;
    const options: StartOptions = { ...rest, ...askedBy(asked) };
    const { queue = DEFAULT_QUEUE } = options;
    if (typeof queue !== 'string') throw new InvalidArgumentError('queue', queue, 'the name of a queue');
    mustSee(asked.caller, queue);
    mustShareNoKey(asked.caller, options.unique, 'the key of a run');
    const callbacks = { onEnd, onSuccess, onFirstFailure, ...(types === undefined ? {} : { types }) };
    const group = await startedOnce(asked, context, (once) =>
      context.drover.group(type, callbacks, { ...options, ...once }),
    );
    return answerOf(group.run, { name: `group-${type}` });
  },
  addToGroup: async (asked, context) => {
    const { run } = await seenGroup(asked, context);
    if (asked.headers['idempotency-key'] !== undefined)
      throw new ApiError(
        'invalid-argument',
        'tasks of a group take no Idempotency-Key: look at its counts before you add them again',
        {
          field: 'Idempotency-Key',
        },
      );
    const { body } = asked;
    const added = isStream(body)
      ? await addAll(context, run, tasksOf(body))
      : await written(context, () => addAll(context, run, (body as { tasks: GroupTask[] }).tasks));
    return { status: 200, json: { run, added }, audit: { object: run, count: added } };
  },
  closeGroup: async (asked, context) => {
    const { run } = await seenGroup(asked, context);
    await context.drover.openGroup(run).close(askedBy(asked));
    return { status: 200, json: { run, ok: true } };
  },
};

type GroupInput = { type: string } & GroupOptions & StartOptions & { types?: string[] };

/** Tasks that are written together. */
const TOGETHER = 5_000;

interface GroupTask {
  payload?: unknown;
  type?: string | undefined;
}

async function listGroups(asked: Asked, context: ApiContext): Promise<Answer> {
  const { query, caller } = asked;
  const { state, queue, limit, cursor } = query as { state?: string; queue?: string; limit: number; cursor?: string };
  const list = ['groups', state ?? null, queue ?? null, scopeOf(caller)];
  const place = readCursor(cursor, list)?.[0] ?? null;
  const ask: Questions['groups']['ask'] = {
    ...{ flow: null, states: statesIn(asked, schemas.RUN_STATES), queues: queuesIn(asked) },
    ...{ limit, after: typeof place === 'string' ? place : null, counts: false },
  };
  const { groups, next } = await context.askLeader('groups', ask);
  const json = {
    ...{ items: groups, next: next === null ? null : cursorOf(list, [next]) },
    complete: next === null || groups.length === limit,
    revision: context.live.revisionFor(caller),
  };
  return { status: 200, json };
}

async function shownGroup(group: GroupAnswer, asked: Asked, context: ApiContext): Promise<GroupAnswer> {
  if (asked.caller.queues === null) return group;
  const { plan } = await seenHeader(asked, context);
  return { ...group, callbacks: await shownSteps(group.callbacks, plan, asked.caller, context) };
}

/** Throws `ApiError` where it is no group, or of a queue that the caller may not see. */
async function seenGroup(asked: Asked, context: ApiContext): Promise<{ run: string }> {
  const run = param(asked, 'run');
  try {
    const { plan: hash } = await seenHeader(asked, context);
    const plan = await planOf(hash, context);
    const isGroup = Object.values(plan.steps).some((step) => step.kind === 'map' && 'open' in step.items);
    if (isGroup) return { run };
  } catch (error) {
    if (!(error instanceof RunNotFoundError)) throw error;
  }
  throw noGroup(run);
}

async function* tasksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<GroupTask> {
  for await (const { line, value } of jsonLines(body)) yield checked(schemas.groupTask, value, `line ${line}`);
}

async function addAll(
  { drover }: ApiContext,
  run: string,
  tasks: Iterable<GroupTask> | AsyncIterable<GroupTask>,
): Promise<number> {
  const group = drover.openGroup(run);
  let added = 0;
  let same: GroupTask[] = [];
  const add = async (): Promise<void> => {
    const type = same[0]?.type;
    const payloads = same.map(({ payload = null }) => payload);
    added += await group.submitMany(payloads, type === undefined ? {} : { type });
    same = [];
  };
  // Tasks of one type that follow each other are written together.
  for await (const task of tasks) {
    if (same.length > 0 && (same[0]?.type !== task.type || same.length >= TOGETHER)) await add();
    same.push(task);
  }
  if (same.length > 0) await add();
  return added;
}

const noGroup = (run: string): ApiError =>
  new ApiError('group-not-found', `there is no group ${run}: it was never opened, or retention has removed it`);
