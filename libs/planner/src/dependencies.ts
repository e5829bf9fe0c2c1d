import type { AfterMode, BatchId, TaskId } from '@drover/core';
import type { BatchState, Run } from './tasks.js';

/** A task that others wait for. */
export interface Other {
  readonly id: TaskId;
  readonly batch: BatchId;
  readonly index: number;
}

/** Tasks of a batch, a run of their own, that wait for the same others. */
export interface Waiter {
  readonly run: Run;
  readonly mode: AfterMode;
  readonly others: readonly Other[];
  /** How many of them have not ended as they should, as far as was told since it was looked at last. */
  left: number;
  /** They may go out, or have ended: nothing is decided any more. The batches of the others are kept all the same. */
  isOver: boolean;
}

/** `again`: it is to run again. */
export type OtherEnd = 'succeeded' | 'failed' | 'cancelled' | 'again';

/**
 * Knows who waits for whom. Nothing of it is stored: a batch says itself for which tasks it waits. The cost is one waiter for
 * consecutive tasks that wait for the same others, and an entry for each of these.
 *
 * A batch is awaited as long as a batch that waits for tasks of it is unfinished, also when it waits no longer: the next
 * leader must find how they ended.
 */
export class Dependencies {
  /** By the batch of the others, and the index there. */
  readonly #waiters = new Map<BatchId, Map<number, Set<Waiter>>>();
  readonly #of = new Map<BatchState, Waiter[]>();
  /** Those of which something may follow. */
  readonly dirty = new Set<Waiter>();
  /** Batches that are there, and that this leader cannot read. */
  readonly unread = new Set<BatchId>();

  isAwaited(batch: BatchId): boolean {
    return this.#waiters.size > 0 && this.#waiters.has(batch);
  }

  /** The tasks of the run wait. Answers with the batches of the others. */
  enter(run: Run, ids: readonly TaskId[], mode: AfterMode): Iterable<BatchId> {
    const others: Other[] = [];
    const waiter: Waiter = { run, mode, others, left: 0, isOver: false };
    for (const other of ids.map(otherOf)) {
      const waiters = this.#at(other.batch, other.index);
      // A batch may name one twice that no client of ours wrote: it ends once.
      if (waiters.has(waiter)) continue;
      waiters.add(waiter);
      others.push(other);
    }
    waiter.left = others.length;
    const own = this.#of.get(run.batch);
    if (own === undefined) this.#of.set(run.batch, [waiter]);
    else own.push(waiter);
    this.dirty.add(waiter);
    return new Set(others.map(({ batch }) => batch));
  }

  /** Null: the run waits for nobody. */
  of(run: Run): Waiter | null {
    return this.#of.get(run.batch)?.find((waiter) => waiter.run === run) ?? null;
  }

  /** A task that others wait for has ended, or is to run again. */
  told(batch: BatchId, index: number, end: OtherEnd): void {
    for (const waiter of this.#waiters.get(batch)?.get(index) ?? []) {
      if (waiter.isOver) continue;
      if (end === 'again') waiter.left++;
      else if (!isGood(end, waiter.mode) || --waiter.left <= 0) this.dirty.add(waiter);
    }
  }

  /** The batch is not there any more, whatever its tasks were; or it can be read now. */
  lookAgain(batch: BatchId): void {
    this.unread.delete(batch);
    for (const waiters of this.#waiters.get(batch)?.values() ?? [])
      for (const waiter of waiters) if (!waiter.isOver) this.dirty.add(waiter);
  }

  /** All tasks of the batch have ended, or it is no more. Answers with the batches that nobody waits for any more. */
  leave(batch: BatchState): Iterable<BatchId> {
    const freed = new Set<BatchId>();
    for (const waiter of this.#of.get(batch) ?? []) {
      waiter.isOver = true;
      this.dirty.delete(waiter);
      for (const other of waiter.others) if (this.#release(waiter, other)) freed.add(other.batch);
    }
    this.#of.delete(batch);
    return freed;
  }

  #at(batch: BatchId, index: number): Set<Waiter> {
    let tasks = this.#waiters.get(batch);
    if (tasks === undefined) this.#waiters.set(batch, (tasks = new Map<number, Set<Waiter>>()));
    let waiters = tasks.get(index);
    if (waiters === undefined) tasks.set(index, (waiters = new Set<Waiter>()));
    return waiters;
  }

  /** True: nobody waits for its batch any more. */
  #release(waiter: Waiter, { batch, index }: Other): boolean {
    const tasks = this.#waiters.get(batch);
    const waiters = tasks?.get(index);
    if (tasks === undefined || waiters?.delete(waiter) !== true || waiters.size > 0) return false;
    tasks.delete(index);
    return tasks.size === 0 && this.#waiters.delete(batch);
  }
}

const isGood = (end: OtherEnd, mode: AfterMode): boolean =>
  end === 'succeeded' || (mode === 'ended' && (end === 'failed' || end === 'cancelled'));

/** A text that is no id of this system names a batch that nobody knows. */
function otherOf(id: TaskId): Other {
  const dot = id.lastIndexOf('.');
  return { id, batch: id.slice(0, Math.max(dot, 0)), index: Number(id.slice(dot + 1)) };
}
