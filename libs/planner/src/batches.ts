import { countOf, indexesOf, isLeaderDecided, NO_PROGRESS, sameAmounts, toRanges, type Range } from '@drover/core';
import { recountClaims } from './claims.js';
import type { Pin } from './classes.js';
import { Guard } from './guards.js';
import { keepFinished } from './held.js';
import { close, countUnfinished, leave, leaveKey, leaveSequence, pend, releaseKey, tellWatcher } from './ledger.js';
import { beginLifetime } from './lifetimes.js';
import { limitNames } from './limits.js';
import type { FinishedFact, Group, PinnedFact } from './model.js';
import { forgetDeaths } from './on-dead.js';
import type { QueueState } from './queue-state.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import { ownPlacement, placementOf, scopeOf } from './placement/class-placement.js';
import { replaceQueue } from './placement/queue-placement.js';
import { PLACE, type BatchState, type Finished, type Place, type Run } from './tasks.js';

/**
 * Batches come and go, and with them queues, sub-queues and classes, which live as long as unfinished tasks name them. Part
 * of the ledger: every move of a task is in `ledger.ts`.
 */

/** A batch was learned of. */
export function addBatch(state: State, batch: BatchState, finished?: FinishedFact): void {
  state.batches.set(batch.id, batch);
  state.batchesOf.set(batch.queueName, (state.batchesOf.get(batch.queueName) ?? 0) + 1);
  batch.isAwaited = state.dependencies.isAwaited(batch.id);
  if (finished === undefined) {
    enterQueue(state, batch, false);
    if (batch.pinned !== null) state.due.add(batch.pinned.until, { kind: 'pinned', batch });
    for (const run of batch.runs) {
      enterRun(state, run);
      beginLifetime(state, batch, run.from, run.to);
    }
    for (const index of indexesOf(batch.purged)) close(state, batch, index, PLACE.cancelled, batch.submittedAt);
    return;
  }
  const { at, succeeded, cancelled, failed, attempts, cancelledTasks = [] } = finished;
  // A record that an earlier version has rewritten may name those of an earlier end.
  const named = countOf(cancelledTasks) === cancelled && cancelled > 0 ? cancelledTasks : null;
  batch.finished = { at, failed, attempts: attempts ?? failed.map(() => 1), cancelledTasks: named };
  batch.succeeded = succeeded;
  batch.cancelled = cancelled;
  batch.failed = failed.length;
  state.tally.succeeded += succeeded;
  state.tally.cancelled += cancelled;
  state.tally.failed += failed.length;
}

function enterRun(state: State, run: Run): void {
  const { batch } = run;
  if (run.sub.workClass.isSequenced)
    for (let index = run.from; index < run.to; index++) state.sequences.enter(batch, index);
  if (batch.order !== null || (batch.keyed && state.keys.isUsed))
    for (let index = run.from; index < run.to; index++) state.keys.enter(batch, index, state.batches.values());
  if (batch.isDraft) state.tally.scheduled += run.waiting;
  else beginRun(state, run);
}

/** Its batch is no draft, or none any more. */
function beginRun(state: State, run: Run): void {
  const { batch } = run;
  if (batch.waitsFrom !== null && waitForOthers(state, run)) return;
  if (isHeld(batch, run.from)) {
    state.tally.scheduled += run.waiting;
    return;
  }
  if (run.due) {
    pendRun(state, run, batch.firstDueAt(run.from));
    return;
  }
  state.tally.scheduled += run.waiting;
  if (run.batch.watch?.has(run.from) === true) return;
  state.due.add(batch.firstDueAt(run.from), { kind: 'run', run });
}

/** The tasks of a draft may go out from now on: it is as one that is submitted now. */
export function activateDraft(state: State, batch: BatchState, now: number): void {
  if (!batch.isDraft) return;
  batch.isDraft = false;
  batch.countsFrom = now;
  for (const run of batch.runs) {
    state.tally.scheduled -= run.waiting;
    run.due = isDueAtOnce(batch.groupAt(run.from));
    beginRun(state, run);
    beginLifetime(state, batch, run.from, run.to);
  }
}

