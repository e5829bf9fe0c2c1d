import { preview } from '@drover/calendar';
import { startedOf, type FireStarts, type ScheduleViewRecord, type Started } from '@drover/protocol';
import { backfillsOf } from './backfills.js';
import type { Book } from './book.js';
import { idOf, type Fire } from './fires.js';
import type { Schedule } from './schedule.js';
import { aim, reckoningOf } from './times.js';

/** Fires that a view names, of those that wait and of those that run. */
const SHOWN = 100;
const NEXT = 10;

/** A schedule as it is shown. `null`: there is none of this name. */
export function viewOf(book: Book, name: string): ScheduleViewRecord | null {
  const schedule = book.names.get(name);
  if (schedule === undefined) return null;
  const { record, state, broken } = schedule;
  const { revision, spec, changedBy, since } = record;
  const { fired, skipped, missed, excluded, failed, last, more = {} } = state;
  const all = [...book.fires.of(name), ...book.fires.backfilled(name)];
  const fires = all.filter(({ n, superseded }) => n > since && !superseded);
  return {
    ...{ name, revision, spec: spec as unknown as Record<string, unknown>, changedBy },
    ...{ paused: more.paused ?? null, endedAt: more.endedAt ?? null, broken },
    next: nextOf(book, schedule),
    last: last === null ? null : { nominal: last[0], due: last[1], ...shown(startedOf(last[2])) },
    ...{ fired, skipped, missed, excluded, failed },
    running: fires
      .filter(({ released }) => released)
      .map(viewOfFire)
      .slice(0, SHOWN),
    waiting: fires
      .filter(({ released }) => !released)
      .map(viewOfFire)
      .slice(0, SHOWN),
    reasons: more.reasons ?? {},
    backfills: backfillsOf(state).map((each) => ({ ...each, running: book.fires.ofBackfill(name, each.id).size })),
  };
}

const viewOfFire = (fire: Fire): ScheduleViewRecord['running'][number] => {
  const { nominal, due, kind, starts } = fire;
  return { ...shown({ starts, id: idOf(fire) }), nominal, due, kind };
};

const shown = ({ starts, id }: Started): { task: string; starts?: FireStarts } =>
  starts === 'task' ? { task: id } : { task: id, starts };

/** The one that is stored first: it is the one that will fire. */
function nextOf(book: Book, schedule: Schedule): { nominal: number; due: number }[] {
  const { state, name } = schedule;
  if (!schedule.isLive || state.next === null || state.due === null) return [];
  const first = { nominal: state.next, due: state.due };
  const { spread = 0, jitter = 0, when } = schedule.record.spec;
  try {
    const calendar = book.times.of(name, when);
    if (calendar.afterEnd) return [first];
    return [first, ...preview(calendar, { name, spread, jitter, after: state.next, count: NEXT - 1 })];
  } catch {
    return [first];
  }
}

/**
 * The next time of schedules that exclude a named calendar, reckoned anew: for a new leader, and when a calendar has
 * changed. The time of their next fire is written with them. `calendar`: `null` for any.
 */
export function reaim(book: Book, calendar: string | null, now: number): void {
  const mark = calendar === null ? '{"calendar":' : `{"calendar":${JSON.stringify(calendar)}}`;
  for (const page of book.pages.values()) {
    if (page.broken !== null) continue;
    for (const schedule of page.schedules.values()) if (schedule.line.includes(mark)) aimAnew(book, schedule, now);
    book.refresh(page);
  }
}

/** Schedules of one turn, about: a turn must not take long. */
const ANEW = 1_000;

/**
 * Next times that another leader reckoned by other zone data, reckoned anew: some of them, call it until nothing is stale. The mark
 * stays, so no time is fired twice. A time that was the next one and does not exist any more is not fired.
 */
export function reckonStale(book: Book, now: number): void {
  let done = 0;
  for (const page of book.stale) {
    if (page.locked) continue;
    if (done >= ANEW) return;
    done += page.schedules.size;
    for (const schedule of page.schedules.values()) if (schedule.line.includes('"tz":')) aimAnew(book, schedule, now);
    page.tz = book.options.zoneData.version;
    book.stale.delete(page);
    book.dirty.add(page);
    book.refresh(page);
  }
}

function aimAnew(book: Book, schedule: Schedule, now: number): void {
  const { state } = schedule;
  if (state.more?.paused !== undefined || state.more?.endedAt !== undefined || state.next === null) return;
  try {
    schedule.broken = null;
    const reckoning = reckoningOf(book.times, schedule, schedule.record.spec);
    if (!reckoning.calendar.afterEnd) schedule.state = aim(state, reckoning, now, null);
  } catch (error) {
    schedule.broken = (error as Error).message;
    book.told.push({ event: 'broken', schedule: schedule.name, reason: schedule.broken });
  }
}
