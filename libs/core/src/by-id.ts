/** Entries that are gone and still stand in the list: as many as the others, before it is made anew. */
const FEWEST_GONE = 1_000;

interface Entry {
  readonly id: string;
  /** True: it is gone. */
  readonly removed: boolean;
}

/**
 * Entries in the order of their ids, for lists that go on where a page has ended. Ids mostly grow, so an entry that comes is put
 * at the end; one with an earlier id (a client whose clock is late) is put in its place. Entries that are read at a takeover come
 * in any order: they are sorted once, by `sort`.
 */
export class ById<Each extends Entry> {
  #entries: Each[] = [];
  #isSorted = true;
  #gone = 0;

  add(entry: Each): void {
    const last = this.#entries.at(-1);
    if (last === undefined || last.id < entry.id || !this.#isSorted) this.#entries.push(entry);
    else this.#entries.splice(this.#before(entry.id), 0, entry);
  }

  /** Until `sort` entries come in any order. */
  fill(): void {
    this.#isSorted = false;
  }

  sort(): void {
    this.#entries.sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#isSorted = true;
  }

  /** An entry is `removed` by now. */
  forget(): void {
    if (++this.#gone < Math.max(FEWEST_GONE, this.#entries.length / 2)) return;
    this.#entries = this.#entries.filter(({ removed }) => !removed);
    this.#gone = 0;
  }

  /** The newest first, from this id on; null: from the newest on. */
  *downFrom(id: string | null): Generator<Each, void> {
    const end = id === null ? this.#entries.length : this.#before(`${id}\uffff`);
    for (let at = end - 1; at >= 0; at--) {
      const entry = this.#entries[at];
      if (entry !== undefined && !entry.removed) yield entry;
    }
  }

  /** The place of the first entry whose id is not below this one. */
  #before(id: string): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.id ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
