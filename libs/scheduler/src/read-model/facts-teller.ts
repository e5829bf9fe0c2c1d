import type { Facts } from '@drover/api';
import { ChangedIds } from './changed-ids.js';
import { type Runtime, type Timer } from '@drover/runtime';
import { noTerm, TermFacts } from './term-facts.js';
import type { TermNews } from './term-news.js';
import type { TermView } from './term-view.js';

/** Between two messages. */
const PERIOD_MS = 50;
/** Ages and the like change by time alone: so often it is looked while nothing else happens. */
const IDLE_MS = 1_000;

/** Tells whoever follows what changes in the terms of this scheduler: at most every 50 ms, and nothing while nobody does. */
export class FactsTeller implements TermNews {
  readonly #runtime: Runtime;
  #tell: ((facts: Facts) => void) | null = null;
  #view: TermView | null = null;
  #facts: TermFacts | null = null;
  #news = { workersChanged: false, schedulesChanged: false };
  readonly #flows = new ChangedIds();
  readonly #broadcasts = new ChangedIds();
  #timer: Timer | null = null;
  #idle: Timer | null = null;
  #nextAt = 0;
  #n = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The number of the last message of the term. */
  get n(): number {
    return this.#facts?.n ?? this.#n;
  }

  /** Tells everything once, and then what changes. The one who followed before is told no more. Null: nobody follows. */
  follow(tell: ((facts: Facts) => void) | null): void {
    this.#tell = tell;
    this.#idle?.cancel();
    this.#idle = tell === null ? null : this.#runtime.every(IDLE_MS, () => this.touch());
    this.#begin();
  }

  began(view: TermView): void {
    this.#view = view;
    this.#n = 0;
    this.#begin();
  }

  ended(): void {
    this.#view = null;
    this.#facts = null;
    this.#n = 0;
    this.#flows.clear();
    this.#broadcasts.clear();
    this.#tell?.(noTerm(this.#runtime.now()));
  }

  workersChanged(): void {
    this.#news.workersChanged = true;
    this.touch();
  }

  schedulesChanged(): void {
    this.#news.schedulesChanged = true;
    this.touch();
  }

  flowChanged(queue: string, flow: string): void {
    if (this.#facts !== null) this.#flows.add(queue, flow);
  }

  broadcastChanged(queue: string, broadcast: string): void {
    if (this.#facts !== null) this.#broadcasts.add(queue, broadcast);
  }

  /** Something may have changed. Cheap: called after each plan. */
  touch(): void {
    if (this.#tell === null || this.#facts === null || this.#timer !== null) return;
    // Never at once: whoever says that something changes may be in the middle of it.
    const waitMs = Math.max(0, this.#nextAt - this.#runtime.monotonic());
    this.#timer = this.#runtime.after(waitMs, () => {
      this.#timer = null;
      this.#look();
    });
  }

  #begin(): void {
    if (this.#view === null) {
      this.#tell?.(noTerm(this.#runtime.now()));
      return;
    }
    // Numbers of messages grow over all followers of the term: they are parts of revisions.
    const n = this.n;
    this.#facts = new TermFacts(this.#view);
    this.#facts.n = n;
    this.touch();
  }

  #look(): void {
    if (this.#facts === null) return;
    this.#nextAt = this.#runtime.monotonic() + PERIOD_MS;
    const news = this.#news;
    this.#news = { workersChanged: false, schedulesChanged: false };
    const facts = this.#facts.next({ ...news, flows: this.#flows.take(), broadcasts: this.#broadcasts.take() });
    if (facts !== null) this.#tell?.(facts);
  }
}
