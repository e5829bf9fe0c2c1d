import { encodeScheduleStates } from '@drover/protocol';
import { PackedStates } from './packed-states.js';
import { Slots } from './slots.js';
import { Schedule, type PageId, type ScheduleState } from './schedule.js';
import { bytesOf } from './parse-fields.js';

/** One schedule in a page. */
export interface Entry {
  readonly name: string;
  readonly line: string;
  readonly state: ScheduleState;
}

/** A page in the leader's memory: what is durable. */
export class Page {
  readonly id: PageId;
  readonly schedules = new Slots<Schedule>();
  readonly #states = new PackedStates();
  /** Of its definitions. */
  bytes = 0;
  /** A transaction that writes it is under way: nothing of it may be decided. */
  locked = false;
  /** Why it is left alone; `null`: it is not. */
  broken: string | null = null;
  /** It is not in ZooKeeper yet. */
  isNew = false;
  /** When something of it is due, as it stands in the heap; `null`: it is not in the heap. */
  dueAt: number | null = null;

  /** The zone data by which all of its next times were reckoned; `null`: nobody knows. */
  tz: string | null;

  constructor(id: PageId, tz: string | null) {
    this.id = id;
    this.tz = tz;
  }

  put({ name, line, state }: Entry): Schedule {
    const known = this.schedules.get(state.slot);
    this.#states.set(state);
    if (known?.name === name) {
      this.bytes += bytesOf(line) - bytesOf(known.line);
      known.line = line;
      return known;
    }
    const schedule = new Schedule(this.id, name, line, state.slot, this.#states);
    this.schedules.set(state.slot, schedule);
    this.bytes += bytesOf(line) + 1;
    return schedule;
  }

  take(slot: number): void {
    const known = this.schedules.get(slot);
    if (known !== undefined) this.bytes -= bytesOf(known.line) + 1;
    this.schedules.delete(slot);
  }
}

/** How a page is to be. */
export class PageDraft {
  readonly page: Page;
  readonly entries: Map<number, Entry>;
  /** Definitions are others, not only states. */
  hasNewLines = false;
  bytes: number;

  constructor(page: Page) {
    this.page = page;
    this.bytes = page.bytes;
    this.entries = new Map(
      [...page.schedules.values()].map(({ slot, name, line, state }) => [slot, { name, line, state }]),
    );
  }

  setState(slot: number, state: ScheduleState): void {
    const entry = this.entries.get(slot);
    if (entry !== undefined) this.entries.set(slot, { ...entry, state });
  }

  put(entry: Entry): void {
    this.take(entry.state.slot);
    this.entries.set(entry.state.slot, entry);
    this.bytes += bytesOf(entry.line) + 1;
    this.hasNewLines = true;
  }

  take(slot: number): void {
    const entry = this.entries.get(slot);
    if (entry === undefined) return;
    this.entries.delete(slot);
    this.bytes -= bytesOf(entry.line) + 1;
    this.hasNewLines = true;
  }

  /** `null`: there is none. */
  freeSlot(most: number): number | null {
    for (let slot = 0; slot < most; slot++) if (!this.entries.has(slot)) return slot;
    return null;
  }

  get lines(): string {
    return [...this.entries.values()].map(({ line }) => line).join('\n');
  }
  get states(): string {
    return encodeScheduleStates(
      [...this.entries.values()].map(({ state }) => state),
      this.page.tz,
    );
  }

  /** About what its writes need, in bytes. */
  get size(): number {
    return this.entries.size * 120 + (this.hasNewLines ? this.bytes : 0);
  }
}
