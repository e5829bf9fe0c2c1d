import {
  canMove,
  foldEnd,
  indexesOf,
  taskId,
  toRanges,
  type AttemptEnd,
  type Range,
  type RangeEnd,
  type TaskId,
} from '@drover/core';
import type { Assignment } from './assignments.js';
import type { Guard } from './guards.js';
import { countClaims } from './claims.js';
import { holdKey } from './held.js';
import { beginAgain, type LateEnd } from './lifetimes.js';
import type { EndedTask } from './model.js';
import { noteDeath, noteRetry } from './on-dead.js';
import { blocks } from './sequences.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import { ALONE_AT, type Death } from './suspects.js';
import { isFinalPlace, PLACE, stateOfPlace, type BatchState, type Place } from './tasks.js';

/**
 * Every move of a task from one place to another, with all counters that speak of it: tallies, what is pending and out
 * of queues and classes, what is out at workers and open in assignments, unfinished bytes, names in use. No other file
 * changes one of them, so they are always those of the places. Moves follow the table of states in core.
 */

// --- A task leaves its place

/** So many more tasks of the sub-queue have not ended. */
export function countUnfinished(state: State, { queue, level: { tenant } }: SubQueue, tasks: number): void {
  queue.unfinished += tasks;
  tenant.unfinished += tasks;
  if (queue.isBounded) state.bounds.counted(queue, tenant);
}

/** Its place must be set by the caller, in this file. */
export function leave(state: State, batch: BatchState, index: number): void {
  const { queue, table } = batch;
  switch (batch.place(index)) {
    case PLACE.fresh: {
      const run = batch.runAt(index);
      run.waiting--;
      if (!run.due) state.tally.scheduled--;
      else unpend(state, run.sub, 1);
      return;
    }
    case PLACE.again: {
      const { sub } = batch.runAt(index);
      sub.guard?.touch(batch, index);
      unpend(state, sub, 1);
      return;
    }
    case PLACE.limited:
      leaveStrand(state, batch, index);
      unpendAside(state, batch.runAt(index).sub);
      return;
    case PLACE.behind:
      unpendAside(state, batch.runAt(index).sub);
      return;
    case PLACE.retrying:
      state.tally.retrying--;
      queue.retrying--;
      return;
    case PLACE.suspect:
      state.tally.pending--;
      queue.suspects--;
      state.busiest.touch(queue);
      return;
    case PLACE.out: {
      const assignment = state.assignments.bySeq(table?.holder(index) ?? 0);
      table?.setHolder(index, 0);
      batch.runAt(index).sub.guard?.moved(batch, [[index, index + 1]], -1);
      if (assignment === undefined) comeBack(state, batch.runAt(index).sub, 1);
      else comeIn(state, assignment, 1);
      return;
    }
    case PLACE.succeeded:
      state.tally.succeeded--;
      batch.succeeded--;
      return;
    case PLACE.failed:
      state.tally.failed--;
      batch.failed--;
      if (batch.sequenced !== null && blocks(batch, index)) batch.blocking--;
      return;
    case PLACE.cancelled:
      state.tally.cancelled--;
      batch.cancelled--;
      return;
  }
}

/** So many tasks of the sub-queue are due and wait for a worker. */
export function pend(state: State, sub: SubQueue, tasks: number): void {
  const { queue, workClass } = sub;
  const wasEmpty = sub.pending === 0;
  const wasReady = sub.ready > 0;
  if (queue.pending === 0) state.contest.join(queue);
  sub.pending += tasks;
  queue.pending += tasks;
  state.busiest.touch(queue);
  state.tally.pending += tasks;
  if (!queue.settings.paused) workClass.pending += tasks;
  state.classes.touch(workClass);
  if (wasEmpty) state.contest.enter(sub);
  else if (!wasReady) state.contest.resume(sub);
}

function unpend(state: State, sub: SubQueue, tasks: number): void {
  const { queue, workClass } = sub;
  sub.pending -= tasks;
  queue.pending -= tasks;
  state.busiest.touch(queue);
  state.tally.pending -= tasks;
  if (!queue.settings.paused) workClass.pending -= tasks;
  state.classes.touch(workClass);
  if (sub.ready === 0) leaveLine(state, sub);
}

/** Nothing is in its line any more. */
function leaveLine(state: State, sub: SubQueue): void {
  sub.clear();
  if (sub.pending === 0) state.contest.leave(sub);
  else state.contest.rest(sub);
  if (sub.guard !== null && sub.guard.loose.length > 0) bindLoose(state, sub.guard);
}

