import { isExhausted } from './backfill.js';
import { backfillsOf, isOpen } from './backfills.js';
import type { Book } from './book.js';
import { idOf, nextToRelease } from './fires.js';
import { judged, type Ended } from './judge.js';
import { PageDraft, type Page } from './page.js';
import { withMore, type Schedule, type ScheduleState } from './schedule.js';
import { ENDED_BACKFILLS } from './settings.js';
import type { ScheduleSpec } from './spec.js';
import { aim, reckoningOf } from './times.js';

/** The thing that a fire started has ended, or is gone. `index`: 0 of what is no task. */
export function fireMoved(book: Book, batch: string, index: number, outcome: Ended['outcome']): void {
  const fire = book.fires.remove(batch, index);
  if (fire === undefined) return;
  const { schedule, n, nominal, kind, starts } = fire;
  const task = idOf(fire);
  book.touched.add(schedule);
  const moved = { schedule, n, nominal, kind, task, failed: outcome === 'failed' };
  if (outcome === 'gone') book.backfills.gone(moved);
  else book.backfills.moved(moved);
  if (kind === 'backfill') return book.backfills.wake(schedule);
  if (!book.names.has(schedule)) return;
  const ended = { n, outcome, starts, task };
  const others = book.ended.get(schedule);
  if (others === undefined) book.ended.set(schedule, [ended]);
  else others.push(ended);
}

/**
 * The consequences of the ends of fires: waiting ones start, ends are judged, `everyAfter` has its next time. `isSkewed`: the
 * clock is wrong, no time is reckoned from it; `touchThoseWithoutTime` makes up for it later.
 */
export function settle(book: Book, now: number, isSkewed = false): void {
  for (const name of book.touched) {
    const schedule = book.names.get(name);
    const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
    // It is touched again when its page is unlocked.
    if (page?.locked === true) continue;
    book.touched.delete(name);
    if (schedule !== undefined && page !== undefined) conclude(book, page, schedule, now, isSkewed);
    else book.ended.delete(name);
    release(book, name);
  }
}

function release(book: Book, name: string): void {
  const next = nextToRelease(book.fires.of(name));
  if (next === null) return;
  next.released = true;
  book.asks.push({ kind: 'release', fire: next });
}

function conclude(book: Book, page: Page, schedule: Schedule, now: number, isSkewed: boolean): void {
  const { spec, since } = schedule.record;
  const before = schedule.state;
  const endedAt = lastEnd(book.ended.get(schedule.name), now);
  let state = judgeAll(book, schedule, before, spec, since, now);
  if (isNewlyPaused(before, state))
    book.told.push({ event: 'paused', schedule: schedule.name, reason: state.more?.paused?.reason ?? '' });
  if (!isSkewed && state.next === null && schedule.isLive && state.more?.paused === undefined)
    state = nextAfterEnd(book, schedule, state, spec, since, { endedAt, now });
  if (book.backfills.open.has(schedule.name)) state = withEndedBackfills(book, schedule, state, now);
  if (state === before) return;
  schedule.state = state;
  if (isNews(before, state)) book.dirty.add(page);
  if (before.more?.backfills !== state.more?.backfills) book.backfills.learn(schedule.name, state);
  book.refresh(page);
}

/** A judgement that changes nothing else need not be written: the next leader judges again. */
const isNews = (before: ScheduleState, after: ScheduleState): boolean =>
  before.streak !== after.streak ||
  before.failed !== after.failed ||
  before.next !== after.next ||
  before.more?.endedAt !== after.more?.endedAt ||
  before.more?.backfills !== after.more?.backfills;

const isNewlyPaused = (before: ScheduleState, after: ScheduleState): boolean =>
  before.more?.paused === undefined && after.more?.paused !== undefined;

/** Of those that an earlier leader saw it is known when; all others ended now. */
const lastEnd = (ends: readonly Ended[] | undefined, now: number): number =>
  ends === undefined ? now : Math.min(now, Math.max(...ends.map(({ at = now }) => at)));

