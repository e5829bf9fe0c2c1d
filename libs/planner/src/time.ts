import TinyQueue from 'tinyqueue';
import { deadlineDue, graceDue, roomDue } from './assignments.js';
import { limitDue } from './aside.js';
import { heldLongEnough, keyDue } from './decide-keys.js';
import { lateDue } from './late.js';
import { keptLongEnough } from './held.js';
import { runDue } from './batches.js';
import { retryDue } from './ledger.js';
import type { KeyState } from './keys.js';
import type { LateEnd, Lifetime } from './lifetimes.js';
import type { LimitKey, Shard } from './limits.js';
import { shardDue } from './reservations.js';
import type { State } from './state.js';
import type { BatchState, Run } from './tasks.js';

/** Things that time alone brings about. Entries may be stale when they come up; whoever acts on one looks again. */
export type Due =
  /** The delay of a run is over. */
  | { kind: 'run'; run: Run }
  /** The next attempt of a task is due; `attempt` is the one that failed. `setTo`: somebody set it to this time. */
  | { kind: 'retry'; batch: BatchState; index: number; attempt: number; setTo?: number }
  /** The worker should have ended the assignment long ago. */
  | { kind: 'deadline'; assignment: number }
  /** The worker should have aborted what was cancelled. */
  | { kind: 'grace'; assignment: number }
  /** The worker should have let the tasks of the assignment make room. */
  | { kind: 'room'; assignment: number }
  /** Tasks should have been started, or ended, by now. */
  | { kind: 'late'; lifetime: Lifetime; end: LateEnd }
  /** Something of a unique key is due. `at`: the time of this entry. */
  | { kind: 'key'; key: KeyState; at: number }
  /** The time is over for which the batch was kept in any case. `finishedAt`: the end that counts. */
  | { kind: 'kept'; batch: BatchState; finishedAt: number }
  /** The key of mode `first` was held for long enough after the end of its task at `endedAt`. */
  | { kind: 'key-held'; batch: BatchState; index: number; endedAt: number }
  /** A key of a limit has room. `at`: the time of this entry. */
  | { kind: 'limit'; key: LimitKey; at: number }
  /** Keys of a limit are idle, and need not be remembered. */
  | { kind: 'shard'; shard: Shard }
  /** Suspects have waited long enough for a worker to be empty: the plan looks at all of them. */
  | { kind: 'suspects' }
  /** Tasks that are pinned wait no longer for names that are not there. */
  | { kind: 'pinned'; batch: BatchState };

interface Entry {
  readonly due: Due;
  readonly at: number;
  readonly order: number;
}

/** Dues by time; those of the same time in the order in which they were added. */
export class DueHeap {
  readonly #heap = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order - b.order);
  #order = 0;

  add(at: number, due: Due): void {
    this.#heap.push({ due, at, order: this.#order++ });
  }

  /** The next one that is due at `now`, taken out. */
  take(now: number): Pick<Entry, 'due' | 'at'> | null {
    const entry = this.#heap.peek();
    if (entry === undefined || entry.at > now) return null;
    this.#heap.pop();
    return entry;
  }

  get nextAt(): number | null {
    return this.#heap.peek()?.at ?? null;
  }
}

/** Everything that time has brought about until `now`. */
export function fireDue(state: State, now: number): void {
  state.firedUntil = Math.max(state.firedUntil, now);
  for (let next = state.due.take(now); next !== null; next = state.due.take(now)) {
    const { due, at } = next;
    switch (due.kind) {
      case 'run':
        runDue(state, due.run, at);
        break;
      case 'retry':
        retryDue(state, due.batch, due.index, due, at);
        break;
      case 'deadline':
        deadlineDue(state, due.assignment, now);
        break;
      case 'grace':
        graceDue(state, due.assignment);
        break;
      case 'room':
        roomDue(state, due.assignment);
        break;
      case 'late':
        lateDue(state, due.lifetime, due.end, now);
        break;
      case 'key':
        keyDue(state, due.key, due.at);
        break;
      case 'kept':
        keptLongEnough(state, due.batch, due.finishedAt);
        break;
      case 'key-held':
        heldLongEnough(state, due.batch, due.index, due.endedAt);
        break;
      case 'limit':
        limitDue(state, due.key, due.at);
        break;
      case 'shard':
        shardDue(state, due.shard, now);
        break;
      case 'suspects':
        break;
      case 'pinned':
        if (due.batch.finished === null && !due.batch.removed) state.pins.toCheck.add(due.batch);
        break;
    }
  }
}