// --- Tasks are set aside, and come back to the line

/** A task that was in line waits for something else: its strand, or its sequence, knows it. */
export function setAside(state: State, batch: BatchState, index: number, place: Aside): void {
  const run = batch.runAt(index);
  const { sub } = run;
  const { workClass, queue } = sub;
  guard(batch, index, place);
  if (batch.place(index) === PLACE.fresh) run.waiting--;
  batch.touch().setPlace(index, place);
  sub.aside++;
  if (!queue.settings.paused) workClass.pending--;
  state.classes.touch(workClass);
  if (sub.ready === 0) leaveLine(state, sub);
}

type Aside = typeof PLACE.limited | typeof PLACE.behind;

/** It may go out perhaps: it stands in front of those that are in line. */
export function backInLine(state: State, batch: BatchState, index: number): void {
  const { sub } = batch.runAt(index);
  const { workClass, queue } = sub;
  guard(batch, index, PLACE.again);
  batch.touch().setPlace(index, PLACE.again);
  sub.aside--;
  sub.pushAgain({ batch, from: index, to: index + 1 });
  if (!queue.settings.paused) workClass.pending++;
  state.classes.touch(workClass);
  if (sub.ready === 1) state.contest.resume(sub);
  state.contest.aged(sub);
}

function unpendAside(state: State, sub: SubQueue): void {
  const { queue, workClass } = sub;
  state.classes.touch(workClass);
  sub.aside--;
  sub.pending--;
  queue.pending--;
  state.busiest.touch(queue);
  state.tally.pending--;
  if (sub.pending > 0) return;
  sub.clear();
  state.contest.leave(sub);
}

function leaveStrand(state: State, batch: BatchState, index: number): void {
  const { guard: own } = batch.runAt(index).sub;
  const strand = own?.strandOf(batch, index) ?? null;
  if (own === null || strand === null || --strand.count > 0) return;
  state.contest.leaveKey(strand);
  own.loose = own.loose.filter((other) => other !== strand);
  own.forget(strand);
}

/** Strands that waited with their sub-queue wait at their keys again, each at the first one that has no room. */
export function bindLoose(state: State, own: Guard): void {
  const { limits, contest } = state;
  for (const strand of own.loose.splice(0)) {
    const key = strand.keys.find((each) => each.room(limits.now) <= 0) ?? strand.keys[0];
    if (key === undefined) continue;
    contest.waitAt(strand, key);
    limits.changed.add(key);
  }
}

/** Tasks of the assignment are no longer out. */
function comeIn(state: State, assignment: Assignment, tasks: number): void {
  comeFrom(state, assignment, tasks);
  comeBack(state, assignment.sub, tasks);
}

/** Its worker has so many fewer tasks of it. */
function comeFrom(state: State, assignment: Assignment, tasks: number): void {
  const { worker, sub, width } = assignment;
  assignment.open -= tasks;
  countClaims(state, assignment, assignment.open + tasks);
  if (width === null) worker.took(sub.workClass.type, tasks, state.aheadMs);
  else claimed(state, assignment, -tasks, 0);
  state.workers.touch(worker);
}

/** So many more tasks of the assignment are out, which claims resources for those that run. */
function claimed({ placement }: State, assignment: Assignment, tasks: number, now: number): void {
  const { worker, open } = assignment;
  const width = assignment.width ?? 0;
  const ahead = Math.max(0, open - width) - Math.max(0, open - tasks - width);
  worker.placedTasks(tasks, ahead, now);
  placement.moved(assignment, open - tasks);
}

function comeBack(state: State, { queue, level }: SubQueue, tasks: number): void {
  queue.out -= tasks;
  level.tenant.out -= tasks;
  state.busiest.touch(queue);
  state.tally.out -= tasks;
  state.contest.refresh(queue, level.tenant);
}

// --- Tasks go out

/** The task goes out with the assignment, wherever it is. */
export function sendOut(state: State, assignment: Assignment, index: number, now: number): void {
  const { batch, seq } = assignment;
  guard(batch, index, PLACE.out);
  const since = batch.waitsSince(index);
  leave(state, batch, index);
  batch.touch().hold(index, index + 1, seq);
  if (batch.order !== null) state.keys.began(state, batch, index, assignment.fact.at);
  assignment.sub.guard?.moved(batch, [[index, index + 1]], 1);
  goOut(state, assignment, 1, now);
  if (assignment.fact.at === now)
    state.flow.handedOut(batch.queueName, 1, Math.max(0, now - since), batch.queue.account.name);
}

