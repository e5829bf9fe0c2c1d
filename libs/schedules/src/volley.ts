import type { Book, Told } from './book.js';
import { decideDue, type Moment } from './decide.js';
import { bytesOfFire, mostFires, mustHavePlan, Packer, workOf, type NewBatch, type NewRun, type Work } from './pack.js';
import { PageDraft } from './page.js';
import type { Schedule, ScheduleState } from './schedule.js';
import { MAX_VOLLEY_BYTES, MAX_VOLLEY_FIRES, MAX_VOLLEY_OPERATIONS } from './settings.js';
import { reckoningOf, type Reckoning } from './times.js';

/** The content of one transaction. */
export interface Volley {
  readonly drafts: readonly PageDraft[];
  readonly batches: readonly NewBatch[];
  readonly runs: readonly NewRun[];
  /** To be told when it was applied. */
  readonly told: readonly Told[];
}

/**
 * Decides what is due, page by page, as much as fits one transaction; `null`: nothing is. The pages are locked until
 * `commit` or `unlock`.
 */
export function nextVolley(book: Book, moment: Moment): Volley | null {
  const loading = new Loading(book, moment);
  while (!loading.isFull) {
    const page = book.takeDue(moment.now);
    if (page === null) break;
    loading.add(new PageDraft(page));
  }
  const { drafts, told } = loading;
  if (drafts.length === 0) return null;
  const { batches, runs } = loading.packer;
  return { drafts, batches, runs, told };
}

class Loading {
  readonly #book: Book;
  readonly #moment: Moment;
  readonly packer: Packer;
  readonly drafts: PageDraft[] = [];
  readonly told: Told[] = [];
  #fires = 0;
  #bytes = 0;

  constructor(book: Book, moment: Moment) {
    this.#book = book;
    this.#moment = moment;
    this.packer = new Packer(book.options.newId);
  }

  get isFull(): boolean {
    const isTooMuch = this.#fires >= MAX_VOLLEY_FIRES || this.#bytes >= MAX_VOLLEY_BYTES;
    return isTooMuch || this.#operations >= MAX_VOLLEY_OPERATIONS;
  }

  get #operations(): number {
    return 2 * this.drafts.length + this.packer.operations;
  }

  /** The rest of the page stays due. */
  add(draft: PageDraft): void {
    this.drafts.push(draft);
    this.#bytes += draft.size;
    for (const schedule of draft.page.schedules.values()) {
      if (this.isFull) return;
      const dueAt = this.#book.dueAt(schedule);
      if (dueAt === null || dueAt > this.#moment.now) continue;
      if (schedule.more?.endedAt !== undefined) draft.take(schedule.slot);
      else this.#decide(draft, schedule);
    }
  }

  /** A schedule that makes no sense stands still by itself. */
  #decide(draft: PageDraft, schedule: Schedule): void {
    let reckoning: Reckoning;
    let work: Work;
    const { since, spec } = schedule.record;
    try {
      reckoning = reckoningOf(this.#book.times, schedule, spec);
      work = workOf(spec);
      mustHavePlan(work, this.#book.options);
      this.#fire(draft, schedule, since, reckoning, work);
    } catch (error) {
      schedule.broken = (error as Error).message;
      this.#book.told.push({ event: 'broken', schedule: schedule.name, reason: schedule.broken });
    }
  }

  #fire(draft: PageDraft, schedule: Schedule, since: number, reckoning: Reckoning, work: Work): void {
    const unfinished = this.#book.fires.of(schedule.name).filter(({ n }) => n > since);
    const most = Math.max(1, mostFires(work, MAX_VOLLEY_BYTES - this.#bytes, MAX_VOLLEY_OPERATIONS - this.#operations));
    const { state, fires, missed, skipped, whyMissed } = decideDue(
      schedule,
      reckoning,
      unfinished,
      this.#moment,
      Math.min(most, MAX_VOLLEY_FIRES - this.#fires),
    );
    const tasks = fires.map((fire) => this.packer.add(fire, work));
    this.#fires += fires.length;
    this.#bytes += fires.length * bytesOfFire(work);
    const last = fires.at(-1);
    const task = tasks.at(-1);
    draft.setState(
      schedule.slot,
      last === undefined || task === undefined ? state : { ...state, last: [last.nominal, last.due, task] },
    );
    const excluded = state.excluded - schedule.state.excluded;
    this.#tell(schedule, { fired: fires.length, skipped, missed, excluded }, whyMissed, state);
  }

  #tell(
    { name: schedule }: Schedule,
    counts: Record<'fired' | 'skipped' | 'missed' | 'excluded', number>,
    whyMissed: string | null,
    { mark }: ScheduleState,
  ): void {
    for (const [outcome, count] of Object.entries(counts) as [keyof typeof counts, number][])
      if (count > 0) this.told.push({ event: 'decided', outcome, count });
    if (counts.missed > 0)
      this.told.push({ event: 'missed', schedule, missed: counts.missed, reason: whyMissed ?? '', nominal: mark });
  }
}
