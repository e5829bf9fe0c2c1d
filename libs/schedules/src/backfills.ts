import type { Calendar } from '@drover/calendar';
import type { FireRecord } from '@drover/protocol';
import type { Book, Told } from './book.js';
import { isExhausted, nextPart, type Backfill } from './backfill.js';
import type { Moment } from './decide.js';
import { KeptFires, type KeptFire } from './kept-fires.js';
import { bytesOfFire, mostFires, mustHavePlan, operationsOfFire, Packer, workOf } from './pack.js';
import { PageDraft, type Page } from './page.js';
import { withMore, type Schedule, type ScheduleState } from './schedule.js';
import { BACKFILL_GAP_MS, MAX_BACKFILL_FIRES, MAX_VOLLEY_BYTES, MAX_VOLLEY_OPERATIONS } from './settings.js';
import { reckoningOf } from './times.js';
import type { Volley } from './volley.js';

export const backfillsOf = ({ more }: Pick<ScheduleState, 'more'>): readonly Backfill[] => more?.backfills ?? [];
export const isOpen = ({ endedAt }: Backfill): boolean => endedAt === undefined;

/**
 * Back-fills in the memory of a term. Which there are, and how far each has come, stands in the states of the pages; how many
 * of its tasks are unfinished follows from the batches. Here is only which of them may have something to do.
 */
export class Backfills {
  /** Schedules with an open back-fill. */
  readonly open = new Set<string>();
  /** ... that may have room for another task; in the order in which they are served. */
  readonly ready = new Set<string>();
  /** Of schedules with an open back-fill, once it was asked for. */
  readonly kept = new Map<string, KeptFires>();
  /** When the last part was made. */
  #lastAt = -Infinity;

  /** The state of a schedule is known, or another one; `null`: the schedule is gone. */
  learn(name: string, state: ScheduleState | null): void {
    if (state !== null && backfillsOf(state).some(isOpen)) {
      this.open.add(name);
      this.ready.add(name);
    } else if (this.open.delete(name)) {
      this.ready.delete(name);
      this.kept.delete(name);
    }
  }

  /** A task of it has ended, or its page is not locked any more. */
  wake(name: string): void {
    if (this.open.has(name)) this.ready.add(name);
  }

  /** A fire was made, begins again, or has ended. */
  moved(fire: KeptFire): void {
    this.kept.get(fire.schedule)?.add(fire);
  }

  /** Its task is not kept any more: nobody can tell, from now on, that it was made. */
  gone(fire: KeptFire): void {
    this.kept.get(fire.schedule)?.remove(fire);
  }

  /** When the next part may be made; `null`: nothing is to be made. */
  get nextAt(): number | null {
    return this.ready.size === 0 ? null : this.#lastAt + BACKFILL_GAP_MS;
  }

  made(at: number): void {
    this.#lastAt = at;
  }
}

/** Of a schedule, those that are kept: found once for all that have an open back-fill. */
export function keptOf(book: Book, name: string): KeptFires {
  const known = book.backfills.kept.get(name);
  if (known !== undefined) return known;
  const wanted = new Map<string, KeptFires>([[name, new KeptFires()]]);
  for (const other of book.backfills.open) if (!book.backfills.kept.has(other)) wanted.set(other, new KeptFires());
  for (const fire of book.options.kept()) wanted.get(fire.schedule)?.add(fire);
  for (const [other, fires] of wanted) if (book.backfills.open.has(other)) book.backfills.kept.set(other, fires);
  return wanted.get(name) ?? new KeptFires();
}

/** Times that a back-fill leaves out. */
export function skipsOf(book: Book, name: string, { redo }: Pick<Backfill, 'redo'>): (nominal: number) => boolean {
  if (redo === 'all') return () => false;
  const kept = keptOf(book, name);
  return redo === 'missing' ? (nominal) => kept.has(nominal) : (nominal) => kept.hasUnfailed(nominal);
}

/**
 * The next part of the back-fills: a transaction of at most `MAX_BACKFILL_FIRES` tasks, one each `BACKFILL_GAP_MS`. `null`: there
 * is nothing to do now. Call it when nothing else is due: live fires go first. Its pages are locked until `commit` or `unlock`.
 */
export function nextBackfills(book: Book, moment: Moment): Volley | null {
  const { nextAt, ready } = book.backfills;
  if (nextAt === null || nextAt > moment.now) return null;
  const part = new Part(book, moment);
  for (const name of [...ready]) {
    if (part.isFull) break;
    // Those that have room are at the end of the line afterwards.
    ready.delete(name);
    if (part.add(name)) ready.add(name);
  }
  const drafts = [...part.drafts.values()];
  if (drafts.length === 0) return null;
  book.backfills.made(moment.now);
  book.lock(drafts);
  const { batches, runs } = part.packer;
  return { drafts, batches, runs, told: part.told };
}

