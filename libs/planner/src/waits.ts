import Denque from 'denque';
import TinyQueue from 'tinyqueue';
import { Heap, type HeapItem } from './collections.js';
import { stateOfPlace, type BatchState, type Run } from './tasks.js';

/** Tasks `[from, to)` of a batch that have waited since the same moment. `from` moves past those that wait no more. */
interface Stretch {
  readonly at: number;
  readonly batch: BatchState;
  from: number;
  to: number;
}

/** The queue as its waits see it. */
interface Waiters {
  readonly pending: number;
  readonly suspects: number;
}

/** Stale stretches that may be kept before they are cleared away. */
const MOST_STALE = 64;

/**
 * The pending tasks of one queue by the moment since when each has waited: since it was due, or since it came back. Runs
 * come in the order of that moment nearly always, and then cost one place in a line. Stretches are hints, as in a
 * sub-queue: the place of a task says whether it waits, and its batch since when. Paused queues count like others.
 */
export class QueueWaits implements HeapItem {
  heapAt = -1;
  /** As `Waits` knows it: it may be older by now, never younger. */
  since = Infinity;
  readonly #queue: Waiters;
  #runs = new Denque<Run>();
  /** Of the first run: tasks before it wait no more. */
  #cursor = 0;
  #lastAt = -Infinity;
  /** Those that came out of order, or came back; null: none. */
  #others: TinyQueue<Stretch> | null = null;
  /** Added last of `#others`, while neighbours may join it. */
  #open: Stretch | null = null;

  constructor(queue: Waiters) {
    this.#queue = queue;
  }

  /** All fresh tasks of the run wait from now on. */
  addRun(run: Run, at: number): void {
    this.#clear();
    if (at < this.#lastAt && this.#runs.length > 0) {
      this.#push({ at, batch: run.batch, from: run.from, to: run.to });
      return;
    }
    this.#runs.push(run);
    this.#lastAt = at;
  }

  /** The task has waited since `at`. */
  add(batch: BatchState, index: number, at: number): void {
    const open = this.#open;
    if (open?.batch === batch && open.at === at && open.to === index) {
      open.to++;
      return;
    }
    this.#clear();
    this.#push({ at, batch, from: index, to: index + 1 });
  }

  /** Runs and stretches that it keeps. */
  get size(): number {
    return this.#runs.length + (this.#others?.length ?? 0);
  }

  /** Since when the task has waited that has waited longest; null: none waits. */
  oldest(): number | null {
    const run = this.#firstRun();
    const other = this.#firstOther();
    if (run === null) return other;
    return other === null ? run : Math.min(run, other);
  }

  #push(stretch: Stretch): void {
    (this.#others ??= new TinyQueue<Stretch>([], (a, b) => a.at - b.at)).push(stretch);
    this.#open = stretch;
  }

  #firstRun(): number | null {
    for (let run = this.#runs.peekFront(); run !== undefined; run = this.#runs.peekFront()) {
      const at = run.batch.firstDueAt(run.from);
      const index = firstWaiting(run.batch, Math.max(this.#cursor, run.from), run.to, at);
      if (index !== null) {
        this.#cursor = index;
        return at;
      }
      this.#runs.shift();
      this.#cursor = 0;
    }
    return null;
  }

  #firstOther(): number | null {
    for (let first = this.#others?.peek(); first !== undefined; first = this.#others?.peek()) {
      const index = firstWaiting(first.batch, first.from, first.to, first.at);
      if (index !== null) {
        first.from = index;
        return first.at;
      }
      this.#others?.pop();
      if (this.#open === first) this.#open = null;
    }
    return null;
  }

  /** One task that waits long must not keep all those in memory that came behind it and are gone. */
  #clear(): void {
    const { pending, suspects } = this.#queue;
    const most = 2 * (pending + suspects) + MOST_STALE;
    if (this.#runs.length > most) {
      this.#runs = new Denque(
        this.#runs
          .toArray()
          .filter(({ batch, from, to }) => firstWaiting(batch, from, to, batch.firstDueAt(from)) !== null),
      );
      this.#cursor = 0;
    }
    if (this.#others !== null && this.#others.length > most) {
      const left = this.#others.data.filter(({ batch, from, to, at }) => firstWaiting(batch, from, to, at) !== null);
      this.#others = new TinyQueue<Stretch>(left, (a, b) => a.at - b.at);
      this.#open = null;
    }
  }

  /** Tasks have left: the next look has less to pass over. */
  tidy(): void {
    this.#firstRun();
    this.#firstOther();
    this.#clear();
  }
}

/** The first of `[from, to)` that waits, and has since `at`; null: none does. */
function firstWaiting(batch: BatchState, from: number, to: number, at: number): number | null {
  if (batch.finished !== null || batch.removed) return null;
  for (let index = from; index < to; index++)
    if (stateOfPlace(batch.place(index)) === 'pending' && batch.waitsSince(index) === at) return index;
  return null;
}

/** All queues: whose task has waited longest. Costs what has changed since the last look. */
export class Waits {
  readonly #order = new Heap<QueueWaits>((a, b) => a.since < b.since);

  /** Something of the queue has waited since `at`. */
  added(waits: QueueWaits, at: number): void {
    if (waits.heapAt < 0) {
      waits.since = at;
      this.#order.add(waits);
    } else if (at < waits.since) {
      waits.since = at;
      this.#order.moved(waits);
    }
  }

  forget(waits: QueueWaits): void {
    if (waits.heapAt >= 0) this.#order.remove(waits);
  }

  oldest(): number | null {
    for (let first = this.#order.first; first !== null; first = this.#order.first) {
      const since = first.oldest();
      if (since === first.since) return since;
      if (since === null) this.#order.remove(first);
      else {
        first.since = since;
        this.#order.moved(first);
      }
    }
    return null;
  }
}
