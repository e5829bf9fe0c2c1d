import { isLeaderDecided } from '@drover/core';
import { TaskList, type ListedTask, type TaskPool } from './task-list.js';
import { isFinalPlace, PLACE, type BatchState } from './tasks.js';

/** Tasks of a queue that run one at a time, in the order of their submits. */
export class Sequence {
  readonly name: string;
  readonly #tasks: TaskList;
  #isSorted = true;
  /** Tasks of it that are out. */
  out = 0;

  constructor(name: string, pool: TaskPool) {
    this.name = name;
    this.#tasks = new TaskList(pool);
  }

  add(batch: BatchState, index: number): void {
    const { last } = this.#tasks;
    if (last !== null && inOrder(last, { batch, index }) > 0) this.#isSorted = false;
    this.#tasks.push(batch, index);
  }

  /** Nothing of it is left. */
  get isEmpty(): boolean {
    this.#dropEnded();
    return this.#tasks.first === null;
  }

  /** The task whose turn it is: the first that has not ended, or has failed and blocks the others. Null: it is nobody's. */
  get head(): ListedTask | null {
    this.#dropEnded();
    const { first } = this.#tasks;
    if (first === null || !isHeld(first)) return first;
    for (const task of this.#tasks) if (!isOver(task) && !isHeld(task)) return task;
    return null;
  }

  #dropEnded(): void {
    if (!this.#isSorted) this.#tasks.sort(inOrder);
    this.#isSorted = true;
    for (let { first } = this.#tasks; first !== null && isOver(first); { first } = this.#tasks) this.#tasks.shift();
  }
}

/** Its unique key holds it back: the first of a burst waits until the last one has gone out, so it must not wait for the first. */
function isHeld({ batch, index }: ListedTask): boolean {
  if (batch.order === null || batch.place(index) !== PLACE.fresh) return false;
  return isLeaderDecided(batch.groupAt(index).unique) && !batch.runAt(index).due;
}

function isOver({ batch, index }: ListedTask): boolean {
  if (batch.removed) return true;
  const place = batch.place(index);
  return isFinalPlace(place) && !(place === PLACE.failed && blocks(batch, index));
}

/** When it fails the others wait until it is retried or cancelled. */
export const blocks = (batch: BatchState, index: number): boolean =>
  batch.groupAt(index).sequence?.onFailure === 'block';

/** By the transactions that ZooKeeper made of the submits. */
function inOrder(a: ListedTask, b: ListedTask): number {
  const [one, other] = [a.batch.sequenced ?? 0n, b.batch.sequenced ?? 0n];
  return one < other ? -1 : one > other ? 1 : a.index - b.index;
}

/**
 * All sequences of unfinished tasks. Nothing is stored: whose turn it is follows from the batches, their results and the
 * assignments that exist.
 */
export class Sequences {
  readonly #byName = new Map<string, Sequence>();
  readonly #pool: TaskPool;
  /** Those whose next task may be another one. */
  readonly changed = new Set<Sequence>();

  constructor(pool: TaskPool) {
    this.#pool = pool;
  }

  /** Of a task that has a sequence. */
  of(batch: BatchState, index: number): Sequence {
    const name = nameOf(batch, index);
    let sequence = this.#byName.get(name);
    if (sequence === undefined) this.#byName.set(name, (sequence = new Sequence(name, this.#pool)));
    return sequence;
  }

  /** The task has not ended. */
  enter(batch: BatchState, index: number): void {
    const sequence = this.of(batch, index);
    sequence.add(batch, index);
    this.changed.add(sequence);
  }

  /** It has moved on, perhaps to its end. */
  touch(batch: BatchState, index: number): void {
    this.changed.add(this.of(batch, index));
  }

  wentOut(batch: BatchState, index: number, tasks: 1 | -1): void {
    const sequence = this.of(batch, index);
    sequence.out += tasks;
    this.changed.add(sequence);
  }

  /** Whether it is the turn of the task. */
  mayGo(batch: BatchState, index: number): boolean {
    const { head, out } = this.of(batch, index);
    return out === 0 && head?.batch === batch && head.index === index;
  }

  /** Nothing of it is left. */
  forget(sequence: Sequence): void {
    if (this.#byName.get(sequence.name) === sequence) this.#byName.delete(sequence.name);
  }
}

/** No queue has a space in its name. */
const nameOf = (batch: BatchState, index: number): string =>
  `${batch.queueName} ${batch.groupAt(index).sequence?.key ?? ''}`;