class Part {
  readonly #book: Book;
  readonly #moment: Moment;
  readonly packer: Packer;
  readonly drafts = new Map<Page, PageDraft>();
  readonly told: Told[] = [];
  #left = MAX_BACKFILL_FIRES;
  #bytes = 0;
  #operations = 0;

  constructor(book: Book, moment: Moment) {
    this.#book = book;
    this.#moment = moment;
    this.packer = new Packer(book.options.newId);
  }

  get isFull(): boolean {
    return this.#left === 0 || this.#bytes >= MAX_VOLLEY_BYTES || this.#operations >= MAX_VOLLEY_OPERATIONS;
  }

  /** Whether it may have more to do at once. */
  add(name: string): boolean {
    const schedule = this.#book.names.get(name);
    const page = schedule === undefined ? undefined : this.#book.pages.get(schedule.page);
    // It is woken when its page is unlocked.
    if (schedule === undefined || page === undefined || page.locked || schedule.broken !== null) return false;
    try {
      return this.#advance(schedule, page);
    } catch (error) {
      schedule.broken = (error as Error).message;
      this.#book.told.push({ event: 'broken', schedule: name, reason: schedule.broken });
      return false;
    }
  }

  #advance(schedule: Schedule, page: Page): boolean {
    const { name, state, record } = schedule;
    const advance = new Advance(this.#book, schedule, reckoningOf(this.#book.times, schedule, record.spec).calendar);
    const work = workOf({ run: record.spec.run });
    mustHavePlan(work, this.#book.options);
    let hasMore = false;
    const before = backfillsOf(state);
    const after = before.map((backfill) => {
      const room = this.#roomOf(schedule, backfill);
      if (room <= 0) return backfill;
      const bounds = mostFires(work, MAX_VOLLEY_BYTES - this.#bytes, MAX_VOLLEY_OPERATIONS - this.#operations);
      const most = Math.min(room, this.#left, bounds);
      const next = most <= 0 ? backfill : advance.advanced(backfill, most);
      const made = next.fired - backfill.fired;
      this.#left -= made;
      this.#bytes += made * bytesOfFire(work);
      this.#operations += made * operationsOfFire(work);
      hasMore ||= !isExhausted(next) && made < room;
      return next;
    });
    if (after.every((backfill, at) => backfill === before[at])) return hasMore;
    const fires = advance.nominals.map(({ nominal, id }, at): FireRecord => {
      const n = state.seq + 1 + at;
      return { schedule: name, n, nominal, due: this.#moment.now, kind: 'backfill', missed: 0, id };
    });
    for (const fire of fires) this.packer.add(fire, work);
    if (fires.length > 0) this.told.push({ event: 'decided', outcome: 'backfilled', count: fires.length });
    const moved = { ...state, seq: state.seq + fires.length };
    this.#draftOf(page).setState(schedule.slot, withMore(moved, { backfills: [...after] }));
    return hasMore;
  }

  #roomOf({ name }: Schedule, backfill: Backfill): number {
    if (!isOpen(backfill) || isExhausted(backfill)) return 0;
    return backfill.parallel - this.#book.fires.ofBackfill(name, backfill.id).size;
  }

  #draftOf(page: Page): PageDraft {
    let draft = this.drafts.get(page);
    if (draft === undefined) {
      draft = new PageDraft(page);
      this.drafts.set(page, draft);
    }
    return draft;
  }
}

/** The back-fills of one schedule, as far as one transaction takes them. */
class Advance {
  readonly #book: Book;
  readonly #name: string;
  readonly #calendar: Calendar;
  readonly #made = new Set<number>();
  readonly nominals: { nominal: number; id: string }[] = [];

  constructor(book: Book, { name }: Schedule, calendar: Calendar) {
    this.#book = book;
    this.#name = name;
    this.#calendar = calendar;
  }

  advanced(backfill: Backfill, most: number): Backfill {
    const { id, redo, fired, skipped } = backfill;
    const skips = skipsOf(this.#book, this.#name, backfill);
    const isMade = (nominal: number): boolean => redo !== 'all' && this.#made.has(nominal);
    const part = nextPart(backfill, this.#calendar, (nominal) => isMade(nominal) || skips(nominal), most);
    for (const nominal of part.times) {
      this.#made.add(nominal);
      this.nominals.push({ nominal, id });
    }
    return { ...backfill, cursor: part.cursor, fired: fired + part.times.length, skipped: skipped + part.skipped };
  }
}