/** In the order of the fires: one that still runs holds up those behind it. */
function judgeAll(
  book: Book,
  schedule: Schedule,
  before: ScheduleState,
  spec: ScheduleSpec,
  since: number,
  now: number,
): ScheduleState {
  const ends = book.ended.get(schedule.name);
  if (ends === undefined) return before;
  const own = ends.filter(({ n }) => n > since).sort((a, b) => a.n - b.n);
  const first = book.fires.of(schedule.name).find(({ n }) => n > Math.max(since, before.judged))?.n ?? Infinity;
  let state = before;
  while (own[0] !== undefined && own[0].n < first) {
    state = judged(state, own[0], spec.pauseAfterFailures, now);
    own.shift();
  }
  if (own.length === 0) book.ended.delete(schedule.name);
  else book.ended.set(schedule.name, own);
  return state;
}

/** A back-fill has ended when its last task has. The last few that have are kept to be shown. */
function withEndedBackfills(book: Book, { name }: Schedule, state: ScheduleState, now: number): ScheduleState {
  const before = backfillsOf(state);
  const after = before.map((each) => {
    if (!isOpen(each) || !isExhausted(each) || book.fires.ofBackfill(name, each.id).size > 0) return each;
    const { id: backfill, fired, skipped } = each;
    book.told.push({ event: 'backfilled', schedule: name, backfill, fired, skipped });
    return { ...each, endedAt: now };
  });
  if (after.every((each, at) => each === before[at])) return state;
  const ended = after.filter((each) => !isOpen(each)).slice(-ENDED_BACKFILLS);
  return withMore(state, { backfills: after.filter((each) => isOpen(each) || ended.includes(each)) });
}

/** Of `everyAfter`, when nothing of it runs. */
function nextAfterEnd(
  book: Book,
  schedule: Schedule,
  state: ScheduleState,
  spec: ScheduleSpec,
  since: number,
  { endedAt, now }: { endedAt: number; now: number },
): ScheduleState {
  if (book.fires.of(schedule.name).some(({ n }) => n > since)) return state;
  try {
    return aim(state, reckoningOf(book.times, schedule, spec), now, endedAt);
  } catch (error) {
    schedule.broken = (error as Error).message;
    book.told.push({ event: 'broken', schedule: schedule.name, reason: schedule.broken });
    return state;
  }
}

/** A new leader has found everything. Waiting fires do again what they do, and those of schedules that are gone go. */
export function beginTerm(book: Book, now: number, isSkewed = false): void {
  for (const fire of [...book.fires.all()].sort((a, b) => a.n - b.n)) {
    if (isOrphan(book, fire)) {
      if (fire.released) continue;
      fire.superseded = true;
      book.asks.push({ kind: 'cancel', fire, reason: `schedule ${fire.schedule} was removed` });
    } else book.askAgainst(fire);
  }
  touchThoseWithoutTime(book);
  for (const name of book.backfills.open) book.touched.add(name);
  settle(book, now, isSkewed);
}

/** They have their next time when they are settled, if nothing of them runs. */
export function touchThoseWithoutTime(book: Book): void {
  for (const schedule of book.names.values()) if (waitsForAnEnd(schedule)) book.touched.add(schedule.name);
}

/** Its next time is not known: that of `everyAfter` is not, while a fire has not ended. */
const waitsForAnEnd = (schedule: Schedule): boolean => schedule.isLive && schedule.due === null;

/** While a page cannot be read, nobody knows which schedules there are. */
function isOrphan(book: Book, { schedule, n }: { schedule: string; n: number }): boolean {
  const known = book.names.get(schedule);
  if (known === undefined) return !book.hasBrokenPages;
  return known.broken === null && n <= known.record.since;
}

/** Pages of which something is to be written, though nothing is due. They are locked. */
export function dirtyPages(book: Book): PageDraft[] {
  const drafts: PageDraft[] = [];
  for (const page of book.dirty) {
    if (page.locked) continue;
    book.dirty.delete(page);
    if (book.pages.get(page.id) === page && page.broken === null) drafts.push(new PageDraft(page));
  }
  book.lock(drafts);
  return drafts;
}
