import type { BatchId } from '@drover/core';
import { CANCELLED, FAILED, isOver, SUCCEEDED, WAITING } from './codes.js';
import type { KnownBatch } from './known-batch.js';
import { Places } from './places.js';

/** The tasks of a map or a reduce in one run: a byte for each. */
export class Fan {
  readonly run: number;
  readonly step: number;
  /** How many there are; null while nobody knows. Of a reduce: tasks. */
  total: number | null = null;
  /** Of a map whose items a step gives: the assignment whose report was accepted, and those of older generations. */
  by: string | null = null;
  before: Set<string> | null = null;
  /** It began: its drafts are handed out. */
  isStarted = false;
  /** The places of the tasks, and of the payloads of items. */
  readonly places = new Places();
  readonly payloads = new Places();
  /** Drafts that it took, and those of which nobody can say yet whether they belong to it. */
  readonly drafts: KnownBatch[] = [];
  waiting: KnownBatch[] = [];
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  /** Its rest was cancelled, since it can no longer succeed. */
  isDecided = false;
  /** Of an open map: the note that closes it. It has all its items when `total` is known. */
  closedBy: string | null = null;
  #states = new Uint8Array(0);

  constructor(run: number, step: number) {
    this.run = run;
    this.step = step;
  }

  get done(): number {
    return this.succeeded + this.failed + this.cancelled;
  }

  get size(): number {
    return this.total ?? this.#told;
  }
  #told = 0;

  code(item: number): number {
    return this.#states[item] ?? WAITING;
  }

  set(item: number, code: number): void {
    if (item >= this.#states.length) this.#grow(item + 1);
    if (item >= this.#told) this.#told = item + 1;
    this.#count(this.#states[item] ?? WAITING, -1);
    this.#states[item] = code;
    this.#count(code, 1);
  }

  #count(code: number, by: number): void {
    if (code === SUCCEEDED) this.succeeded += by;
    else if (code === FAILED) this.failed += by;
    else if (code === CANCELLED) this.cancelled += by;
  }

  #grow(size: number): void {
    const states = new Uint8Array(Math.max(size, this.total ?? 0, Math.min(this.#states.length * 2, size + 65_536)));
    states.set(this.#states);
    this.#states = states;
  }

  /** The first of those that failed. */
  failedItems(most: number): number[] {
    const found: number[] = [];
    const wanted = Math.min(most, this.failed);
    if (wanted === 0) return found;
    for (const item of this.withCode(FAILED)) if (found.push(item) === wanted) break;
    return found;
  }

  /** Items that have this code, of those of which something was told. */
  *withCode(code: number): Generator<number> {
    for (
      let item = this.#states.indexOf(code);
      item >= 0 && item < this.#told;
      item = this.#states.indexOf(code, item + 1)
    )
      yield item;
  }

  /** Items that are not over. */
  *unfinished(): Generator<number> {
    for (let item = 0; item < this.size; item++) if (!isOver(this.code(item))) yield item;
  }

  taskOf(item: number): { batch: BatchId; index: number } | null {
    return this.places.at(item);
  }
}