/** A draft that belongs to nothing. False: something of it is out, so it is none. */
export function discardDraft(state: State, batch: BatchState): boolean {
  if (batch.assignments > 0) return false;
  const { id, count: tasks, failed } = batch;
  state.retention.release(batch);
  removeBatch(state, batch);
  state.outbox.push({ kind: 'remove', batch: id, tasks, failed });
  return true;
}

/** False: the tasks of the run wait for no others. */
function waitForOthers(state: State, run: Run): boolean {
  const { after, afterMode } = run.batch.groupAt(run.from);
  if (after === null) return false;
  state.tally.scheduled += run.waiting;
  for (const id of state.dependencies.enter(run, after, afterMode)) {
    const other = state.batches.get(id);
    if (other === undefined) continue;
    other.isAwaited = true;
    state.retention.release(other);
  }
  return true;
}

/** The batch waits for nobody any more: retention may have what it waited for. */
function leaveOthers(state: State, batch: BatchState): void {
  if (batch.waitsFrom === null) return;
  for (const id of state.dependencies.leave(batch)) {
    const other = state.batches.get(id);
    if (other === undefined) continue;
    other.isAwaited = false;
    if (other.finished !== null && other.claims === 0) keepFinished(state, other, other.finished.at);
  }
}

/** `at`: since when its tasks wait. */
function pendRun(state: State, run: Run, at: number): void {
  if (run.waiting === 0) return;
  run.sub.pushRun(run);
  pend(state, run.sub, run.waiting);
  beginWait(state, run, at);
}

function beginWait(state: State, run: Run, at: number): void {
  const { batch, from, to } = run;
  const { waits } = batch.queue;
  if (at === batch.firstDueAt(from)) waits.addRun(run, at);
  else {
    batch.touch().setSince(from, to, at);
    for (let index = from; index < to; index++) waits.add(batch, index, at);
  }
  state.waits.added(waits, at);
}

/** Its unique key says when it may go out. */
const isHeld = (batch: BatchState, index: number): boolean =>
  batch.order !== null && isLeaderDecided(batch.groupAt(index).unique);

/**
 * Its unique key lets the one task of the run go out, in the place in line of another run, or at the end of the line.
 */
export function releaseRun(state: State, run: Run, seat: Run | null, now: number): void {
  if (seat === null) {
    runDue(state, run, now);
    return;
  }
  state.tally.scheduled -= run.waiting;
  run.due = true;
  run.sub.inherit(seat, run);
  pend(state, run.sub, run.waiting);
  beginWait(state, run, now);
}

/** A task waits no longer until it is released. */
export function releaseTask(state: State, batch: BatchState, index: number): void {
  const at = Math.max(batch.firstDueAt(index), state.limits.now);
  if (batch.finished === null && batch.watch?.has(index) === true) runDue(state, batch.runAt(index), at);
}

/** The delay of a run was over at `at`, or it was released then. */
export function runDue(state: State, run: Run, at: number): void {
  if (run.batch.removed || run.due) return;
  state.tally.scheduled -= run.waiting;
  run.due = true;
  pendRun(state, run, at);
}

/** Every task has ended: what is left of the batch. Its table of tasks is dropped. */
export function closeBatch(state: State, batch: BatchState, now: number): Finished {
  leaveOthers(state, batch);
  const failed = batch.failed === 0 ? [] : indexesAt(batch, PLACE.failed);
  // A task that fails because its time is over, or by its key or what it waits for, may never have begun.
  const mayNotBegin = batch.isLimited || batch.order !== null || batch.waitsFrom !== null || batch.pinned !== null;
  const least = mayNotBegin ? 0 : 1;
  const attempts = failed.map((index) => Math.max(least, batch.table?.progress(index).attempt ?? 1));
  const isMixed = batch.cancelled > 0 && batch.succeeded > 0;
  const cancelledTasks = isMixed && !batch.blurred ? toRanges(indexesAt(batch, PLACE.cancelled)) : null;
  const finished: Finished = { at: now, failed, attempts, cancelledTasks };
  batch.finished = finished;
  forgetDeaths(state, batch);
  batch.forget();
  leaveQueue(state, batch);
  batch.bytes = Math.ceil((batch.bytes * failed.length) / batch.count);
  return finished;
}

