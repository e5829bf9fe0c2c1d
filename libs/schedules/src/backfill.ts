import type { Calendar } from '@drover/calendar';
import type { BackfillRecord } from '@drover/protocol';
import { MAX_BACKFILL_WALK } from './settings.js';

export type Backfill = Readonly<BackfillRecord>;

/** Its last time is decided. */
export const isExhausted = (backfill: Pick<Backfill, 'order' | 'from' | 'to' | 'cursor'>): boolean =>
  backfill.cursor === endOf(backfill);

const endOf = ({ order, from, to }: Pick<Backfill, 'order' | 'from' | 'to'>): number =>
  order === 'oldest' ? to : from;

/** The next part of a back-fill, decided. */
export interface BackfillPart {
  /** Times that become tasks, in the order of the back-fill. */
  readonly times: readonly number[];
  readonly skipped: number;
  readonly cursor: number;
}

/**
 * The next `most` times of a back-fill, and how far that moves its cursor. `skips`: whether a time is left out. It looks at no
 * more than `MAX_BACKFILL_WALK` times, so that a range in which nothing is missing does not hold up the leader: then it
 * gives fewer, and the cursor says how far it came. A cursor at the end of the range means that there are no more.
 *
 * It depends on its arguments alone. So a leader that continues at the cursor of an earlier one decides the same times.
 */
export function nextPart(
  backfill: Backfill,
  calendar: Calendar,
  skips: (nominal: number) => boolean,
  most: number,
): BackfillPart {
  const times: number[] = [];
  let skipped = 0;
  let { cursor } = backfill;
  for (let walked = 0; walked < MAX_BACKFILL_WALK; walked++) {
    const nominal = calendar.afterEnd ? null : following({ ...backfill, cursor }, calendar);
    if (nominal === null) return { times, skipped, cursor: endOf(backfill) };
    if (times.length === most && !skips(nominal)) break;
    cursor = backfill.order === 'oldest' ? nominal + 1 : nominal;
    if (skips(nominal)) skipped++;
    else times.push(nominal);
  }
  return { times, skipped, cursor };
}

function following({ order, from, to, cursor }: Backfill, calendar: Calendar): number | null {
  if (order === 'newest') return lastBefore(calendar, from, cursor);
  const next = calendar.next(cursor - 1);
  return next === null || next >= to ? null : next;
}

const FIRST_SPAN_MS = 60_000;

/**
 * The last time from `from` on and before `to`. A calendar only goes forward: so spans that end at `to` are searched, each
 * four times as long as the one before, until one has a time in it; then halves of it, until what is left is short.
 */
function lastBefore(calendar: Calendar, from: number, to: number): number | null {
  let end = to;
  for (let span = FIRST_SPAN_MS; end > from; span *= 4) {
    const start = Math.max(from, end - span);
    const first = calendar.next(start - 1);
    if (first !== null && first < end) return lastIn(calendar, first, end);
    end = start;
  }
  return null;
}

/** `found` is a time before `end`: the last one. */
function lastIn(calendar: Calendar, found: number, end: number): number {
  let last = found;
  let high = end;
  while (high - last > 1) {
    const middle = last + Math.ceil((high - last) / 2);
    const next = calendar.next(middle - 1);
    if (next !== null && next < high) last = next;
    else high = middle;
  }
  return last;
}
