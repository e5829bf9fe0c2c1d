import TinyQueue from 'tinyqueue';

/** Limits of one read request and of all in flight: enough to hide the round trip, little enough to decode at once. */
const REQUEST = { batches: 128, bytes: 64 * 1024 };
const UNDER_WAY = { batches: 512, bytes: 4 * 1024 * 1024 };
/** The settings for batches of a size that is not known yet. */
const FIRST = { portion: 8, window: 8 };

/**
 * The number of batches that the takeover reads at a time, by the size of those read so far. Full ones are read one by
 * one, many requests being under way; batches of one task are read many in a request, since a request for each would
 * cost too much. Answers to requests in flight may arrive together, so their sizes bound how long decoding blocks the
 * event loop.
 */
export class LoadPace {
  #batches = 0;
  #bytes = 0;

  read(bytes: number): void {
    this.#batches++;
    this.#bytes += bytes;
  }

  /** Batches that one request reads. */
  get portion(): number {
    return this.#known ? clamp(REQUEST.bytes / this.#average, REQUEST.batches) : FIRST.portion;
  }

  /** Requests under way. */
  get window(): number {
    if (!this.#known) return FIRST.window;
    const { portion } = this;
    return clamp(UNDER_WAY.bytes / (portion * this.#average), Math.floor(UNDER_WAY.batches / portion));
  }

  get #known(): boolean {
    return this.#batches >= FIRST.portion;
  }

  get #average(): number {
    return Math.max(1, this.#bytes / this.#batches);
  }
}

const clamp = (value: number, most: number): number => Math.max(1, Math.min(most, Math.floor(value)));

/** `items` in pieces of `size()`, which is asked before each. */
export function* portions<Item>(items: Iterable<Item>, size: () => number): Generator<Item[]> {
  let wanted = size();
  let portion: Item[] = [];
  for (const item of items) {
    portion.push(item);
    if (portion.length < wanted) continue;
    yield portion;
    portion = [];
    wanted = size();
  }
  if (portion.length > 0) yield portion;
}

/** Merges sorted lists lazily: sorting a million at once would take long. */
export function* merged(lists: readonly (readonly string[])[]): Generator<string> {
  const cursors = new TinyQueue<{ list: readonly string[]; at: number; head: string }>([], (a, b) =>
    a.head < b.head ? -1 : 1,
  );
  const push = (list: readonly string[], at: number): void => {
    const head = list[at];
    if (head !== undefined) cursors.push({ list, at, head });
  };
  for (const list of lists) push(list, 0);
  for (let next = cursors.pop(); next !== undefined; next = cursors.pop()) {
    yield next.head;
    push(next.list, next.at + 1);
  }
}
