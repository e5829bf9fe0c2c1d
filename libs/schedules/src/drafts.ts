import { MAX_PAGE_BYTES, MAX_SLOTS, NEEDS_VERSION } from '@drover/protocol';
import type { Book } from './book.js';
import { Page, PageDraft, type Entry } from './page.js';
import type { Schedule } from './schedule.js';
import { bytesOf } from './parse-fields.js';

/** The pages as a command changes them. Pages between which a schedule moves are written in one transaction. */
export class Drafts {
  readonly #book: Book;
  readonly #drafts = new Map<Page, PageDraft>();
  readonly #together = new Map<PageDraft, PageDraft>();
  #last: PageDraft | null = null;
  #nextId: number;

  constructor(book: Book) {
    this.#book = book;
    this.#nextId = 1 + Math.max(-1, ...[...book.pages.keys()].map((id) => (/^\d{1,9}$/.test(id) ? Number(id) : -1)));
  }

  of(page: Page): PageDraft {
    let draft = this.#drafts.get(page);
    if (draft === undefined) {
      draft = new PageDraft(page);
      this.#drafts.set(page, draft);
    }
    return draft;
  }

  /** The definition of a schedule that is there changes. It goes to another page where this one would be too large. */
  change(schedule: Pick<Schedule, 'page' | 'slot'>, entry: (slot: number) => Entry): void {
    const page = this.#book.pages.get(schedule.page);
    if (page === undefined) throw new Error(`there is no page ${schedule.page}`);
    const draft = this.of(page);
    draft.put(entry(schedule.slot));
    const others = [...draft.entries.values()].find(({ state }) => state.slot !== schedule.slot);
    const isAlike = others === undefined || isNeedy(others.line) === isNeedy(entry(schedule.slot).line);
    if ((draft.bytes <= MAX_PAGE_BYTES && isAlike) || draft.entries.size === 1) return;
    draft.take(schedule.slot);
    this.#together.set(this.add(entry), draft);
  }

  /** Into a page that has room, or a new one. */
  add(entry: (slot: number) => Entry): PageDraft {
    const { line } = entry(0);
    const draft = this.#withRoom(bytesOf(line) + 8, isNeedy(line));
    draft.put(entry(draft.freeSlot(MAX_SLOTS) ?? 0));
    this.#last = draft;
    return draft;
  }

  #withRoom(bytes: number, needy: boolean): PageDraft {
    const last = this.#last;
    if (last !== null && hasRoom(last, bytes) && isFor(needy, last.entries.values())) return last;
    for (const page of this.#book.pages.values()) {
      const known = this.#drafts.get(page);
      const size = known?.entries.size ?? page.schedules.size;
      if (page.broken !== null || size >= MAX_SLOTS || (known?.bytes ?? page.bytes) + bytes > MAX_PAGE_BYTES) continue;
      if (isFor(needy, (known?.entries ?? page.schedules).values())) return this.of(page);
    }
    const page = new Page(String(this.#nextId++), this.#book.options.zoneData.version);
    page.isNew = true;
    return this.of(page);
  }

  /** Each is one transaction, which changes something of ZooKeeper only as a whole. */
  transactions(): PageDraft[][] {
    const left = new Set(this.#drafts.values());
    const groups: PageDraft[][] = [];
    for (const [to, from] of this.#together) {
      const group = [from, to].filter((draft) => left.delete(draft));
      const joined = groups.find((others) => others.includes(from) || others.includes(to));
      if (joined === undefined) groups.push(group);
      else joined.push(...group);
    }
    for (const draft of left) groups.push([draft]);
    return groups;
  }
}

const hasRoom = (draft: PageDraft, bytes: number): boolean =>
  draft.entries.size < MAX_SLOTS && draft.bytes + bytes <= MAX_PAGE_BYTES;

/**
 * Programs that do not know what a schedule needs leave its page alone. So such schedules are in pages of their own, and the others
 * go on.
 */
const isNeedy = (line: string): boolean => line.startsWith(`{"v":${NEEDS_VERSION}`);

function isFor(needy: boolean, [first]: Iterable<{ readonly line: string }>): boolean {
  return first === undefined || isNeedy(first.line) === needy;
}
