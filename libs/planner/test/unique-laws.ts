import { taskId, type TaskId, type UniquePolicy } from '@drover/core';
import { check, groupAt, isEnd, type WorldBatch } from './account.js';

interface Seen {
  readonly id: TaskId;
  readonly batch: WorldBatch;
  readonly index: number;
  readonly unique: UniquePolicy;
  readonly order: bigint;
}

/** The laws of unique keys, from what was written alone: assignments, ends, supersessions. */
export class UniqueLaws {
  readonly #batches: ReadonlyMap<string, WorldBatch>;
  readonly #winners = new Map<TaskId, TaskId>();
  readonly #began = new Set<TaskId>();
  /** By key: the task that went out last. */
  readonly #lastOut = new Map<string, Seen>();
  /** By key: when a task of it went out for the first time, and how long its window was. */
  readonly #windows = new Map<string, { id: TaskId; until: number }>();

  constructor(batches: ReadonlyMap<string, WorldBatch>) {
    this.#batches = batches;
  }

  superseded(batch: string, index: number, winner: TaskId): void {
    const loser = this.#find(taskId(batch, index));
    if (loser === null) return;
    const other = this.#find(winner);
    const isInWindow = loser.unique.mode === 'throttle' || other?.unique.mode === 'throttle';
    check(other !== null || isInWindow, `supersedes ${loser.id} by ${winner}, which is not there`);
    if (!isInWindow && other !== null) {
      const isYounger = isBefore(loser, other) || !hasBegun(other);
      check(isYounger, `supersedes ${loser.id} by ${winner}, which was submitted before it`);
      const state = other.batch.states[other.index];
      check(!isEnd(state), `supersedes ${loser.id} by ${winner}, which is ${state}`);
    }
    this.#winners.set(loser.id, winner);
  }

  /** Before it goes out. */
  assigned(batch: WorldBatch, index: number, now: number): void {
    const task = seen(batch, index);
    if (task === null) return;
    const { id, unique } = task;
    const others = this.#ofKey(task).filter((other) => other.id !== id);
    const running = others.find((other) => hasBegun(other) && !isEnd(other.batch.states[other.index]));
    check(running === undefined, `runs ${id} beside ${running?.id} of the same key`);
    const retried = (batch.lifeFrom[index] ?? 0) > batch.fact.submittedAt;
    if (!this.#began.has(id) && !retried) {
      this.#checkWindow(task, now);
      if (unique.mode === 'debounce') this.#checkQuiet(task, now);
    }
    // A later attempt opens no window.
    if (unique.everyMs !== null && this.#windows.get(keyOf(task))?.id !== id)
      this.#windows.set(keyOf(task), { id, until: now + unique.everyMs });
    this.#began.add(id);
    this.#lastOut.set(keyOf(task), task);
  }

  #checkWindow(task: Seen, now: number): void {
    const window = this.#windows.get(keyOf(task));
    if (task.unique.mode !== 'throttle' || window === undefined || window.id === task.id) return;
    const opener = this.#find(window.id);
    // Of one that was cancelled while it ran, or is not kept any more, no later leader knows that it began.
    if (opener === null || opener.batch.states[opener.index] === 'cancelled') return;
    // One that was handed back before it began has opened no window.
    if (opener.batch.progress[opener.index]?.attempt === 0) return;
    if (this.#began.has(task.id)) return;
    check(now >= window.until, `runs ${task.id} ${window.until - now} ms before the window of ${window.id} is over`);
  }

  #checkQuiet(task: Seen, now: number): void {
    const before = this.#lastOut.get(keyOf(task));
    // Those of its burst, also where they have expired or were cancelled meanwhile.
    const earlier = this.#ofKey(task).filter((other) => before === undefined || isBefore(before, other));
    const burst = [task, ...earlier];
    const first = Math.min(...burst.map(({ batch }) => batch.fact.submittedAt));
    // When the time of one of them has come, the newest goes out in its place.
    const dueAt = Math.min(
      ...burst.map(({ batch: { fact }, unique: { quietMs, maxMs } }) =>
        Math.min(fact.submittedAt + (quietMs ?? 0), maxMs === null ? Infinity : first + maxMs),
      ),
    );
    check(now >= dueAt, `runs ${task.id} ${dueAt - now} ms too early`);
  }

  /** Each submit was done for: a later one of its key ran, or ended otherwise. */
  checkEnds(): void {
    for (const [loser] of this.#winners) {
      const chain = new Set<TaskId>([loser]);
      let last = loser;
      for (let next = this.#winners.get(last); next !== undefined; next = this.#winners.get(last)) {
        check(!chain.has(next), `supersedes ${next} by itself`);
        chain.add(next);
        last = next;
      }
      const winner = this.#find(last);
      if (winner === null) continue;
      const end = winner.batch.states[winner.index];
      // By hand, or in time's name, or because of its mode.
      const isExcused = end === 'cancelled' || end === 'failed';
      check(this.#began.has(last) || isExcused, `ends ${loser} for ${last}, which never ran`);
    }
  }

  #ofKey(task: Seen): Seen[] {
    const found: Seen[] = [];
    for (const batch of this.#batches.values()) {
      if (batch.fact.queue !== task.batch.fact.queue) continue;
      for (let index = 0; index < batch.count; index++) {
        const other = seen(batch, index);
        if (other?.unique.key === task.unique.key) found.push(other);
      }
    }
    return found;
  }

  #find(id: TaskId): Seen | null {
    const at = id.lastIndexOf('.');
    const batch = this.#batches.get(id.slice(0, at));
    return batch === undefined ? null : seen(batch, Number(id.slice(at + 1)));
  }
}

function seen(batch: WorldBatch, index: number): Seen | null {
  const { unique } = groupAt(batch.fact, index);
  if (unique === null || unique.mode === 'first') return null;
  return { id: taskId(batch.fact.id, index), batch, index, unique, order: batch.fact.order ?? 0n };
}

const keyOf = ({ batch, unique }: Seen): string => `${batch.fact.queue} ${unique.key}`;
const isBefore = (a: Seen, b: Seen): boolean => a.order < b.order || (a.order === b.order && a.index < b.index);
const hasBegun = ({ batch, index }: Seen): boolean =>
  batch.states[index] === 'out' || (batch.progress[index]?.attempt ?? 0) > 0;
