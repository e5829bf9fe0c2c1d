import { isLeaderDecided, taskId, type TaskId, type UniquePolicy } from '@drover/core';
import type { State } from './state.js';
import { PLACE, type BatchState, type Run } from './tasks.js';
import { inOrder, type KeyTask, type KeyWindow } from './unique.js';

/** A task that has not ended, as its unique key knows it. */
export class UniqueTask implements KeyTask {
  readonly batch: BatchState;
  readonly index: number;
  readonly policy: UniquePolicy;
  /**
   * The run in whose place in line it stands, while it may go out and has not: its own, or that of one it superseded.
   */
  seat: Run | null = null;

  constructor(batch: BatchState, index: number, policy: UniquePolicy) {
    this.batch = batch;
    this.index = index;
    this.policy = policy;
  }

  get order(): bigint {
    return this.batch.order ?? 0n;
  }

  get submittedAt(): number {
    return this.batch.submittedAt;
  }

  get delayMs(): number {
    return this.batch.groupAt(this.index).delayMs;
  }

  /** One that was handed back before it began has not: any leader knows as much. */
  get hasStarted(): boolean {
    const { batch, index } = this;
    return batch.place(index) === PLACE.out || (batch.table?.progress(index).attempt ?? 0) > 0;
  }

  get isInLine(): boolean {
    const place = this.batch.place(this.index);
    return (
      place === PLACE.again ||
      place === PLACE.limited ||
      place === PLACE.behind ||
      (place === PLACE.fresh && this.seat !== null)
    );
  }

  get id(): TaskId {
    return taskId(this.batch.id, this.index);
  }
}

/** A unique key of a queue that has unfinished tasks, or whose window is open. */
export interface KeyState {
  readonly name: string;
  /** In their order. */
  tasks: readonly UniqueTask[];
  window: KeyWindow<TaskId> | null;
  /** When the heap of due times will bring it up; null: not. */
  wakeAt: number | null;
}

/**
 * The keys of which the leader decides, and what it remembers of each: nothing that does not follow from the batches,
 * their results and the assignments that exist. Keys of mode `first` join as soon as another mode is used anywhere, to
 * see that the two do not mix.
 */
export class UniqueKeys {
  readonly #keys = new Map<string, KeyState>();
  /** Those of which something has changed. */
  readonly dirty = new Set<KeyState>();
  #isUsed = false;

  get size(): number {
    return this.#keys.size;
  }

  /** Whether modes other than `first` are used. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  of(batch: BatchState, index: number): KeyState | null {
    const policy = policyAt(batch, index);
    return policy === null ? null : (this.#keys.get(nameOf(batch, policy)) ?? null);
  }

  task(batch: BatchState, index: number): UniqueTask | null {
    return this.of(batch, index)?.tasks.find((task) => task.batch === batch && task.index === index) ?? null;
  }

  /** The task is unfinished. `batches`: all that there are. */
  enter(batch: BatchState, index: number, batches: Iterable<BatchState>): void {
    const policy = policyAt(batch, index);
    if (policy === null || (!this.#isUsed && policy.mode === 'first')) return;
    if (!this.#isUsed) this.#use(batches);
    const key = this.#keyNamed(nameOf(batch, policy));
    if (key.tasks.some((task) => task.batch === batch && task.index === index)) return;
    // Mostly it is the newest.
    const task = new UniqueTask(batch, index, policy);
    const last = key.tasks.at(-1);
    key.tasks = [...key.tasks, task];
    if (last !== undefined && inOrder(last, task) > 0) key.tasks = key.tasks.toSorted(inOrder);
    this.dirty.add(key);
  }

  #use(batches: Iterable<BatchState>): void {
    this.#isUsed = true;
    for (const batch of batches) {
      if (!batch.keyed || batch.finished !== null) continue;
      for (let index = 0; index < batch.count; index++) if (!batch.isOver(index)) this.enter(batch, index, []);
    }
  }

  /** The task has ended, or is no more. */
  leave(batch: BatchState, index: number): void {
    const key = this.of(batch, index);
    if (key === null) return;
    key.tasks = key.tasks.filter((task) => task.batch !== batch || task.index !== index);
    this.dirty.add(key);
  }

  /** The task was handed out at this time, or later than that. Milliseconds. */
  began(state: State, batch: BatchState, index: number, at: number): void {
    const policy = policyAt(batch, index);
    if (!isLeaderDecided(policy)) return;
    const key = this.#keyNamed(nameOf(batch, policy));
    this.dirty.add(key);
    if (policy.everyMs === null) return;
    const opener = taskId(batch.id, index);
    const until = at + policy.everyMs;
    // Another attempt opens no window.
    if (key.window !== null && (key.window.opener === opener || key.window.until >= until)) return;
    key.window = { until, opener };
    wakeKey(state, key, until);
  }

  /** The worker gave the task back before it began: nothing has come of it. */
  handedBack(batch: BatchState, index: number): void {
    const key = this.of(batch, index);
    if (key === null) return;
    if (key.window?.opener === taskId(batch.id, index)) key.window = null;
    this.dirty.add(key);
  }

  /**
   * Nothing is remembered of a key without tasks whose window is over. The heap may still bring up one that was
   * forgotten.
   */
  forgetIfOver(key: KeyState, now: number): void {
    if (key.window !== null && key.window.until <= now) key.window = null;
    const isOver = key.tasks.length === 0 && key.window === null;
    if (isOver && this.#keys.get(key.name) === key) this.#keys.delete(key.name);
  }

  #keyNamed(name: string): KeyState {
    let key = this.#keys.get(name);
    if (key === undefined) this.#keys.set(name, (key = { name, tasks: [], window: null, wakeAt: null }));
    return key;
  }
}

/** The key is looked at again then. One entry of the heap at a time stands for it: the earliest. */
export function wakeKey(state: State, key: KeyState, at: number): void {
  if (key.wakeAt !== null && key.wakeAt <= at) return;
  key.wakeAt = at;
  state.due.add(at, { kind: 'key', key, at });
}

/** No queue has a space in its name. */
const nameOf = (batch: BatchState, { key }: UniquePolicy): string => `${batch.queueName} ${key}`;

/** The policy of a task with the option `key`. */
function policyAt(batch: BatchState, index: number): UniquePolicy | null {
  const { key, unique } = batch.groupAt(index);
  if (unique !== null || key === null) return unique;
  return { key, mode: 'first', forMs: null, everyMs: null, trailing: true, quietMs: null, maxMs: null };
}