/**
 * Failed tasks of a finished batch are no more: they count as cancelled from now on. `purged`: all such tasks of it.
 * Null: it is not finished.
 */
export function purgeFailed(
  state: State,
  batch: BatchState,
  purged: readonly Range[],
  indexes: ReadonlySet<number>,
): Finished | null {
  const { finished } = batch;
  if (finished === null) return null;
  const named = cancelledIn(batch, finished);
  const left = finished.failed.filter((index) => !indexes.has(index));
  const attempts = finished.attempts.filter((_, at) => !indexes.has(finished.failed[at] ?? -1));
  const count = finished.failed.length - left.length;
  batch.bytes = Math.ceil((batch.bytes * left.length) / Math.max(1, finished.failed.length));
  batch.purged = purged;
  batch.failed -= count;
  batch.cancelled += count;
  state.tally.failed -= count;
  state.tally.cancelled += count;
  const cancelled = named === null ? null : toRanges([...named, ...indexes].sort((a, b) => a - b));
  batch.finished = { ...finished, failed: left, attempts, cancelledTasks: cancelled };
  return batch.finished;
}

/** Which tasks were cancelled; null: nobody knows. */
function cancelledIn(batch: BatchState, { failed, cancelledTasks }: Finished): number[] | null {
  if (batch.cancelled === 0) return [];
  if (cancelledTasks !== null) return [...indexesOf(cancelledTasks)];
  if (batch.succeeded > 0) return null;
  const others = new Set(failed);
  return Array.from({ length: batch.count }, (_, index) => index).filter((index) => !others.has(index));
}

function indexesAt(batch: BatchState, place: Place): number[] {
  const found: number[] = [];
  for (let index = 0; index < batch.count; index++) if (batch.place(index) === place) found.push(index);
  return found;
}

/** A finished batch has unfinished tasks again. The table of its tasks is made anew. */
export function reopenBatch(state: State, batch: BatchState): void {
  const { finished } = batch;
  if (finished === null) return;
  batch.finished = null;
  enterQueue(state, batch, true);
  const { cancelledTasks } = finished;
  batch.blurred = batch.succeeded > 0 && batch.cancelled > 0 && cancelledTasks === null;
  const table = batch.touch();
  const named = cancelledTasks === null ? null : new Set(indexesOf(cancelledTasks));
  let cancelled = batch.cancelled - countOf(batch.purged);
  const attempts = new Map(finished.failed.map((index, at) => [index, finished.attempts[at] ?? 1]));
  for (let index = 0; index < batch.count; index++) {
    const attempt = attempts.get(index);
    if (attempt === undefined) {
      const isCancelled = batch.isPurged(index) || (named === null ? cancelled-- > 0 : named.has(index));
      table.setPlace(index, isCancelled ? PLACE.cancelled : PLACE.succeeded);
    } else {
      table.setPlace(index, PLACE.failed);
      table.setProgress(index, { ...NO_PROGRESS, attempt });
    }
  }
}

/** The batch is no more: none of its tasks counts for anything. */
export function removeBatch(state: State, batch: BatchState): void {
  forgetDeaths(state, batch);
  leaveOthers(state, batch);
  if (batch.finished === null) {
    const table = batch.touch();
    for (let index = 0; index < batch.count; index++) {
      if (batch.keyed && !batch.isOver(index)) releaseKey(state, batch, index);
      if (batch.watch !== null && !batch.isOver(index))
        tellWatcher(state, batch, { index, state: 'gone', at: state.limits.now });
      leaveKey(state, batch, index);
      if (!batch.isOver(index)) countUnfinished(state, batch.runAt(index).sub, -1);
      leave(state, batch, index);
      if (batch.sequenced !== null) leaveSequence(state, batch, index);
      if (state.suspects.size > 0) state.suspects.clear(batch, index);
      table.setPlace(index, PLACE.cancelled);
      state.tally.cancelled++;
      batch.cancelled++;
    }
    leaveQueue(state, batch);
  }
  state.tally.succeeded -= batch.succeeded;
  state.tally.failed -= batch.failed;
  state.tally.cancelled -= batch.cancelled;
  batch.removed = true;
  state.complete.delete(batch);
  state.batches.delete(batch.id);
  if (batch.isAwaited) state.dependencies.lookAgain(batch.id);
  const left = (state.batchesOf.get(batch.queueName) ?? 1) - 1;
  if (left > 0) state.batchesOf.set(batch.queueName, left);
  else state.batchesOf.delete(batch.queueName);
}

