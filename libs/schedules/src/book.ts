import type { BatchId } from '@drover/core';
import {
  decodeSchedule,
  decodeSchedules,
  type FireRecord,
  type FireStarts,
  type ScheduleRecord,
  type PageStates,
  type ScheduleStateRecord,
  startedText,
} from '@drover/protocol';
import TinyQueue from 'tinyqueue';
import { Backfills } from './backfills.js';
import type { Plan } from '@drover/flow';
import { against, Fires, idOf, type Fire } from './fires.js';
import type { Ended } from './judge.js';
import type { KeptFire } from './kept-fires.js';
import type { NewBatch, NewRun } from './pack.js';
import { Page, type Entry, type PageDraft } from './page.js';
import { PlanUse } from './plan-use.js';
import { type Schedule, type PageId } from './schedule.js';
import { Times, type ZoneData } from './times.js';

/** Requests to the planner. */
export type Ask =
  /** It may start. */
  | { kind: 'release'; fire: Fire }
  /** It waits, or runs, and is to be cancelled; `terminate`: taken from its worker at once. */
  | { kind: 'cancel' | 'terminate'; fire: Fire; reason: string };

/** Events for operators. */
export type Told =
  | { event: 'missed'; schedule: string; missed: number; reason: string; nominal: number }
  | { event: 'paused'; schedule: string; reason: string }
  | { event: 'broken'; schedule: string; reason: string }
  | { event: 'backfilled'; schedule: string; backfill: string; fired: number; skipped: number }
  | { event: 'decided'; outcome: 'fired' | 'skipped' | 'missed' | 'excluded' | 'backfilled'; count: number };

export interface BookOptions {
  /** A schedule that can fire no more is removed after this long. */
  retainMs: number;
  /** Ids of new batches. */
  newId: () => BatchId;
  /** All fires that are kept, of every schedule: back-fills ask which times are missing. */
  kept: () => Iterable<KeptFire>;
  /** A plan that the leader knows, by its hash; `null`: there is none, or it cannot be run. */
  planOf: (plan: string) => Plan | null;
  zoneData: ZoneData;
}

/** Triggers that are remembered, so that one that is asked for again is not done again. */
const MOST_TRIGGERS = 10_000;

/**
 * All schedules in the memory of one term: what is durable, and which fires have not ended. Files beside this one decide
 * (`volley.ts`, `changes.ts`, `settle.ts`): a decision is a set of drafts of pages and of batches, which becomes true here
 * with `commit`, when its transaction was applied.
 */
export class Book {
  readonly options: BookOptions;
  readonly pages = new Map<PageId, Page>();
  readonly names = new Map<string, Schedule>();
  readonly fires = new Fires();
  readonly times: Times;
  readonly backfills = new Backfills();
  readonly asks: Ask[] = [];
  readonly told: Told[] = [];
  /** Ends of fires that are not judged yet, by schedule. */
  readonly ended = new Map<string, Ended[]>();
  /** Schedules of which something has ended since they were settled. */
  readonly touched = new Set<string>();
  /** Pages whose next times were reckoned by other zone data: nothing of them is due until that is done anew. */
  readonly stale = new Set<Page>();
  /** Pages of which something in memory is not written, and need not be at once. */
  readonly dirty = new Set<Page>();
  readonly #plans = new PlanUse();
  readonly #triggers = new Map<string, string>();
  readonly heap = new TinyQueue<{ page: Page; at: number }>([], (a, b) => a.at - b.at);

  constructor(options: BookOptions) {
    this.options = options;
    this.times = new Times(options.zoneData);
  }

  // --- What a takeover finds