/** Tasks that were taken from their sub-queue together go out. */
export function sendSlice(state: State, assignment: Assignment, { tasks, count }: Sent, now: number): void {
  const { batch, seq } = assignment;
  const first = tasks[0]?.[0] ?? 0;
  const run = batch.runAt(first);
  guard(batch, first, PLACE.out);
  if (batch.place(first) === PLACE.fresh) run.waiting -= count;
  unpend(state, run.sub, count);
  const table = batch.touch();
  for (const [from, to] of tasks) table.hold(from, to, seq);
  if (batch.order !== null)
    for (const index of indexesOf(tasks)) state.keys.began(state, batch, index, assignment.fact.at);
  run.sub.guard?.moved(batch, tasks, 1);
  goOut(state, assignment, count, now);
  // Those of a slice were due together, or nearly.
  const waitedMs = Math.max(0, now - batch.waitsSince(first));
  state.flow.handedOut(batch.queueName, count, waitedMs, batch.queue.account.name);
  batch.queue.waits.tidy();
}

interface Sent {
  readonly tasks: readonly Range[];
  readonly count: number;
}

function goOut(state: State, assignment: Assignment, tasks: number, now: number): void {
  goTo(state, assignment, tasks, now);
  countOut(state, assignment.sub, tasks);
}

/** Its worker has so many more tasks of it. */
function goTo(state: State, assignment: Assignment, tasks: number, now: number): void {
  const { worker, sub } = assignment;
  assignment.open += tasks;
  countClaims(state, assignment, assignment.open - tasks);
  if (assignment.width === null) worker.gave(sub.workClass.type, tasks, state.aheadMs, now);
  else claimed(state, assignment, tasks, now);
  state.workers.touch(worker);
}

function countOut(state: State, { queue, level }: SubQueue, tasks: number): void {
  queue.out += tasks;
  level.tenant.out += tasks;
  state.busiest.touch(queue);
  state.tally.out += tasks;
  state.contest.refresh(queue, level.tenant);
}

// --- Two attempts at one task

/** The next attempt at a task that is out begins beside it: its worker has a task more, the task is where it was. */
export function goBeside(state: State, copy: Assignment, now: number): void {
  goTo(state, copy, 1, now);
}

/** The attempt that began beside another one is over, and nothing follows from it. */
export function comeFromBeside(state: State, copy: Assignment): void {
  comeFrom(state, copy, 1);
}

/** The one that began beside the other one has the task from now on; the other one has none. */
export function passOver(state: State, from: Assignment, to: Assignment, index: number): void {
  from.batch.touch().hold(index, index + 1, to.seq);
  comeFrom(state, from, 1);
}

/** The attempt that a task was out with has ended badly: the one beside it goes on, and has the task. */
export function goOnBeside(state: State, copy: Assignment, index: number, at: number): void {
  const { batch, seq } = copy;
  if (batch.place(index) === PLACE.retrying) waitAgain(state, batch, index, at);
  guard(batch, index, PLACE.out);
  leave(state, batch, index);
  batch.touch().hold(index, index + 1, seq);
  countOut(state, copy.sub, 1);
}

// --- Attempts end

/**
 * The consequence of the end of an attempt, by the one fold; nothing where it is no news. `at`: when it ended.
 * `death`: its worker died with it.
 */
