import type { ApplyOptions, BackfillOptions, Drover, NamedSchedule, ScheduleInput, ScheduleView } from '@drover/client';
import { ScheduleNotFoundError } from '@drover/client';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { askedBy, flag, mustSeeAll, param } from './asked.js';
import { mustSeeRun, pageOf, seesSchedule } from './definitions.js';
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
  resetSchedule: async (asked, context) => {
    const { name } = await seen(asked, context);
    await context.drover.schedules.reset(name, { ...askedBy(asked), mark: 'now' });
    return { status: 200, json: await seen(asked, context) };
  },
  applySchedules,
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
  putCalendar: async (asked, { drover }) => {
    const name = param(asked, 'name');
    mustSeeAll(asked.caller, `the calendar '${name}'`);
    const { dates } = asked.body as { dates: string[] };
    await drover.calendars.set(name, dates, askedBy(asked));
    return { status: 200, json: { name, dates } };
  },
  deleteCalendar: async (asked, { drover }) => {
    const name = param(asked, 'name');
    mustSeeAll(asked.caller, `the calendar '${name}'`);
    await drover.calendars.remove(name, { ...askedBy(asked), force: flag(asked, 'force') });
    return { status: 200, json: { name } };
  },
};

/** One that the caller may not see is not there. Throws `ScheduleNotFoundError`. */
async function seen(asked: Asked, { drover }: ApiContext): Promise<ScheduleView> {
  const name = param(asked, 'name');
  const schedule = await drover.schedules.get(name);
  if (!seesSchedule(asked.caller, schedule)) throw new ScheduleNotFoundError(name);
  return schedule;
}

/**
 * Neither a schedule of another queue is changed nor one made for another queue. The leader changes only what was looked at, so a
 * schedule that comes between the look and the change stays as it is.
 */
async function putSchedule(asked: Asked, context: ApiContext): Promise<Answer> {
  const { drover } = context;
  const name = param(asked, 'name');
  const { spec, ifRevision } = asked.body as { spec: ScheduleInput; ifRevision?: number };
  await mustSeeRun(asked, spec, context);
  const expected = asked.caller.queues === null ? ifRevision : await revisionSeen(asked, drover, ifRevision);
  const options = { ...askedBy(asked), ...(expected === undefined ? {} : { ifRevision: expected }) };
  return { status: 200, json: await drover.schedules.set(name, spec, options) };
}

/** The revision of the schedule that the caller may change; 0: there is none. Throws `ApiError` `conflict`. */
async function revisionSeen(asked: Asked, drover: Drover, ifRevision: number | undefined): Promise<number> {
  const name = param(asked, 'name');
  const before = (await drover.schedules.list()).find((schedule) => schedule.name === name);
  if (before === undefined) return ifRevision ?? 0;
  if (seesSchedule(asked.caller, before)) return ifRevision ?? before.revision;
  throw notYours();
}

/** Callers who are limited to queues touch no schedule of another queue, neither one that they give nor one that is there. */
async function applySchedules(asked: Asked, context: ApiContext): Promise<Answer> {
  const { drover } = context;
  const { schedules, dryRun, prune } = asked.body as Pick<ApplyOptions, 'dryRun' | 'prune'> & {
    schedules: NamedSchedule[];
  };
  const { caller } = asked;
  if (caller.queues !== null) {
    for (const schedule of schedules) await mustSeeRun(asked, schedule, context);
    const { created: _, unchanged: __, ...touched } = await drover.schedules.apply(schedules, { prune, dryRun: true });
    const names = new Set(Object.values(touched).flat());
    for (const { name, spec } of await drover.schedules.list())
      if (names.has(name) && !seesSchedule(caller, { spec })) throw notYours();
  }
  const applied = await drover.schedules.apply(schedules, { ...askedBy(asked), dryRun, prune });
  const count = applied.created.length + applied.changed.length + applied.pruned.length;
  return { status: 200, json: applied, audit: { object: 'schedules', count } };
}

/** It says neither which one nor of which queue. */
const notYours = (): ApiError =>
  new ApiError('conflict', 'a schedule that you may not see has such a name, or such labels: take others');

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
