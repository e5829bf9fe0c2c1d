import {
  calendarPath,
  decodeRecord,
  decodeSchedules,
  decodeScheduleStates,
  ROOTS,
  scheduleStatePath,
  schedulesPath,
  startedOf,
  type ScheduleRecord,
  type ScheduleStateRecord,
  type Started as StartedRecord,
} from '@drover/protocol';
import type { Log } from '@drover/observability';
import { messageOf } from '@drover/runtime';
import type { Change } from '@drover/inspect';
import { nullOn, type ZooKeeper, type Znode } from '@drover/zookeeper';
import type { CalendarView, ScheduleInput, ScheduleSummary, Started } from './api.js';
import { fireTime } from './preview.js';

/** Pages that are read at a time. */
const AT_ONCE = 16;

/** Every schedule that can be read, by name. A page that cannot is logged and left out. */
export async function readSchedules(zk: ZooKeeper, log: Log): Promise<ScheduleSummary[]> {
  const pages = (await nullOn(zk.children(ROOTS.schedules), 'NO_NODE')) ?? [];
  const found: ScheduleSummary[] = [];
  for (let from = 0; from < pages.length; from += AT_ONCE) {
    const some = pages.slice(from, from + AT_ONCE);
    for (const page of await Promise.all(some.map((id) => readPage(zk, id, log)))) found.push(...page);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Page and state may change between the two reads: then they are read again. */
async function readPage(zk: ZooKeeper, id: string, log: Log): Promise<ScheduleSummary[]> {
  const path = schedulesPath(id);
  for (let tries = 0; tries < 5; tries++) {
    const [page, state] = await Promise.all([read(zk, path), read(zk, scheduleStatePath(id))]);
    if (page === null || state === null) return [];
    const again = await read(zk, path);
    if (again?.stat.mzxid !== page.stat.mzxid) continue;
    try {
      return summaries(
        decodeSchedules(path, page.data),
        decodeScheduleStates(scheduleStatePath(id), state.data).states,
      );
    } catch (error) {
      log.event('record.invalid', { path, reason: messageOf(error) });
      return [];
    }
  }
  return [];
}

const read = (zk: ZooKeeper, path: string): Promise<Znode | null> => nullOn(zk.get(path), 'NO_NODE');

function summaries(records: readonly ScheduleRecord[], states: readonly ScheduleStateRecord[]): ScheduleSummary[] {
  const bySlot = new Map(states.map((state) => [state.slot, state]));
  return records.flatMap((record) => {
    const state = bySlot.get(record.slot);
    return state === undefined ? [] : [summary(record, state)];
  });
}

function summary({ name, revision, spec, changedBy }: ScheduleRecord, state: ScheduleStateRecord): ScheduleSummary {
  const { next, due, last, fired, skipped, missed, excluded, failed, more = {} } = state;
  return {
    ...{ name, revision, spec: spec as unknown as ScheduleInput, changedBy: toChange(changedBy) },
    ...{ paused: more.paused === undefined ? null : toChange(more.paused), endedAt: more.endedAt ?? null },
    next: next === null || due === null ? [] : [fireTime({ nominal: next, due })],
    last: last === null ? null : { ...fireTime({ nominal: last[0], due: last[1] }), ...toStarted(startedOf(last[2])) },
    ...{ fired, skipped, missed, excluded, failed },
    reasons: reasonsOf(more.reasons),
  };
}

export const toStarted = ({ starts, id }: StartedRecord): Started =>
  starts === 'task' ? { task: id } : starts === 'flow' ? { run: id } : { broadcast: id };

interface GivenChange {
  by?: string | undefined;
  reason?: string | undefined;
  at: number;
}

export const toChange = ({ by, reason, at }: GivenChange): Change => ({
  ...(by === undefined ? {} : { by }),
  ...(reason === undefined ? {} : { reason }),
  at,
});

export function reasonsOf(
  given: { skipped?: string | undefined; missed?: string | undefined; failed?: string | undefined } = {},
): ScheduleSummary['reasons'] {
  const { skipped, missed, failed } = given;
  return {
    ...(skipped === undefined ? {} : { skipped }),
    ...(missed === undefined ? {} : { missed }),
    ...(failed === undefined ? {} : { failed }),
  };
}

/** Those that can be read, by name. */
export async function readCalendars(zk: ZooKeeper, log: Log): Promise<CalendarView[]> {
  const names = (await nullOn(zk.children(ROOTS.calendars), 'NO_NODE')) ?? [];
  const views = await Promise.all(
    names.map(async (name): Promise<CalendarView | null> => {
      const path = calendarPath(name);
      const znode = await read(zk, path);
      if (znode === null) return null;
      try {
        const { dates, changedBy } = decodeRecord('calendar', path, znode.data);
        return { name, dates, changedBy: toChange(changedBy) };
      } catch (error) {
        log.event('record.invalid', { path, reason: messageOf(error) });
        return null;
      }
    }),
  );
  return views.filter((view) => view !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}