export function conclude(
  state: State,
  batch: BatchState,
  index: number,
  end: AttemptEnd,
  at: number,
  death: Death | null = null,
): void {
  const table = batch.touch();
  const known = { progress: table.progress(index), isOver: batch.isOver(index) };
  const verdict = foldEnd(known, end, () => batch.groupAt(index), taskId(batch.id, index));
  if (verdict === null) return;
  if (verdict.state !== 'succeeded') table.setProgress(index, verdict.progress);
  if (batch.order !== null && end.attempt > 0 && end.outcome !== 'requeued' && end.outcome !== 'returned')
    state.keys.began(state, batch, index, at);
  if (batch.order !== null && end.outcome === 'returned' && end.attempt === 1) state.keys.handedBack(batch, index);
  if (end.outcome === 'requeued') {
    enterAgain(state, batch, index);
    noteRetry(batch, index);
    if (batch.groupAt(index).sequence !== null) state.sequences.enter(batch, index);
  }
  if (known.isOver) countUnfinished(state, batch.runAt(index).sub, 1);
  if (end.outcome === 'requeued' && batch.isLimited) beginAgain(state, batch, index, at);

  if (end.outcome === 'requeued' && batch.isAwaited) state.dependencies.told(batch.id, index, 'again');
  if (end.outcome === 'requeued' && batch.watch !== null) tellWatcher(state, batch, { index, state: 'again', at });
  batch.setDue?.delete(index);
  switch (verdict.state) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      if (verdict.state === 'failed') noteDeath(state, batch, index, { outcome: end.outcome, at });
      close(state, batch, index, PLACE[verdict.state], at);
      return;
    case 'pending':
      if (isSuspect(state, batch, index, end, death)) waitAsSuspect(state, batch, index, at);
      else waitAgain(state, batch, index, at);
      return;
    case 'retrying':
      guard(batch, index, PLACE.retrying);
      leave(state, batch, index);
      if (state.suspects.size > 0) state.suspects.clear(batch, index);
      table.setPlace(index, PLACE.retrying);
      state.tally.retrying++;
      batch.queue.retrying++;
      retryAt(state, batch, index, { at: at + verdict.delayMs, isSet: end.outcome === 'returned' });
      return;
  }
}

function enterAgain(state: State, batch: BatchState, index: number): void {
  if (batch.order !== null || (batch.keyed && state.keys.isUsed))
    state.keys.enter(batch, index, state.batches.values());
}

/** The task is over. */
export function close(state: State, batch: BatchState, index: number, place: Place, at: number): void {
  guard(batch, index, place);
  countUnfinished(state, batch.runAt(index).sub, -1);
  leave(state, batch, index);
  if (state.suspects.size > 0) state.suspects.clear(batch, index);
  batch.touch().setPlace(index, place);
  if (place === PLACE.succeeded) {
    state.tally.succeeded++;
    batch.succeeded++;
  } else if (place === PLACE.failed) {
    state.tally.failed++;
    batch.failed++;
    if (batch.sequenced !== null && blocks(batch, index)) batch.blocking++;
  } else {
    state.tally.cancelled++;
    batch.cancelled++;
  }
  const how = place === PLACE.succeeded ? 'succeeded' : place === PLACE.failed ? 'failed' : 'cancelled';
  state.flow.ended(batch.queueName, how, 1, { tookMs: Math.max(0, at - batch.submittedAt), at });
  if (batch.watch !== null || batch.isAwaited) tellEnd(state, batch, index, place, at);
  if (batch.keyed) keyEnds(state, batch, index, at);
  leaveKey(state, batch, index);
  if (batch.sequenced !== null) leaveSequence(state, batch, index);
  if (batch.ended) state.complete.add(batch);
}

export function leaveSequence(state: State, batch: BatchState, index: number): void {
  if (batch.groupAt(index).sequence !== null) state.sequences.touch(batch, index);
}

function tellEnd(state: State, batch: BatchState, index: number, place: Place, at: number): void {
  const ended = place === PLACE.succeeded ? 'succeeded' : place === PLACE.failed ? 'failed' : 'cancelled';
  if (batch.watch !== null) tellWatcher(state, batch, { index, state: ended, at });
  if (batch.isAwaited) state.dependencies.told(batch.id, index, ended);
}

/** Of a watched batch. */
export function tellWatcher(state: State, { id, isStep }: BatchState, end: Omit<EndedTask, 'batch'>): void {
  (isStep ? state.endedSteps : state.ended).push({ batch: id, ...end });
}

/**
 * Those of `[from, to)` that the assignment holds succeeded; answers how many. Most reports say this, so it is done
 * for all tasks at once.
 */
export function succeed(state: State, assignment: Assignment, from: number, to: number, at: number): number {
  const { batch, seq } = assignment;
  const table = batch.touch();
  if (batch.keyed)
    for (let index = from; index < to; index++) if (table.holder(index) === seq) keyEnds(state, batch, index, at);
  if (batch.watch !== null || batch.isAwaited)
    for (let index = from; index < to; index++)
      if (table.holder(index) === seq) tellEnd(state, batch, index, PLACE.succeeded, at);
  if (assignment.suspects !== null)
    for (let index = from; index < to; index++) if (table.holder(index) === seq) state.suspects.clear(batch, index);
  const { guard: own } = assignment.sub;
  const isPlain = batch.order === null && !batch.keyed && own === null;
  const ended = isPlain ? NO_INDEXES : indexesHeld(batch, from, to, seq);
  const count = table.succeed(from, to, seq);
  for (const index of ended) leaveKey(state, batch, index);
  if (own !== null) own.moved(batch, toRanges(ended), -1);
  batch.succeeded += count;
  state.tally.succeeded += count;
  countUnfinished(state, assignment.sub, -count);
  comeIn(state, assignment, count);
  if (count > 0)
    state.flow.ended(batch.queueName, 'succeeded', count, { tookMs: Math.max(0, at - batch.submittedAt), at });
  if (batch.ended) state.complete.add(batch);
  return count;
}