  /**
   * A page and its state, as they were read. A page that has a name which another one has too stands still. Throws
   * `RecordError` where the page cannot be read.
   */
  learnPage(id: PageId, text: string, { states, tz }: PageStates): void {
    const lines = text.split('\n');
    const records = decodeSchedules(id, text);
    const bySlot = new Map(states.map((state) => [state.slot, state]));
    const own = new Set<string>();
    const twice = records.find(({ name }) => this.names.has(name) || own.size === own.add(name).size);
    const lone = records.find(({ slot }) => !bySlot.has(slot));
    const why =
      twice !== undefined
        ? `there are two schedules '${twice.name}'`
        : lone !== undefined || bySlot.size > records.length
          ? 'page and state name different slots'
          : null;
    const page = new Page(id, tz);
    this.pages.set(id, page);
    records.forEach(({ name, slot }, at) => {
      const state = bySlot.get(slot);
      if (state === undefined || this.names.has(name)) return;
      this.names.set(name, this.#put(page, { name, line: lines[at] ?? '', state }));
      this.backfills.learn(name, state);
    });
    if (why !== null) this.#breakPage(page, why);
    else if (tz !== this.options.zoneData.version) this.stale.add(page);
    this.refresh(page);
  }

  /** A page that cannot be read: its schedules stand still, as far as their names are known. */
  learnBrokenPage(id: PageId, text: string, why: string): void {
    const page = new Page(id, null);
    this.pages.set(id, page);
    for (const line of text.split('\n')) {
      const record = readableOrNull(id, line);
      if (record === null || this.names.has(record.name) || page.schedules.get(record.slot) !== undefined) continue;
      const state = { ...NO_STATE, slot: record.slot };
      this.names.set(record.name, this.#put(page, { name: record.name, line, state }));
    }
    this.#breakPage(page, why);
  }

  #breakPage(page: Page, why: string): void {
    page.broken = why;
    for (const schedule of page.schedules.values()) schedule.broken = `page ${page.id}: ${why}`;
  }

  get hasBrokenPages(): boolean {
    return [...this.pages.values()].some(({ broken }) => broken !== null);
  }

  /** A fire of which what it started has not ended. `begun`: it was released before. `index`: 0 of what is no task. */
  learnFire(batch: BatchId, index: number, record: FireRecord, begun: boolean, starts: FireStarts = 'task'): void {
    const task = idOf({ starts, batch, index });
    this.#rememberTrigger(record, startedText({ starts, id: task }));
    this.#numbered(record);
    const { schedule, n, nominal, due, kind, wait, id } = record;
    const released = begun || wait === undefined;
    this.fires.add({ schedule, n, nominal, due, kind, starts, batch, index, wait, id, released, superseded: false });
    this.backfills.moved({ schedule, n, nominal, kind, task, failed: false });
    this.touched.add(schedule);
  }

  /** Numbers are not given twice, also where somebody has put back an older state of a page: ids follow from them. */
  #numbered({ schedule: name, n }: FireRecord): void {
    const schedule = this.names.get(name);
    if (schedule !== undefined && schedule.state.seq < n) schedule.state = { ...schedule.state, seq: n };
  }

  /** A fire whose task has ended, perhaps long ago: those that were judged are no news. */
  learnEnd(record: FireRecord, ended: Ended): void {
    this.#rememberTrigger(record, startedText({ starts: ended.starts, id: ended.task }));
    this.#numbered(record);
    const schedule = this.names.get(record.schedule);
    if (schedule === undefined || record.kind === 'backfill' || ended.n <= schedule.state.judged) return;
    const others = this.ended.get(record.schedule);
    if (others === undefined) this.ended.set(record.schedule, [ended]);
    else others.push(ended);
    this.touched.add(record.schedule);
  }

  #rememberTrigger({ id, kind }: FireRecord, task: string): void {
    if (kind !== 'trigger' || id === undefined) return;
    this.#triggers.set(id, task);
    const oldest = this.#triggers.keys().next();
    if (this.#triggers.size > MOST_TRIGGERS && oldest.done !== true) this.#triggers.delete(oldest.value);
  }

  /** The thing that a trigger started which was done already, as the state of a schedule says it; `undefined`: it was not. */
  startedBy(id: string): string | undefined {
    return this.#triggers.get(id);
  }

  // --- What is durable

  /** The transaction of these was applied. */
  commit(drafts: readonly PageDraft[], batches: readonly NewBatch[] = [], runs: readonly NewRun[] = []): void {
    for (const draft of drafts) this.#commitPage(draft);
    for (const { id, fires } of batches) fires.forEach((fire, index) => this.#commitFire(id, index, fire, 'task'));
    for (const { id, fire, starts } of runs) this.#commitFire(id, 0, fire, starts);
  }

  #put(page: Page, entry: Entry): Schedule {
    this.#plans.changed(page.schedules.get(entry.state.slot)?.line ?? null, entry.line);
    return page.put(entry);
  }

  /** Plans that schedules name. */
  get plans(): Iterable<string> {
    return this.#plans.all();
  }

  /** While a page cannot be read, nobody knows which plans its schedules name. */
  needsPlan(plan: string): boolean {
    return this.#plans.has(plan) || this.hasBrokenPages;
  }

