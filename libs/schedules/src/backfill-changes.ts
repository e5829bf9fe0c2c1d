import {
  isoTime,
  type BackfillOrder,
  type BackfillRedo,
  type ChangeRecord,
  type ScheduleReplyRecord,
} from '@drover/protocol';
import type { Book } from './book.js';
import { isExhausted, nextPart, type Backfill } from './backfill.js';
import { backfillsOf, isOpen, keptOf, skipsOf } from './backfills.js';
import { PageDraft, type Page } from './page.js';
import { withMore, type Schedule } from './schedule.js';
import { DRY_RUN_TIMES, MAX_STATES_BYTES, OPEN_BACKFILLS } from './settings.js';
import { reckoningOf } from './times.js';

/** A back-fill that somebody asks for: times from `from` on and before `to` (default: now), in milliseconds since 1970. */
export interface GivenBackfill {
  readonly name: string;
  readonly from: number;
  readonly to?: number | undefined;
  readonly parallel: number;
  readonly order: BackfillOrder;
  readonly redo: BackfillRedo;
}

type Refused = { ok: false } & ScheduleReplyRecord;
/** `draft`: `null` where nothing is to be written, because it was done before. */
export type BackfillAdded = { ok: true; backfill: Backfill; draft: PageDraft | null } | Refused;

const refused = (name: string, message: string, code?: string): Refused => ({
  ...{ name, ok: false, message },
  ...(code === undefined ? {} : { code }),
});

/** Makes a back-fill. `id`: of the command; one that is asked for again by the same command is not made again. */
export function addBackfill(book: Book, given: GivenBackfill, id: string, asked: ChangeRecord): BackfillAdded {
  const { name } = given;
  const made = backfillsOf(book.names.get(name)?.state ?? {}).find((each) => each.id === id);
  if (made !== undefined) return { ok: true, backfill: made, draft: null };
  const planned = planBackfill(book, given, id, asked);
  if (!planned.ok) return planned;
  const { backfill, schedule, page } = planned;
  const others = backfillsOf(schedule.state);
  if (others.filter(isOpen).length >= OPEN_BACKFILLS)
    return refused(name, `${OPEN_BACKFILLS} back-fills of it have not ended; wait for one, or remove one`, 'busy');
  const draft = new PageDraft(page);
  draft.setState(schedule.slot, withMore(schedule.state, { backfills: [...others, { ...backfill }] }));
  if (draft.states.length > MAX_STATES_BYTES)
    return refused(name, 'too many back-fills of it and of schedules beside it have not ended; wait for one', 'busy');
  return { ok: true, backfill, draft };
}

/** The times that a back-fill would make, part by part: `cursor` is where the next part begins, `null` at the end. */
export function tryBackfill(
  book: Book,
  given: GivenBackfill,
  now: number,
): { ok: true; times: number[]; cursor: number | null } | Refused {
  const planned = planBackfill(book, given, '', { at: now });
  if (!planned.ok) return planned;
  const { backfill, schedule } = planned;
  const { calendar } = reckoningOf(book.times, schedule, schedule.record.spec);
  const { times, cursor } = nextPart(backfill, calendar, skipsOf(book, given.name, backfill), DRY_RUN_TIMES);
  return { ok: true, times: [...times], cursor: isExhausted({ ...backfill, cursor }) ? null : cursor };
}

type Planned = { ok: true; backfill: Backfill; schedule: Schedule; page: Page } | Refused;

function planBackfill(book: Book, given: GivenBackfill, id: string, asked: ChangeRecord): Planned {
  const { name, from, parallel, order, redo } = given;
  const schedule = book.names.get(name);
  const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
  if (schedule === undefined || page === undefined) return refused(name, `no schedule named '${name}'`, 'unknown');
  if (schedule.broken !== null) return refused(name, `it stands still: ${schedule.broken}`);
  const until = given.to ?? asked.at;
  if (until > asked.at)
    return refused(
      name,
      `to: expected an instant that is over, got ${isoTime(until)}; later times fire by themselves`,
      'invalid',
    );
  // The next time is the schedule's own to fire, and so are those after it.
  const to = Math.min(until, schedule.state.next ?? until);
  try {
    const { calendar } = reckoningOf(book.times, schedule, schedule.record.spec);
    if (calendar.afterEnd)
      return refused(name, 'everyAfter names no times of the past that could be made again', 'invalid');
    const first = calendar.next(from - 1);
    if (from >= to || first === null || first >= to)
      return refused(name, `it has no time from ${isoTime(from)} on and before ${isoTime(until)}`, 'invalid');
  } catch (error) {
    return refused(name, (error as Error).message, 'invalid');
  }
  const unknown = whyUnknown(book, schedule, given);
  if (unknown !== null) return refused(name, unknown, 'invalid');
  const cursor = order === 'oldest' ? from : to;
  const backfill = { id, from, to, cursor, parallel, order, redo, fired: 0, skipped: 0, asked };
  return { ok: true, backfill, schedule, page };
}

/** Times before fires that are not kept any more: nobody knows which of them are missing. */
function whyUnknown(book: Book, { name, record, state }: Schedule, { from, redo }: GivenBackfill): string | null {
  if (redo === 'all') return null;
  const knownFrom = keptOf(book, name).knownFrom(record.since, state.seq);
  if (from >= knownFrom) return null;
  const since = knownFrom === Infinity ? '' : ` before ${isoTime(knownFrom)}`;
  const instead = knownFrom === Infinity ? '' : `from: ${isoTime(knownFrom)} or later, or `;
  return (
    `some of its fires${since} are not kept any more, so nobody knows which times are ${redo}; give ${instead}` +
    "redo: 'all', which makes each time anew"
  );
}

/** Ends a back-fill: it makes no more tasks. Those that run go on. */
export function removeBackfill(book: Book, name: string, id: string): { ok: true; draft: PageDraft } | Refused {
  const schedule = book.names.get(name);
  const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
  if (schedule === undefined || page === undefined) return refused(name, `no schedule named '${name}'`, 'unknown');
  if (page.broken !== null) return refused(name, `page ${page.id} is left alone: ${page.broken}`);
  const others = backfillsOf(schedule.state);
  const left = others.filter((each) => each.id !== id);
  if (left.length === others.length) return refused(name, `it has no back-fill '${id}'`, 'invalid');
  const draft = new PageDraft(page);
  draft.setState(schedule.slot, withMore(schedule.state, { backfills: left.length === 0 ? undefined : left }));
  return { ok: true, draft };
}

/** Asks for the cancel of the tasks of a back-fill that have not ended. */
export function cancelBackfill(book: Book, name: string, id: string): void {
  for (const fire of book.fires.ofBackfill(name, id))
    book.asks.push({ kind: 'cancel', fire, reason: `back-fill ${id} of schedule ${name} was removed` });
}
