import type { BatchState } from './tasks.js';

export interface ListedTask {
  readonly batch: BatchState;
  readonly index: number;
}

const FIRST_SIZE = 64;

/**
 * The entries of many lists of tasks, most of them short: 16 bytes each, and nothing for a list but where it begins and
 * ends.
 */
export class TaskPool {
  readonly #batches: (BatchState | null)[] = [null];
  #indexes = new Uint32Array(FIRST_SIZE);
  #next = new Uint32Array(FIRST_SIZE);
  #free = 0;

  add(batch: BatchState, index: number): number {
    let at = this.#free;
    if (at === 0) {
      at = this.#batches.push(batch) - 1;
      if (at >= this.#next.length) this.#grow();
    } else {
      this.#free = this.#next[at] ?? 0;
      this.#batches[at] = batch;
    }
    this.#indexes[at] = index;
    this.#next[at] = 0;
    return at;
  }

  #grow(): void {
    const size = 2 * this.#next.length;
    const [indexes, next] = [new Uint32Array(size), new Uint32Array(size)];
    indexes.set(this.#indexes);
    next.set(this.#next);
    [this.#indexes, this.#next] = [indexes, next];
  }

  at(entry: number): ListedTask {
    const batch = this.#batches[entry];
    if (batch === undefined || batch === null) throw new RangeError(`no entry ${entry}`);
    return { batch, index: this.#indexes[entry] ?? 0 };
  }

  next(entry: number): number {
    return this.#next[entry] ?? 0;
  }

  link(entry: number, next: number): void {
    this.#next[entry] = next;
  }

  /** Returns the next one of its list. */
  release(entry: number): number {
    const next = this.next(entry);
    this.#batches[entry] = null;
    this.#next[entry] = this.#free;
    this.#free = entry;
    return next;
  }
}

/** Tasks in a row. */
export class TaskList {
  readonly #pool: TaskPool;
  #head = 0;
  #tail = 0;

  constructor(pool: TaskPool) {
    this.#pool = pool;
  }

  get first(): ListedTask | null {
    return this.#head === 0 ? null : this.#pool.at(this.#head);
  }

  get last(): ListedTask | null {
    return this.#tail === 0 ? null : this.#pool.at(this.#tail);
  }

  push(batch: BatchState, index: number): void {
    const entry = this.#pool.add(batch, index);
    if (this.#tail === 0) this.#head = entry;
    else this.#pool.link(this.#tail, entry);
    this.#tail = entry;
  }

  shift(): void {
    if (this.#head === 0) return;
    this.#head = this.#pool.release(this.#head);
    if (this.#head === 0) this.#tail = 0;
  }

  clear(): void {
    while (this.#head !== 0) this.shift();
  }

  sort(compare: (a: ListedTask, b: ListedTask) => number): void {
    const tasks = [...this].sort(compare);
    this.clear();
    for (const { batch, index } of tasks) this.push(batch, index);
  }

  *[Symbol.iterator](): Generator<ListedTask> {
    for (let entry = this.#head; entry !== 0; entry = this.#pool.next(entry)) yield this.#pool.at(entry);
  }
}
