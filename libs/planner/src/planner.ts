import type { AccountSpec, Amounts, BatchId, LimitSpec, QueueSettings } from '@drover/core';
import {
  accountUses,
  floatingUses,
  guaranteedTooMuch,
  reservationViews,
  type AccountUse,
  type FloatingUse,
  type GuaranteedTooMuch,
  type ReservationView,
} from './account-views.js';
import { advanceSequences, applyLimits, refreshKeys } from './aside.js';
import { assignmentGone, notifyPending, revokePending, type RoomReason } from './assignments.js';
import type { FullQueue } from './bounds.js';
import { declareAccount, declareFloating } from './claims.js';
import { decideDependencies, replanIfDirty } from './decide-dependencies.js';
import { changeTasks, type TaskChange } from './change.js';
import { decideKeys } from './decide-keys.js';
import { assignPending } from './division.js';
import { isFinalPlace, PLACE } from './tasks.js';
import type { Paces } from './durations.js';
import { eraseTasks } from './erase.js';
import { explanationOf, type Explanation } from './explain.js';
import { learnBatch, learnBatchGone, learnQueue, learnResult, learnWorker, learnWorkerGone } from './facts.js';
import { activateDraft, discardDraft, namesInUse, releaseTask } from './batches.js';
import { letGo } from './held.js';
import type {
  AssignmentFact,
  BatchFact,
  Command,
  EndedTask,
  LimitView,
  Load,
  Reservation,
  ResultFact,
  Tally,
  TaskName,
  TaskReply,
  WorkerFact,
} from './model.js';
import { tellDeaths } from './on-dead.js';
import type { PlacedPool } from './placement/placement.js';
import { endUnplaceable } from './placement/unplaceable.js';
import { poolUses, stuckClasses, type PoolUse, type StuckClasses } from './placement/uses.js';
import {
  Count,
  pageOf,
  type CountRequest,
  type Page,
  type PageBudget,
  type PageCursor,
  type PageRequest,
} from './pages.js';
import { makeRoom } from './preempt.js';
import { purgeTasks } from './purge.js';
import { assignSuspects } from './quarantine.js';
import { concludeRebuild, restoreAssignments } from './rebuild.js';
import { recallExceeding, reclaimForTheStarved } from './reclaim.js';
import { cancelTasks, claimKey, retryTasks, settleClaim, terminateTasks, type Claim } from './requests.js';
import { holdByCommand, learnReserved, writeReservations } from './reservations.js';
import { reserveRoom, wakeFillers } from './reserve.js';
import { finishComplete, removeOld } from './retention.js';
import { MAX_ASSIGNMENTS, MAX_STEPS, REMEMBERED_MS } from './settings.js';
import { lookAtRooms } from './rooms.js';
import { speculate } from './speculate.js';
import { State, type Planning, type PlannerOptions } from './state.js';
import { fireDue } from './time.js';
import { endUnreachable } from './unreachable.js';
import { limitSteps, undeclaredLimits } from './limit-views.js';
import type { Advised } from './scale/advice.js';
import { scaleSteps, type ScaleRequest } from './scale/scale.js';
import { scalingSteps, type ScalingRequest, type ScalingView } from './scaling.js';
import { Slices } from './slices.js';
import {
  countQueues,
  countUnserved,
  serversOf,
  stateAt,
  unservedTypes,
  viewQueues,
  type QueueCounts,
  type QueueView,
  type SeenState,
} from './views.js';

export interface PlanOptions {
  /** Default true; false: nothing is handed out or recalled, for ZooKeeper has no room for assignments. */
  assign?: boolean;
  /**
   * Default false; true: batches are still to be told that are not known yet, none of them with work out. Tasks that
   * are known are handed out; nothing is finished or removed and no suspect runs, for that needs to know all.
   */
  rebuilding?: boolean;
}

/**
 * The leader's brain for one term: facts in, commands out; no clock, no chance, no I/O of its own. See the README for
 * the words and the rules, `model.ts` for what facts and commands mean.
 *
 * A term begins with a rebuild: tell all facts that were found, the results of each batch in their order, the rest in
 * any order; the first `plan` that is not told otherwise concludes it.
 */
export class Planner {
  readonly #state: State;

