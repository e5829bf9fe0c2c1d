import type {
  Applied,
  AskOptions,
  BackfillOptions,
  BackfillView,
  Calendars,
  CalendarView,
  ScheduleReply,
  Schedules,
  ScheduleSummary,
  ScheduleView,
} from '@drover/client';
import type { ApiClient } from './api-client.js';

const PAGE = 500;
const reasonOf = ({ reason }: AskOptions): { reason?: string } => (reason === undefined ? {} : { reason });
const flag = (on: boolean | undefined): number | undefined => (on === true ? 1 : undefined);

/** `drover.schedules` by the API. */
export function apiSchedules(api: ApiClient): Schedules {
  const list: Schedules['list'] = async ({ labels = {} } = {}) => {
    const all = await api.all<ScheduleSummary>('listSchedules', { query: { limit: PAGE } });
    return all.filter(({ spec }) => Object.entries(labels).every(([name, value]) => spec.labels?.[name] === value));
  };
  const get: Schedules['get'] = (name) => api.get<ScheduleView>('getSchedule', { params: { name } });
  const set: Schedules['set'] = (name, spec, { ifRevision, ...asked } = {}) =>
    api.get<ScheduleReply>('putSchedule', {
      params: { name },
      body: { spec, ...(ifRevision === undefined ? {} : { ifRevision }), ...reasonOf(asked) },
    });
  const remove: Schedules['remove'] = async (name, { cancel, ...asked } = {}) => {
    await api.call('deleteSchedule', { params: { name }, query: { cancel: flag(cancel), ...reasonOf(asked) } });
  };
  const act = async (route: string, name: string, reason: string | undefined): Promise<void> => {
    await api.call(route, { params: { name }, body: reason === undefined ? {} : { reason } });
  };
  return {
    list,
    get,
    set,
    remove,
    pause: (name, reason) => act('pauseSchedule', name, reason),
    resume: (name, reason) => act('resumeSchedule', name, reason),
    trigger: (name, { overlap, ...asked } = {}) =>
      api.get('triggerSchedule', {
        params: { name },
        body: { ...reasonOf(asked), ...(overlap === undefined ? {} : { overlap }) },
      }),
    reset: async (name, { mark, ...asked }) => {
      await api.call('resetSchedule', { params: { name }, body: { mark, ...reasonOf(asked) } });
    },
    backfill: ((name: string, options: BackfillOptions) => backfill(api, name, options)) as Schedules['backfill'],
    backfills: async (name) => (await get(name)).backfills,
    removeBackfill: async (name, id, { cancel, ...asked } = {}) => {
      const query = { cancel: flag(cancel), ...reasonOf(asked) };
      await api.call('deleteBackfill', { params: { name, id }, query });
    },
    preview: async (spec, options = {}) => {
      const { from, ...others } = options;
      const body = { spec, ...others, ...(from === undefined ? {} : { from: textOf(from) }) };
      return (await api.get<{ items: Awaited<ReturnType<Schedules['preview']>> }>('previewSchedule', { body })).items;
    },
    export: async (options = {}) => (await list(options)).map(({ name, spec }) => ({ name, ...spec })),
    apply: (schedules, { dryRun, prune, ...asked } = {}) => {
      const how = { ...(dryRun === undefined ? {} : { dryRun }), ...(prune === undefined ? {} : { prune }) };
      const body = { schedules: [...schedules], ...how, ...reasonOf(asked) };
      return api.get<Applied>('applySchedules', { body });
    },
  };
}

async function backfill(
  api: ApiClient,
  name: string,
  options: BackfillOptions,
): Promise<BackfillView | { times: string[] }> {
  const { by: _, from, to, ...others } = options;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const body = { ...given, from: textOf(from), ...(to === undefined ? {} : { to: textOf(to) }) };
  return api.get('backfillSchedule', { params: { name }, body });
}

const textOf = (at: string | number | Date): string | number => (at instanceof Date ? at.getTime() : at);

/** `drover.calendars` by the API. */
export function apiCalendars(api: ApiClient): Calendars {
  return {
    list: () => api.all<CalendarView>('listCalendars'),
    set: async (name, dates, asked = {}) => {
      await api.call('putCalendar', { params: { name }, body: { dates: [...dates], ...reasonOf(asked) } });
    },
    remove: async (name, { force, ...asked } = {}) => {
      await api.call('deleteCalendar', { params: { name }, query: { force: flag(force), ...reasonOf(asked) } });
    },
  };
}
