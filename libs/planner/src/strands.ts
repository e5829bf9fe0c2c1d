import type { Aside, Key } from './gates.js';
import type { LimitKey } from './limits.js';
import type { SubQueue } from './sub-queue.js';
import { TaskList, type ListedTask, type TaskPool } from './task-list.js';
import { PLACE, type BatchState } from './tasks.js';

/**
 * Tasks of a sub-queue that are under the same keys and have left its line, because one of these had no room when their
 * turn came. They wait at that key together. When it has room, the first ones go back to the front of the line.
 */
export class Strand {
  readonly sub: SubQueue;
  /** How the sub-queue knows it. */
  readonly name: string;
  readonly keys: readonly LimitKey[];
  /** Tasks of it that wait. */
  count = 0;
  /**
   * It waits here: at a key alone, at a side of a key with others, with its sub-queue, which waits itself; null: not
   * yet, or nothing of it does any more.
   */
  at: Key | Aside | 'sub-queue' | null = null;
  /** The key for which it waits. */
  key: Key | null = null;
  heapAt = -1;
  /** As the side knows `order` at which it waits. */
  orderAside = 0;
  readonly #pool: TaskPool;
  readonly #line: TaskList;
  /** They go before the others: they were out before, or in the line of the sub-queue. */
  #again: TaskList | null = null;

  constructor(sub: SubQueue, name: string, keys: readonly LimitKey[], pool: TaskPool) {
    this.sub = sub;
    this.name = name;
    this.keys = keys;
    this.#pool = pool;
    this.#line = new TaskList(pool);
  }

  get queue(): SubQueue['queue'] {
    return this.sub.queue;
  }
  get level(): SubQueue['level'] {
    return this.sub.level;
  }
  get workClass(): SubQueue['workClass'] {
    return this.sub.workClass;
  }
  get served(): number {
    return this.sub.served;
  }
  get turn(): number {
    return this.sub.turn;
  }

  add(batch: BatchState, index: number, isAgain: boolean): void {
    this.count++;
    (isAgain ? (this.#again ??= new TaskList(this.#pool)) : this.#line).push(batch, index);
  }

  /** The next task that waits here still; null: none. Entries are hints, as in a sub-queue. */
  get first(): ListedTask | null {
    return firstOf(this.#again) ?? firstOf(this.#line);
  }

  /** Without its first task. */
  shift(): void {
    if (firstOf(this.#again) !== null) this.#again?.shift();
    else this.#line.shift();
  }

  /** Since when its next task is due. */
  get since(): number {
    const { first } = this;
    return first === null ? Infinity : first.batch.firstDueAt(first.index);
  }

  /** Within its tenant the one goes first that has been waiting so much longer as its priority is lower. */
  get rank(): number {
    const { queue, level } = this;
    return queue.agingMs === null ? -level.priority : this.since / queue.agingMs - level.priority;
  }

  get order(): number {
    return this.since;
  }

  clear(): void {
    this.#again?.clear();
    this.#line.clear();
  }
}

function firstOf(list: TaskList | null): ListedTask | null {
  for (let task = list?.first ?? null; task !== null; task = list?.first ?? null) {
    if (!task.batch.removed && task.batch.place(task.index) === PLACE.limited) return task;
    list?.shift();
  }
  return null;
}
