import { indexesOf } from '@drover/core';
import { guardSub } from './batches.js';
import { backInLine, bindLoose, setAside } from './ledger.js';
import type { Block } from './guards.js';
import type { Key } from './gates.js';
import { LimitKey } from './limits.js';
import type { State } from './state.js';
import type { Strand } from './strands.js';
import type { SubQueue } from './sub-queue.js';
import type { ListedTask } from './task-list.js';
import { PLACE, type BatchState } from './tasks.js';

/**
 * Tasks that a limit or a sequence keeps back: they leave the line of their sub-queue when their turn comes, and come
 * back to the front of it. The README argues why nothing that could go out waits ("Limits", "Sequences").
 */

/** Whether a sub-queue whose turn has come has a task that may go out; see `Guards` of the contest. */
export function stopAt(state: State, sub: SubQueue): Key | 'left' | null {
  const { guard } = sub;
  if (guard === null) return null;
  if (guard.loose.length > 0) {
    bindLoose(state, guard);
    refreshKeys(state);
  }
  const { closed } = guard;
  if (closed !== null) {
    // It is about to wait there, and somebody must look when time opens the key.
    state.limits.changed.add(closed);
    return closed;
  }
  if (!guard.looksAtEach) return null;
  for (let head = sub.head; head !== null && sub.ready > 0; { head } = sub) {
    const block = guard.block(head.batch, head.index);
    if (block === null) return null;
    keepBack(state, sub, head, block);
  }
  return 'left';
}

function keepBack(state: State, { guard }: SubQueue, { batch, index }: ListedTask, block: Block): void {
  if (guard === null) return;
  if (block === 'sequence') {
    setAside(state, batch, index, PLACE.behind);
    return;
  }
  state.contest.closeKey(block);
  state.limits.changed.add(block);
  const isAgain = batch.place(index) === PLACE.again;
  const strand = guard.strandFor(batch, index);
  setAside(state, batch, index, PLACE.limited);
  strand.add(batch, index, isAgain);
  if (strand.at !== 'sub-queue' && strand.key !== block) state.contest.waitAt(strand, block);
}

/** As many of its tasks as its keys have room for go back to the line; see `Guards` of the contest. */
export function giveBack(state: State, strand: Strand): void {
  const { contest, limits } = state;
  const { guard } = strand.sub;
  let room = Infinity;
  for (const key of strand.keys) {
    const ofKey = key.room(limits.now);
    if (ofKey <= 0) {
      contest.closeKey(key);
      contest.waitAt(strand, key);
      limits.changed.add(key);
      return;
    }
    room = Math.min(room, ofKey);
  }
  for (let task = strand.first; task !== null && room > 0; task = strand.first, room--) {
    strand.shift();
    strand.count--;
    backInLine(state, task.batch, task.index);
  }
  if (strand.count === 0) guard?.forget(strand);
}

/** Looks at the keys whose room may have changed, until nothing more follows. */
export function refreshKeys(state: State): void {
  const { changed } = state.limits;
  while (changed.size > 0)
    for (const key of changed) {
      changed.delete(key);
      refreshKey(state, key);
    }
}

function refreshKey(state: State, key: Key): void {
  const { contest, limits } = state;
  if (!key.hasWaiting) {
    if (!(key instanceof LimitKey)) return;
    limits.forgetIfIdle(key);
    // A hold that somebody asked for is all that may be left to remember.
    if (key.holdUntil > limits.now) wakeKeyAt(state, key, key.holdUntil);
    return;
  }
  if (key.room(limits.now) <= 0) {
    contest.closeKey(key);
    // A quota has room when somebody gives something back, not by time.
    if (key instanceof LimitKey) wakeKey(state, key);
    return;
  }
  const { waiter } = key;
  if (waiter === null) {
    contest.openKey(key);
    return;
  }
  contest.leaveKey(waiter);
  giveBack(state, waiter);
  if (waiter.count > 0 && waiter.at === null) contest.waitAt(waiter, key);
}