const NO_INDEXES: readonly number[] = [];

function indexesHeld(batch: BatchState, from: number, to: number, seq: number): number[] {
  const held: number[] = [];
  for (let index = from; index < to; index++) if (batch.table?.holder(index) === seq) held.push(index);
  return held;
}

export function leaveKey(state: State, batch: BatchState, index: number): void {
  if (batch.order !== null || (batch.keyed && state.keys.isUsed)) state.keys.leave(batch, index);
}

/** Its key is free, unless it is to be held for a time. */
function keyEnds(state: State, batch: BatchState, index: number, at: number): void {
  if (!holdKey(state, batch, index, at) && state.rebuild === null) releaseKey(state, batch, index);
}

/** The task has ended: its key is free. During a rebuild this waits for the end of it, a requeue may be told yet. */
export function releaseKey(state: State, batch: BatchState, index: number): void {
  const { key } = batch.groupAt(index);
  if (key !== null) state.outbox.push({ kind: 'release-key', queue: batch.queueName, key, batch: batch.id, index });
}

/** One that was handed back has shown nothing: it stays what it was. */
function isSuspect(
  state: State,
  batch: BatchState,
  index: number,
  { outcome }: AttemptEnd,
  death: Death | null,
): boolean {
  const { suspects } = state;
  if (outcome === 'lost' && death !== null && (!death.many || batch.losses(index) >= ALONE_AT)) {
    suspects.suspect(death, batch, index);
    return true;
  }
  if (suspects.size === 0) return false;
  if (outcome !== 'returned') suspects.clear(batch, index);
  return suspects.of(batch, index) !== null;
}

/** Its wait begins, as far as the ages of queues are concerned. */
function waitSince(state: State, batch: BatchState, index: number, at: number): void {
  const { waits } = batch.queue;
  batch.touch().setSince(index, index + 1, at);
  waits.add(batch, index, at);
  state.waits.added(waits, at);
}

function waitAsSuspect(state: State, batch: BatchState, index: number, at: number): void {
  guard(batch, index, PLACE.suspect);
  leave(state, batch, index);
  batch.touch().setPlace(index, PLACE.suspect);
  state.tally.pending++;
  batch.queue.suspects++;
  state.busiest.touch(batch.queue);
  waitSince(state, batch, index, at);
  const death = state.suspects.of(batch, index);
  if (death !== null) state.suspects.wait(death, batch, index);
}

/** `at`: since when it waits. */
function waitAgain(state: State, batch: BatchState, index: number, at: number): void {
  const { sub } = batch.runAt(index);
  guard(batch, index, PLACE.again);
  leave(state, batch, index);
  batch.touch().setPlace(index, PLACE.again);
  sub.pushAgain({ batch, from: index, to: index + 1 });
  pend(state, sub, 1);
  state.contest.aged(sub);
  waitSince(state, batch, index, at);
}

/** `isSet`: somebody wants it at this time; other entries of the heap for it are stale then. */
function retryAt(state: State, batch: BatchState, index: number, { at, isSet }: { at: number; isSet: boolean }): void {
  const { attempt } = batch.touch().progress(index);
  if (isSet) (batch.setDue ??= new Map<number, number>()).set(index, at);
  batch.touch().setSince(index, index + 1, at);
  state.due.add(at, { kind: 'retry', batch, index, attempt, ...(isSet && { setTo: at }) });
}

/** When a task that waits for its next attempt is due; null: it does not. */
export const retryDueAt = (batch: BatchState, index: number): number | null =>
  batch.place(index) === PLACE.retrying ? batch.waitsSince(index) : null;

/** The task's retry was due at `at`. `setTo`: the time of the entry, if somebody wanted it then. */
export function retryDue(
  state: State,
  batch: BatchState,
  index: number,
  { attempt, setTo }: { attempt: number; setTo?: number },
  at: number,
): void {
  if (batch.removed || batch.place(index) !== PLACE.retrying) return;
  if (batch.setDue?.get(index) !== setTo) return;
  if (batch.touch().progress(index).attempt === attempt) waitAgain(state, batch, index, at);
}