// --- Queues, sub-queues and classes live as long as unfinished tasks name them

/** `again`: the batch was finished before, so none of its tasks is fresh. */
function enterQueue(state: State, batch: BatchState, again: boolean): void {
  const queue = state.queueNamed(batch.queueName);
  if (queue.batches++ === 0) state.busyQueues++;
  state.unfinishedBytes += batch.bytes;
  const runs = runsOf(state, batch, queue, again);
  batch.enter(queue, runs);
  if (batch.pinned !== null) state.pins.enter(batch, batch.pinned);
  for (const { sub, from, to } of runs) {
    sub.runs++;
    if (!again) countUnfinished(state, sub, to - from);
  }
}

function leaveQueue(state: State, batch: BatchState): void {
  const { queue, runs } = batch;
  state.unfinishedBytes -= batch.bytes;
  if (batch.pinned !== null) state.pins.leave(batch, batch.pinned);
  batch.leave();
  for (const { sub } of runs) if (--sub.runs === 0) forgetSubQueue(state, sub);
  if (--queue.batches > 0) return;
  state.busyQueues--;
  state.releaseQueue(queue);
}

function forgetSubQueue(state: State, sub: SubQueue): void {
  const { queue, workClass } = sub;
  sub.guard?.dissolve();
  queue.forget(sub);
  workClass.subs.delete(sub);
  if (workClass.subs.size > 0) return;
  state.classes.forget(workClass);
  state.workers.forget(workClass.route);
  if (!state.classes.hasType(workClass.type)) state.speeds.forget(workClass.type);
}

/** How many distinct queues, or classes, unfinished tasks have: whichever are more. */
export const namesInUse = (state: State): number => Math.max(state.busyQueues, state.classes.size);

/** Neighbouring groups that go the same way are one run. */
function runsOf(state: State, batch: BatchState, queue: QueueState, again: boolean): readonly Run[] {
  const { groups, pinned } = batch;
  if (pinned !== null) return runsOfPinned(state, batch, pinned, queue, again);
  if (batch.watch !== null && batch.watch.size > 0 && !again) return runsBetweenHeld(state, batch, batch.watch, queue);
  const [first] = groups;
  // Batches of the usual kind take no more room than they need.
  if (first !== undefined && groups.length === 1 && (batch.order === null || first.count === 1))
    return [newRun(batch, subFor(state, queue, batch, first), first, 0, again)];
  const runs: Run[] = [];
  let from = 0;
  let before = first;
  for (const group of groups) {
    const to = from + group.count;
    const last = runs.at(-1);
    const sub = subFor(state, queue, batch, group);
    if (isLeaderDecided(group.unique))
      for (let at = from; at < to; at++) runs.push(newRun(batch, sub, { ...group, count: 1 }, at, again));
    else if (last?.sub === sub && before !== undefined && haveSameTimes(before, group))
      runs[runs.length - 1] = { ...last, to, next: again ? to : last.next, waiting: again ? 0 : to - last.from };
    else runs.push(newRun(batch, sub, group, from, again));
    before = group;
    from = to;
  }
  return runs;
}

const haveSameTimes = (a: Group, b: Group): boolean =>
  a.delayMs === b.delayMs &&
  a.expiresMs === b.expiresMs &&
  a.deadlineMs === b.deadlineMs &&
  !isLeaderDecided(a.unique) &&
  a.after === null &&
  b.after === null;