  #commitPage(draft: PageDraft): void {
    const { page, entries } = draft;
    for (const schedule of page.schedules.values()) {
      if (entries.get(schedule.slot)?.name === schedule.name) continue;
      this.#plans.changed(schedule.line, null);
      page.take(schedule.slot);
      if (this.names.get(schedule.name) !== schedule) continue;
      this.names.delete(schedule.name);
      this.backfills.learn(schedule.name, null);
    }
    for (const entry of entries.values()) {
      const schedule = this.#put(page, entry);
      this.names.set(entry.name, schedule);
      this.backfills.learn(entry.name, entry.state);
      if (draft.hasNewLines) schedule.broken = null;
      if (this.ended.has(entry.name) || this.backfills.open.has(entry.name)) this.touched.add(entry.name);
    }
    page.isNew = false;
    if (entries.size > 0) this.pages.set(page.id, page);
    else {
      this.pages.delete(page.id);
      this.stale.delete(page);
    }
    this.dirty.delete(page);
    this.unlock(page);
  }

  #commitFire(batch: BatchId, index: number, record: FireRecord, starts: FireStarts): void {
    this.learnFire(batch, index, record, false, starts);
    const fire = this.fires.at(batch, index);
    if (fire !== undefined) this.askAgainst(fire);
  }

  /** The effect of a waiting fire on the earlier ones of its schedule: the planner is asked for it. */
  askAgainst(fire: Fire): void {
    if (fire.wait === undefined || fire.released) return;
    const earlier = this.fires.of(fire.schedule).filter(({ n }) => n < fire.n);
    const { superseded, cancelled, terminated } = against(fire.wait, earlier);
    for (const each of superseded) {
      each.superseded = true;
      this.asks.push({ kind: 'cancel', fire: each, reason: `superseded by a newer fire of schedule ${fire.schedule}` });
    }
    const reason = `a newer fire of schedule ${fire.schedule} is due`;
    for (const each of cancelled) this.asks.push({ kind: 'cancel', fire: each, reason });
    for (const each of terminated) this.asks.push({ kind: 'terminate', fire: each, reason });
  }

  // --- When something is due

  lock(drafts: readonly PageDraft[]): void {
    for (const { page } of drafts) {
      page.locked = true;
      page.dueAt = null;
    }
  }

  unlock(page: Page): void {
    page.locked = false;
    for (const name of this.backfills.open) if (this.names.get(name)?.page === page.id) this.backfills.wake(name);
    this.refresh(page);
  }

  /** The time of the page in the heap follows from its schedules. */
  refresh(page: Page): void {
    const first = page.broken === null && !page.locked && !this.stale.has(page) ? this.#firstDue(page) : null;
    if (first !== null && first !== page.dueAt) this.heap.push({ page, at: first });
    page.dueAt = first;
  }

  #firstDue(page: Page): number | null {
    let first: number | null = null;
    for (const schedule of page.schedules.values()) {
      const at = this.dueAt(schedule);
      if (at !== null && (first === null || at < first)) first = at;
    }
    return first;
  }

  /** When the schedule fires, or is removed. */
  dueAt(schedule: Schedule): number | null {
    const { endedAt } = schedule.more ?? {};
    if (endedAt !== undefined) return this.backfills.open.has(schedule.name) ? null : endedAt + this.options.retainMs;
    return schedule.isLive ? schedule.due : null;
  }

  /** The page that is due next, if that is now: it is locked. */
  takeDue(now: number): Page | null {
    const at = this.nextDueAt;
    if (at === null || at > now) return null;
    const page = this.heap.pop()?.page;
    if (page === undefined) return null;
    page.dueAt = null;
    page.locked = true;
    return page;
  }

  get nextDueAt(): number | null {
    for (let top = this.heap.peek(); top !== undefined; top = this.heap.peek()) {
      if (top.page.dueAt === top.at && this.pages.get(top.page.id) === top.page) return top.at;
      this.heap.pop();
    }
    return null;
  }
}

const NO_STATE: ScheduleStateRecord = {
  ...{ slot: 0, mark: 0, next: null, due: null, seq: 0, fired: 0, skipped: 0, missed: 0, excluded: 0, failed: 0 },
  ...{ streak: 0, judged: 0, missedThen: 0, last: null },
};

function readableOrNull(id: PageId, line: string): ScheduleRecord | null {
  try {
    return decodeSchedule(id, line);
  } catch {
    return null;
  }
}