/** Many died with its worker: the death was not for a task. A task that was lost before stays a suspect. */
export function absolve(state: State, death: Death): void {
  const waiting = death.waiting.toArray();
  death.waiting.clear();
  for (const suspect of waiting) {
    const { batch, index } = suspect;
    if (!state.suspects.isWaiting(suspect) || state.suspects.of(batch, index) !== death) continue;
    state.suspects.clear(batch, index);
    waitAgain(state, batch, index, batch.waitsSince(index));
  }
}

/**
 * Throws where the table of states has no such move. A leader learns of attempts that an earlier leader handed out, and
 * of their ends: until then the task waits as far as this one knows, and then it moves as one that was assigned.
 */
function guard(batch: BatchState, index: number, to: Place): void {
  const from = batch.place(index);
  if (ALLOWED[from * COUNT + to] === true) return;
  throw new Error(`task ${batch.id}.${index} cannot move from ${stateOfPlace(from)} to ${stateOfPlace(to)}`);
}

const PLACES = Object.values(PLACE).sort((a, b) => a - b);
const COUNT = PLACES.length;
const ALLOWED: readonly boolean[] = PLACES.flatMap((from) => PLACES.map((to) => isAllowed(from, to)));

function isAllowed(from: Place, to: Place): boolean {
  if (isFinalPlace(from)) return canMove(stateOfPlace(from), stateOfPlace(to));
  if (to === PLACE.out) return from !== PLACE.out;
  if (to === PLACE.limited || to === PLACE.behind) return from === PLACE.fresh || from === PLACE.again;
  if (to === PLACE.again && (from === PLACE.limited || from === PLACE.behind)) return true;
  return [stateOfPlace(from), 'assigned' as const].some((state) => canMove(state, stateOfPlace(to)));
}

// --- Ends that the leader writes itself

/** Tasks that no worker has end so: one record for all that have the same last attempt. `indexes` ascending. */
export function recordEnds(
  state: State,
  batch: BatchState,
  indexes: readonly number[],
  outcome: RecordedEnd['outcome'],
  now: number,
): void {
  recordEach(
    state,
    batch,
    indexes.map((index) => ({ index, outcome })),
    now,
  );
}

/** How a task ends that no worker has. `winner`: as in `RangeEnd`. */
export interface RecordedEnd {
  readonly index: number;
  readonly outcome: 'cancelled' | 'requeued' | 'superseded' | 'refused' | 'returned' | LateEnd;
  readonly winner?: TaskId;
  /** As in `RangeEnd`. */
  readonly missing?: TaskId;
  readonly worker?: string;
  /** As in `RangeEnd`. */
  readonly unplaceable?: string;
  /** Of `returned`: somebody wants the task after this time. */
  readonly retryAfterMs?: number;
}

/** As `recordEnds`, where they do not end alike. `reason`: the leader's own. */
export function recordEach(
  state: State,
  batch: BatchState,
  ends: readonly RecordedEnd[],
  now: number,
  reason?: string,
): void {
  const byAttempt = new Map<number, RecordedEnd[]>();
  for (const end of ends) {
    const { attempt } = batch.touch().progress(end.index);
    const alike = byAttempt.get(attempt);
    if (alike === undefined) byAttempt.set(attempt, [end]);
    else alike.push(end);
  }
  for (const [attempt, alike] of byAttempt) {
    const n = state.nextN();
    const why = reason === undefined ? {} : { reason };
    state.outbox.push({ kind: 'record', batch: batch.id, n, attempt, ends: stretchesOf(alike), worker: null, ...why });
    for (const { index, outcome, retryAfterMs } of alike)
      conclude(state, batch, index, { outcome, attempt, ...(retryAfterMs !== undefined && { retryAfterMs }) }, now);
  }
}

function stretchesOf(ends: readonly RecordedEnd[]): RangeEnd[] {
  const stretches: RangeEnd[] = [];
  for (const { index, ...how } of ends) {
    const last = stretches.at(-1);
    const isAlike =
      last?.outcome === how.outcome &&
      last.winner === how.winner &&
      last.missing === how.missing &&
      last.worker === how.worker &&
      last.unplaceable === how.unplaceable;
    if (last?.to === index && isAlike && last.retryAfterMs === how.retryAfterMs) last.to++;
    else stretches.push({ from: index, to: index + 1, ...how });
  }
  return stretches;
}
