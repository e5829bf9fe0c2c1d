import type { BackfillOptions, ScheduleInput, ScheduleView } from '@drover/client';
import { ScheduleNotFoundError } from '@drover/client';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { askedBy, flag, mustSee, param } from './asked.js';
import { pageOf, queueOfSchedule, seesSchedule } from './definitions.js';
import type { Answer, Asked, Handlers } from './handler.js';

type Overlap = NonNullable<ScheduleInput['overlap']>;

/** Schedules and calendars. */
export const scheduleHandlers: Handlers = {
  listSchedules: async (asked, { drover }) => {
    const labels = labelsOf(asked.query.labels as string | undefined);
    const all = await drover.schedules.list({ labels });
    const seen = all.filter((schedule) => seesSchedule(asked.caller, schedule));
    return pageOf(seen, asked, JSON.stringify(labels));
  },
  getSchedule: async (asked, context) => ({ status: 200, json: await seen(asked, context) }),
  putSchedule,
  deleteSchedule: async (asked, context) => {
    const { name } = await seen(asked, context);
    await context.drover.schedules.remove(name, { ...askedBy(asked), cancel: flag(asked, 'cancel') });
    return { status: 200, json: { name } };
  },
  previewSchedule: async (asked, { drover }) => {
    const { spec, ...options } = asked.body as {
      spec: ScheduleInput;
      name?: string;
      from?: string | number;
      count?: number;
    };
    const { when, spread, jitter } = spec;
    return { status: 200, json: { items: await drover.schedules.preview({ when, spread, jitter }, options) } };
  },
  pauseSchedule: (asked, context) => paused(asked, context, 'pause'),
  resumeSchedule: (asked, context) => paused(asked, context, 'resume'),
  triggerSchedule: async (asked, context) => {
    const { name } = await seen(asked, context);
    const { overlap } = asked.body as { overlap?: Overlap };
    const options = { ...askedBy(asked), ...(overlap === undefined ? {} : { overlap }) };
    return { status: 200, json: await context.drover.schedules.trigger(name, options) };
  },
  backfillSchedule,
  deleteBackfill: async (asked, context) => {
    const { name } = await seen(asked, context);
    const options = { ...askedBy(asked), cancel: flag(asked, 'cancel') };
    await context.drover.schedules.removeBackfill(name, param(asked, 'id'), options);
    return { status: 200, json: { name } };
  },
  listCalendars: async (_asked, { drover }) => {
    const items = await drover.calendars.list();
    return { status: 200, json: { items, next: null, revision: null, complete: true, total: items.length } };
  },
};

/** One that the caller may not see is not there. Throws `ScheduleNotFoundError`. */
async function seen(asked: Asked, { drover }: ApiContext): Promise<ScheduleView> {
  const name = param(asked, 'name');
  const schedule = await drover.schedules.get(name);
  if (!seesSchedule(asked.caller, schedule)) throw new ScheduleNotFoundError(name);
  return schedule;
}

/** Neither a schedule of another queue is changed nor one made for another queue. */
async function putSchedule(asked: Asked, { drover }: ApiContext): Promise<Answer> {
  const name = param(asked, 'name');
  const { spec, ifRevision } = asked.body as { spec: ScheduleInput; ifRevision?: number };
  mustSee(asked.caller, queueOfSchedule(spec));
  if (asked.caller.queues !== null) {
    const before = (await drover.schedules.list()).find((schedule) => schedule.name === name);
    if (before !== undefined) mustSee(asked.caller, queueOfSchedule(before.spec));
  }
  const options = { ...askedBy(asked), ...(ifRevision === undefined ? {} : { ifRevision }) };
  return { status: 200, json: await drover.schedules.set(name, spec, options) };
}

async function paused(asked: Asked, context: ApiContext, action: 'pause' | 'resume'): Promise<Answer> {
  const { name } = await seen(asked, context);
  const { by, reason } = askedBy(asked);
  await context.drover.schedules[action](name, reason, { by });
  return { status: 200, json: await seen(asked, context) };
}

async function backfillSchedule(asked: Asked, context: ApiContext): Promise<Answer> {
  const { name } = await seen(asked, context);
  const { dryRun = false, reason: _reason, ...rest } = asked.body as BackfillOptions;
  const options = { ...rest, ...askedBy(asked) };
  const { schedules } = context.drover;
  if (dryRun) return { status: 200, json: await schedules.backfill(name, { ...rest, dryRun: true }) };
  return { status: 201, json: await schedules.backfill(name, options) };
}

/** `team=mail,env=prod`. Throws `ApiError`. */
function labelsOf(given: string | undefined): Record<string, string> {
  if (given === undefined || given === '') return {};
  const pairs = given.split(',').map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
  if (pairs.includes(null))
    throw new ApiError(
      'invalid-argument',
      `labels: expected name=value[,name=value...], got ${JSON.stringify(given)}`,
      {
        field: 'labels',
      },
    );
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}