/** Each task that is pinned is a run of its own. */
function runsOfPinned(
  state: State,
  batch: BatchState,
  { workers, skipsDraining }: PinnedFact,
  queue: QueueState,
  again: boolean,
): readonly Run[] {
  return workers.map((worker, index) => {
    const group = batch.groupAt(index);
    const sub = subFor(state, queue, batch, group, { worker, skipsDraining });
    return newRun(batch, sub, { ...group, count: 1 }, index, again);
  });
}

/** Each task that is held is a run of its own. */
function runsBetweenHeld(
  state: State,
  batch: BatchState,
  held: ReadonlyMap<number, string>,
  queue: QueueState,
): readonly Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (const group of batch.groups) {
    const sub = subFor(state, queue, batch, group);
    const end = start + group.count;
    for (let from = start; from < end;) {
      let to = from + 1;
      if (!held.has(from)) while (to < end && !held.has(to)) to++;
      const run = newRun(batch, sub, { ...group, count: to - from }, from, false);
      runs.push(held.has(from) ? { ...run, due: false } : run);
      from = to;
    }
    start = end;
  }
  return runs;
}

function subFor(
  state: State,
  queue: QueueState,
  { id, needs }: BatchState,
  group: Group,
  pin: Pin | null = null,
): SubQueue {
  const own = ownPlacement(group);
  const placement = pin === null ? placementOf(own, queue.placement, scopeOf(own, queue.name, id)) : null;
  const { type, tenant, priority, limits, sequence } = group;
  const fields = { type, needs, limits: limitNames(limits), isSequenced: sequence !== null, pin, placement };
  const workClass = state.classes.intern(fields, (wanted) => state.workers.routeOf(wanted));
  const sub = queue.sub(workClass, tenant, priority);
  if (sub.guardedAt !== state.limits.version) guardSub(state, sub);
  return sub;
}

/** Its guard, by the limits that are in force. The one before must guard nothing any more. */
export function guardSub(state: State, sub: SubQueue): void {
  const { limits, sequences, pool } = state;
  const { workClass, queue } = sub;
  sub.guard?.dissolve();
  const over = limits.forTasks(workClass.limits, queue.name, workClass.type);
  const quotas = state.quotas.keysOf(sub);
  const isGuarded = over.length > 0 || quotas.length > 0 || workClass.isSequenced;
  sub.guard = isGuarded ? new Guard(sub, over, { book: limits, sequences, pool, quotas }) : null;
  sub.guardedAt = limits.version;
}

const newRun = (batch: BatchState, sub: SubQueue, group: Group, from: number, again: boolean): Run => ({
  batch,
  sub,
  from,
  to: from + group.count,
  next: again ? from + group.count : from,
  waiting: again ? 0 : group.count,
  due: again || (!batch.isDraft && isDueAtOnce(group)),
});

const isDueAtOnce = ({ delayMs, unique, after }: Group): boolean =>
  delayMs <= 0 && !isLeaderDecided(unique) && after === null;

/** The queue's settings are others. */
export function changeQueue(state: State, queue: QueueState, settings: QueueState['settings']): void {
  const { contest } = state;
  const before = queue.settings;
  queue.settings = settings;
  replaceQueue(state, queue, before);
  if (before.paused !== settings.paused) {
    for (const sub of queue.subs()) if (sub.ready > 0) countPending(state, sub, settings.paused ? -1 : 1);
    contest.join(queue);
  }
  contest.reorder(queue, before);
  if (before.account !== settings.account || !sameAmounts(before.resources, settings.resources)) recountSoon(state);
  contest.refresh(queue);
  state.bounds.changed(queue);
}

/** Its tasks are counted elsewhere from the next plan on, and meet other quotas. */
function recountSoon(state: State): void {
  state.limits.news.push({
    declares: true,
    apply: () => {
      recountClaims(state);
    },
  });
}

function countPending(state: State, { workClass, ready }: SubQueue, sign: 1 | -1): void {
  workClass.pending += sign * ready;
  state.classes.touch(workClass);
}