  /** `state`: for tests that look into it. */
  constructor(options: PlannerOptions, state = new State(options)) {
    this.#state = state;
  }

  batch(fact: BatchFact): void {
    learnBatch(this.#state, fact);
  }

  /** The batch is there and cannot be read: what waits for tasks of it goes on waiting. */
  batchUnread(batch: BatchId): void {
    this.#state.dependencies.unread.add(batch);
  }

  result(fact: ResultFact): void {
    learnResult(this.#state, fact);
  }

  /** Found in a rebuild. Later ones are this planner's own, shown again by watches: no news. */
  assignment(fact: AssignmentFact): void {
    this.#state.rebuild?.assignments.push(fact);
  }

  /** Joined, or changed. */
  worker(fact: WorkerFact): void {
    learnWorker(this.#state, fact);
  }

  /** How long tasks ran at a worker lately, each by itself, by type: in place of what it told before. */
  learned(worker: string, paces: Paces): void {
    this.#state.durations.learn(worker, paces);
  }

  /** Amounts that the processes of a worker really use of what it has, as it tells; null: it tells nothing. For views alone. */
  used(worker: string, amounts: Amounts | null): void {
    const { used } = this.#state;
    if (amounts === null) used.delete(worker);
    else used.set(worker, amounts);
  }

  /** Milliseconds that a task of the type usually takes, and that 95 % do not exceed; null: nobody has told. */
  usual(type: string): { p50: number; p95: number } | null {
    const { durations } = this.#state;
    const p50 = durations.p50(type);
    const p95 = durations.p95(type);
    return p50 === null || p95 === null ? null : { p50, p95 };
  }

  workerGone(worker: string, now: number): void {
    this.#state.used.delete(worker);
    learnWorkerGone(this.#state, worker, now);
  }

  /** `null`: its settings were removed. */
  queue(name: string, settings: QueueSettings | null): void {
    learnQueue(this.#state, name, settings);
  }

  /**
   * A limit was declared or changed; `null`: it is no more. Those that there are must be told before the first plan of a
   * term: a rate that is not known yet would start what the leader before has started.
   */
  limit(name: string, spec: LimitSpec | null): void {
    const { limits } = this.#state;
    limits.news.push({
      declares: true,
      apply: () => {
        limits.declare(name, spec);
      },
    });
  }

  /**
   * An account was declared or changed; `null`: it is as all that nobody has declared. As with limits, what there is must
   * be told before the first plan of a term.
   */
  account(name: string, spec: AccountSpec | null): void {
    const state = this.#state;
    state.limits.news.push({
      declares: true,
      apply: () => {
        declareAccount(state, name, spec);
      },
    });
  }

  /** There is so much of a floating resource, in thousandths; `null`: there is no such resource. Told as accounts are. */
  resource(name: string, total: number | null): void {
    const state = this.#state;
    state.limits.news.push({
      declares: true,
      apply: () => {
        declareFloating(state, name, total);
      },
    });
  }

  /** Of a limit, found at a takeover: the keys of one `reserve`. Before the first plan. */
  reserved(limit: string, keys: readonly Reservation[]): void {
    const state = this.#state;
    state.limits.news.push({
      declares: false,
      apply: () => {
        learnReserved(state, limit, keys);
      },
    });
  }

  /** Nothing of the key goes out before `until`; `key` null: of the whole limit. 0: nobody holds it any more, reports included. */
  hold(limit: string, key: string | null, until: number): void {
    const state = this.#state;
    state.limits.news.push({
      declares: false,
      apply: () => {
        holdByCommand(state, limit, key, until);
      },
    });
  }

  /** A pool was declared or changed; `null`: it is as by default. */
  pool(name: string, spec: PlacedPool | null): void {
    this.#state.workers.setPool(name, spec);
  }

  /** A revoke or a notify came too late: the last report was accepted. It has been told, or will be. */
  assignmentGone(id: string): void {
    assignmentGone(this.#state, id);
  }

  /** Somebody removed it by hand. */
  batchGone(batch: BatchId): void {
    learnBatchGone(this.#state, batch);
  }

  /** One reply for each, in their order. The commands come with the next plan. */
  cancel(tasks: readonly TaskName[], now: number): TaskReply[] {
    return cancelTasks(this.#state, tasks, now);
  }

  /** One reply for each, in their order. The commands come with the next plan. */
  retry(tasks: readonly TaskName[], now: number): TaskReply[] {
    return retryTasks(this.#state, tasks, now);
  }

  /** Failed tasks of finished batches are to be no more. One reply for each, in their order; `purged` is their state. */
  purge(tasks: readonly TaskName[]): TaskReply[] {
    return purgeTasks(this.#state, tasks);
  }

  /** Tasks that have ended are to be erased: from now on they do not run again. One reply for each, in their order. */
  erase(tasks: readonly TaskName[]): TaskReply[] {
    return eraseTasks(this.#state, tasks);
  }

  /**
   * Changes tasks that are not out: when they are due, their priority, their queue. One reply for each, in their order. `newId`:
   * of a batch in which they go on.
   */
  change(tasks: readonly TaskName[], change: TaskChange, now: number, newId: () => BatchId): TaskReply[] {
    return changeTasks(this.#state, tasks, change, { now, newId });
  }

  /** Like `cancel`, but those that are out are revoked at once. */
  terminate(tasks: readonly TaskName[], now: number): TaskReply[] {
    return terminateTasks(this.#state, tasks, now);
  }

  /** A task that is held waits no longer. */
  release({ batch: id, index }: TaskName): void {
    const batch = this.#state.batches.get(id);
    if (batch?.has(index) === true) releaseTask(this.#state, batch, index);
  }

  /** Tasks of watched batches that have ended since this was asked. */
  takeEnded(): readonly EndedTask[] {
    const { ended } = this.#state;
    if (ended.length > 0) this.#state.ended = [];
    return ended;
  }

  /** Tasks that are steps and have ended since this was asked. */
  takeEndedSteps(): readonly EndedTask[] {
    const { endedSteps } = this.#state;
    if (endedSteps.length > 0) this.#state.endedSteps = [];
    return endedSteps;
  }

  /** Whether `takeEndedSteps` has something to tell. */
  get hasEndedSteps(): boolean {
    return this.#state.endedSteps.length > 0;
  }

  /** Hands out the tasks of a draft from now on. */
  activate(id: BatchId, now: number): void {
    const batch = this.#state.batches.get(id);
    if (batch !== undefined) activateDraft(this.#state, batch, now);
  }

  /** A draft is to be no more: the next plan removes it. False: there is none, or something of it is out. */
  discard(id: BatchId): boolean {
    const batch = this.#state.batches.get(id);
    return batch !== undefined && discardDraft(this.#state, batch);
  }

  /** One of the tasks is out, or was. */
  haveBegun(tasks: readonly TaskName[]): boolean {
    return tasks.some(({ batch: id, index }) => {
      const batch = this.#state.batches.get(id);
      if (batch?.has(index) !== true) return false;
      const place = batch.table?.place(index) ?? PLACE.fresh;
      return place === PLACE.out || isFinalPlace(place) || batch.nextAttempt(index) > 1;
    });
  }

  /** Nobody needs a batch that is kept any more. */
  letGo(id: BatchId): void {
    const batch = this.#state.batches.get(id);
    if (batch !== undefined) letGo(this.#state, batch);
  }

  /** A failed task that has a key is to run again: what its transaction writes. Null: `retry` does. */
  claimKey(task: TaskName, now: number): Claim | null {
    return claimKey(this.#state, task, now);
  }

  /** Whether the transaction of the claim was applied. False: the batch is gone meanwhile, nobody needs the key. */
  keyClaimed(claim: Claim, taken: boolean): boolean {
    return settleClaim(this.#state, claim, taken);
  }

  /**
   * The commands of this moment, in this order. `random` is uniform in [0, 1). If that is very much, a part of it: then
   * `nextDueAt` is now.
   */
  plan(now: number, random: () => number, { assign = true, rebuilding = false }: PlanOptions = {}): Command[] {
    const state = this.#state;
    const steps = { left: MAX_STEPS };
    const planning: Planning = { state, now, random, commands: [], left: MAX_ASSIGNMENTS, steps };
    state.wakeAt = null;
    state.limits.now = now;
    state.placement.begin(now);
    applyLimits(state);
    restoreAssignments(planning);
    recallExceeding(state);
    if (!rebuilding) concludeRebuild(planning);
    fireDue(state, now);
    if (!rebuilding) {
      decideKeys(planning);
      decideDependencies(planning);
      advanceSequences(state);
      if (state.pins.toCheck.size > 0) endUnreachable(planning);
      if (state.placement.unplaceable.size > 0) endUnplaceable(planning);
    }
    takeOutbox(planning);
    revokePending(planning);
    state.workers.refresh(state.aheadMs);
    state.placement.judge();
    const better = state.placement.wakeWaiting(now);
    if (better !== null) state.wake(better);
    refreshKeys(state);
    const before = planning.commands.length;
    if (assign) {
      if (!rebuilding) assignSuspects(planning, false);
      lookAtRooms(state, now);
      wakeFillers(state, now);
      assignPending(planning);
      if (!rebuilding) assignSuspects(planning, true);
      reclaimForTheStarved(planning);
      if (!rebuilding) {
        makeRoom(planning);
        reserveRoom(planning);
        speculate(planning);
      }
    }
    refreshKeys(state);
    writeReservations(planning, before);
    // A task that went out now stands for those that were submitted before.
    if (!rebuilding) {
      decideKeys(planning);
      if (advanceSequences(state)) state.wake(now);
    }
    takeOutbox(planning);
    notifyPending(planning);
    if (!rebuilding) {
      replanIfDirty(state, now);
      if (state.dying.size > 0) tellDeaths(planning);
      finishComplete(planning);
      removeOld(planning);
      forgetOld(planning);
    }
    state.placement.end();
    return planning.commands;
  }

  /** When `plan` has something to do by time alone, if nothing is told before; may be in the past. */
  nextDueAt(): number | null {
    const { due, wakeAt } = this.#state;
    const times = [due.nextAt, this.removalDueAt(), wakeAt].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** When the next finished batch is to be removed; may be in the past. Null: none is kept, or the rebuild goes on. */
  removalDueAt(): number | null {
    const { retention, rebuild } = this.#state;
    return rebuild === null ? retention.nextAt : null;
  }

  tally(): Tally {
    return { ...this.#state.tally };
  }

  /** The unfinished tasks, which the limits on intake are about. */
  load(): Load {
    const { scheduled, pending, out, retrying } = this.#state.tally;
    const tasks = scheduled + pending + out + retrying;
    return { tasks, bytes: this.#state.unfinishedBytes, names: namesInUse(this.#state) };
  }

  /** Tasks that made room for others in this term, by the ground on which. */
  preemptedTotals(): Readonly<Record<RoomReason, number>> {
    return { ...this.#state.preempted };
  }

  /** Attempts that got room at a worker in this term because their tasks say what they need, by the pool of the worker. */
  placedTotals(): ReadonlyMap<string, number> {
    return this.#state.placed;
  }

  /** The sum of them. */
  get placements(): number {
    return this.#state.placements;
  }

  /** Which queues and tenants take no more tasks: `most` of them. `version` grows when others do. */
  full(most: number): { shown: FullQueue[]; leftOut: number } {
    return this.#state.bounds.full(most);
  }

  get fullVersion(): number {
    return this.#state.bounds.version;
  }

  /** The busiest `most` queues that have unfinished tasks or settings, and how many there are besides. */
  queues(most = Infinity): { shown: Record<string, QueueView>; leftOut: number } {
    return viewQueues(this.#state, most);
  }

  /** The limits that are declared, or named by tasks, by name; of each the busiest `most` keys. */
  limits(most = Infinity): Slices<LimitView[]> {
    return new Slices(limitSteps(this.#state, most));
  }

  /** The accounts that are declared, or have a queue; the largest share first. */
  accountUses(): AccountUse[] {
    return accountUses(this.#state);
  }

  /** The floating resources, by name. */
  floatingUses(): FloatingUse[] {
    return floatingUses(this.#state);
  }

  /** Workers whose room is kept for tasks that have waited long enough for it. */
  reservations(): ReservationView[] {
    return reservationViews(this.#state);
  }

  /** Resources of which more is guaranteed than there is, by name. */
  guaranteedTooMuch(): GuaranteedTooMuch[] {
    return guaranteedTooMuch(this.#state);
  }

  /** Limits that tasks name, and nobody has declared, by name. */
  undeclaredLimits(): string[] {
    return undeclaredLimits(this.#state);
  }

  /** Whether the queue has tasks, finished ones included, or settings. */
  knowsQueue(name: string): boolean {
    return this.#state.batchesOf.has(name) || this.#state.queues.has(name);
  }

  /** Types with pending tasks that no worker may run: the first `most` of them, and how many there are besides. */
  unservedTypes(most = Infinity): { shown: string[]; leftOut: number } {
    return unservedTypes(this.#state, most);
  }

  /** Whether tasks are started for dead letters of the queue. */
  tellsDeaths(queue: string): boolean {
    return (this.#state.queues.get(queue)?.settings.onDead ?? null) !== null;
  }

  /** Why a task is not running: see `explain.ts`. Null: there is no such task. */
  explain(task: TaskName, now: number): Explanation | null {
    return explanationOf(this.#state, task, now);
  }

  /** The next tasks that match, or as far as the budget goes: see `pages.ts`. `cursor`: `next` of the page before. */
  page(request: PageRequest, cursor: PageCursor | null, budget: PageBudget): Page {
    return pageOf(this.#state, request, cursor, budget);
  }

  /** Counts the tasks that match, as far as the budgets of its calls go. */
  count(request: CountRequest): Count {
    return new Count(this.#state, request);
  }

  /** The counters of these queues, or of the busiest; `most` of them. */
  queueCounts(names: readonly string[] | null, most: number): QueueCounts[] {
    return countQueues(this.#state, names, most);
  }

  /** How many workers may run tasks that the queue has or has had lately, and which types of its pending tasks nobody runs. */
  serversOf(queue: string): { workers: number; unserved: string[] } {
    return serversOf(this.#state, queue);
  }

  /** Types with pending tasks that no worker may run, and how many tasks that are. */
  unserved(most: number): { type: string; pending: number }[] {
    return countUnserved(this.#state, most);
  }

  /** Since when the task has waited that has waited longest, of whatever queue; null: none waits. */
  oldestDueAt(): number | null {
    return this.#state.waits.oldest();
  }

  /** The resources of the workers of each pool together: all pools that have a worker, slots among the resources. */
  poolUses(): PoolUse[] {
    return poolUses(this.#state);
  }

  /** Classes of tasks that no worker has room for, or could ever take; those with pending tasks, `most` of them. */
  stuckClasses(most: number): StuckClasses {
    return stuckClasses(this.#state, most);
  }

  /** Advice for pools of workers: how many there should be, and who may go. */
  scale(request: ScaleRequest): Slices<ReadonlyMap<string, Advised>> {
    return new Slices(scaleSteps(this.#state, request));
  }

  scaling(request: ScalingRequest): Slices<ScalingView> {
    return new Slices(scalingSteps(this.#state, request));
  }

  /** Places of workers that may be given work, and tasks that are out at them: no more than they have places. */
  slots(): { slots: number; busy: number } {
    let slots = 0;
    let busy = 0;
    for (const { isUsable, gone, capacity, out } of this.#state.workers.all()) {
      if (isUsable) slots += capacity;
      if (!gone) busy += Math.min(capacity, out);
    }
    return { slots, busy };
  }

  /** Null: there is no such task. */
  stateOf({ batch: id, index }: TaskName): SeenState | null {
    const batch = this.#state.batches.get(id);
    return batch?.hasTask(index) === true ? stateAt(batch, index) : null;
  }

  /** How many tasks of the batch have ended how; null: there is no such batch. */
  endsOf(id: BatchId): Record<'succeeded' | 'failed' | 'cancelled', number> | null {
    const batch = this.#state.batches.get(id);
    if (batch === undefined) return null;
    const { succeeded, failed, cancelled } = batch;
    return { succeeded, failed, cancelled };
  }
}

function takeOutbox({ state, commands }: Planning): void {
  commands.push(...state.outbox);
  state.outbox = [];
}

/** Names that nobody has used for long are not remembered for the rest of the term. */
function forgetOld({ state, now }: Planning): void {
  state.durations.forgetOld(now);
  state.forgetFrom ??= now + REMEMBERED_MS;
  if (now < state.forgetFrom) return;
  state.forgetFrom = now + REMEMBERED_MS;
  state.speeds.turn();
  for (const worker of state.workers.all()) worker.forgetOld();
}