/** The key is looked at again when time gives it room. */
function wakeKey(state: State, key: LimitKey): void {
  const at = key.nextAt(state.limits.now);
  if (at !== null && at !== Infinity) wakeKeyAt(state, key, at);
}

function wakeKeyAt(state: State, key: LimitKey, at: number): void {
  if (key.wakeAt !== null && key.wakeAt <= at) return;
  key.wakeAt = at;
  state.due.add(at, { kind: 'limit', key, at });
}

/** The time has come for which a key was looked at. */
export function limitDue(state: State, key: LimitKey, at: number): void {
  if (key.wakeAt !== at) return;
  key.wakeAt = null;
  state.limits.changed.add(key);
}

/** The next tasks of the sub-queue that may go out together; `spare`: each only while its keys have more room than this. */
export function takeFrom(state: State, sub: SubQueue, max: number, spare: number) {
  const { guard } = sub;
  if (guard === null) return sub.take(max);
  const most = Math.min(max, guard.room);
  if (most <= 0) return null;
  if (!guard.looksAtEach) return sub.take(most);
  const slice = sub.take(most, (batch: BatchState, index: number) => {
    const block = guard.block(batch, index);
    if (block !== null) {
      keepBack(state, sub, { batch, index }, block);
      return 'set aside';
    }
    if (guard.roomLike(batch, index) <= spare) return 'stop';
    guard.take(batch, index);
    return 'take';
  });
  guard.took();
  return slice;
}

/** Limits that were declared, changed or removed come into force: who waits for one is in line again. */
export function applyLimits(state: State): void {
  const { limits } = state;
  const news = limits.news.splice(0);
  if (!news.some(({ declares }) => declares)) {
    for (const { apply } of news) apply();
    return;
  }
  const subs = [...state.queues.values()].flatMap((queue) => [...queue.subs()]);
  for (const sub of subs) freeAll(state, sub);
  for (const { apply } of news) apply();
  for (const sub of subs) guardSub(state, sub);
  recount(state);
}

/** The oldest first, as they were in line. */
function freeAll(state: State, sub: SubQueue): void {
  const { guard } = sub;
  state.contest.freeFromKey(sub);
  if (guard === null) return;
  const tasks: ListedTask[] = [];
  guard.loose = [];
  for (const strand of [...guard.strands.values()]) {
    state.contest.leaveKey(strand);
    for (let { first } = strand; first !== null; { first } = strand) {
      tasks.push(first);
      strand.shift();
    }
    strand.count = 0;
    guard.forget(strand);
  }
  tasks.sort((a, b) => ageOf(a) - ageOf(b) || a.index - b.index);
  for (const { batch, index } of tasks) backInLine(state, batch, index);
}

const ageOf = ({ batch, index }: ListedTask): number => batch.firstDueAt(index);

/** Tasks count under the limits that are in force, whenever they went out. */
function recount(state: State): void {
  for (const limit of state.limits.limits()) for (const key of [...limit.keys.values()]) key.out = 0;
  for (const { batch, sub, fact, seq } of state.assignments.all()) {
    if (sub.guard === null) continue;
    for (const index of indexesOf(fact.tasks))
      if (batch.table?.holder(index) === seq) sub.guard.count(batch, [[index, index + 1]], 1);
  }
  for (const limit of state.limits.limits()) for (const key of [...limit.keys.values()]) state.limits.touch(key);
}

/** The next tasks of sequences come into the line, where those before them have ended. True: some did. */
export function advanceSequences(state: State): boolean {
  const { changed } = state.sequences;
  let isNew = false;
  for (const sequence of changed) {
    changed.delete(sequence);
    const { head, out } = sequence;
    if (out === 0 && sequence.isEmpty) state.sequences.forget(sequence);
    if (head === null || out > 0 || head.batch.place(head.index) !== PLACE.behind) continue;
    backInLine(state, head.batch, head.index);
    isNew = true;
  }
  return isNew;
}
