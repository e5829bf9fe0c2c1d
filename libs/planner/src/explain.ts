import { isLeaderDecided, MAX_LOSSES, type TaskId, type TaskState, type UniqueMode } from '@drover/core';
import { lookAt } from './decide-dependencies.js';
import { limitReasons } from './explain-limits.js';
import { retryDueAt } from './ledger.js';
import { orderReasons } from './explain-order.js';
import type { TaskName } from './model.js';
import type { WorkClass } from './classes.js';
import { PlacedRoute } from './placement/placed-route.js';
import { placementSeen } from './placement/seen.js';
import { needsOf } from './placement/unplaceable.js';
import type { State } from './state.js';
import { lineOf, type Line } from './line.js';
import { isFinalPlace, PLACE, type BatchState, type Run } from './tasks.js';
import type { SubQueue } from './sub-queue.js';
import { stateAt, type SeenState } from './views.js';
import { workersFor, type WorkersSeen } from './workers-seen.js';
import type { WorkerState } from './worker-state.js';

/**
 * Why a task is not running, each with its numbers. `blocking`: as long as it holds, no plan hands the task out. Times
 * are milliseconds since 1970.
 */
export type Reason = { readonly blocking: boolean } & (
  | { readonly code: 'task-ended'; readonly state: Exclude<TaskState, 'running'> | 'ended' }
  /**
   * It is handed out: the worker runs it, or it waits there. `usualMs`: how long half of the tasks of its type run at
   * most; absent: nobody has told.
   */
  | {
      readonly code: 'handed-out';
      readonly worker: string;
      readonly attempt: number;
      readonly since: number;
      readonly usualMs?: number;
    }
  /** `cause`: the delay of its submit, or the pause before another attempt, `failures` of which have failed. */
  | { readonly code: 'not-due'; readonly dueAt: number; readonly cause: 'delay' }
  | { readonly code: 'not-due'; readonly dueAt: number; readonly cause: 'retry'; readonly failures: number }
  /** Its handler asked to be run again later. */
  | { readonly code: 'not-due'; readonly dueAt: number; readonly cause: 'later' }
  /** It is an item of a map that has not begun. */
  | { readonly code: 'waiting-step' }
  /** It waits until something before it has ended, and is released then. */
  | { readonly code: 'waiting-fire'; readonly behind: string }
  /**
   * It waits until the tasks of its option `after` have ended as they should: `left` of `of` have not, `next` is one of
   * them.
   */
  | { readonly code: 'waiting-task'; readonly left: number; readonly of: number; readonly next: TaskId | null }
  | { readonly code: 'queue-paused'; readonly queue: string }
  | { readonly code: 'queue-limit'; readonly queue: string; readonly limit: number; readonly out: number }
  /** As many tasks of its tenant are out as the queue allows a tenant. `tenant` '': of those that name none. */
  | {
      readonly code: 'tenant-limit';
      readonly queue: string;
      readonly tenant: string;
      readonly limit: number;
      readonly out: number;
    }
  | { readonly code: 'no-worker' }
  /**
   * It is for the workers of this name alone, and none of them is there; or `isThere`: none may be given it. The leader ends
   * it when that is still so at `until`.
   */
  | { readonly code: 'worker-gone'; readonly worker: string; readonly until: number; readonly isThere: boolean }
  | { readonly code: 'type-unserved'; readonly type: string; readonly workers: number }
  /** Each worker that offers the type, `workers` of them, lacks some of these features, which the batch needs. */
  | {
      readonly code: 'not-understood';
      readonly type: string;
      readonly features: readonly string[];
      readonly workers: number;
    }
  /** Every worker that offers the type drains, or has no capacity. */
  | { readonly code: 'all-draining'; readonly type: string; readonly workers: number }
  /** It was out at a worker that died: it runs beside other such tasks only. `losses` of `most`. */
  | { readonly code: 'suspect'; readonly losses: number; readonly most: number }
  /** Workers that offer the type have as much as they take; `kept` of them are kept for suspects. */
  | { readonly code: 'all-full'; readonly type: string; readonly workers: number; readonly kept: number }
  /**
   * No worker could take it, were it empty; `needs` in words. `workers`: of them all. `since` null: the leader has not
   * looked yet.
   */
  | { readonly code: 'unplaceable'; readonly needs: string; readonly since: number | null; readonly workers: number }
  /**
   * `workers` could take it, and none of them has room: most of them lack `blockedBy`; '' where they differ. `oneMore`: a
   * worker that would have room.
   */
  | {
      readonly code: 'parked';
      readonly needs: string;
      readonly since: number | null;
      readonly workers: number;
      readonly blockedBy: string;
      readonly oneMore: string;
    }
  /** Workers have room, and it waits for a better one until then; null: for as long as it takes. */
  | { readonly code: 'waiting-place'; readonly until: number | null }
  /** Workers that have room have as many of the type as they run at a time, and what goes ahead. */
  | { readonly code: 'type-limit'; readonly type: string; readonly workers: number }
  /** So many workers try out a type of which nobody knows yet how long its tasks take. */
  | { readonly code: 'type-on-trial'; readonly type: string; readonly workers: number }
  /** Workers have room, and the strategy gives them none of it before the next plan: others have their turn. */
  | { readonly code: 'held-back'; readonly type: string; readonly workers: number }
  /** `pending` tasks of `queues` queues of a higher priority go first, `queue` is one of them. */
  | {
      readonly code: 'behind-priority';
      readonly of: 'queues';
      readonly queue: string;
      readonly queues: number;
      readonly pending: number;
    }
  /** `pending` tasks of `tenants` other tenants of its queue go first: they were served less for their weight. */
  | {
      readonly code: 'tenant-turn';
      readonly queue: string;
      readonly tenant: string;
      readonly weight: number;
      readonly tenants: number;
      readonly pending: number;
    }
  /**
   * `pending` tasks of its own tenant have a higher priority, `highest` at most. `firstAt`: when it has waited so long
   * that it goes first all the same; null: never.
   */
  | {
      readonly code: 'behind-priority';
      readonly of: 'tasks';
      readonly tenant: string;
      readonly priority: number;
      readonly highest: number;
      readonly pending: number;
      readonly firstAt: number | null;
    }
  /** Nothing stands in its way: `pending` tasks of its queue and its type wait, it among them. */
  | { readonly code: 'in-line'; readonly queue: string; readonly type: string; readonly pending: number }
  /**
   * Its unique key holds it back: `holder`, a task of the key, has not ended; or until the time is over that its mode
   * wants, `until`. Null where it is not that.
   */
  | {
      readonly code: 'unique-key';
      readonly key: string;
      readonly mode: UniqueMode;
      readonly holder: TaskId | null;
      readonly until: number | null;
    }
  /** As many tasks are `out` under the limit, or this key of it, as it allows: `most`. Null: it has one key for all tasks. */
  | {
      readonly code: 'limit';
      readonly limit: string;
      readonly key: string | null;
      readonly most: number;
      readonly out: number;
    }
  /** The rate of the limit lets no attempt start before `until`; `isHeld`: somebody, or a report, holds it so long. */
  | {
      readonly code: 'rate-limit';
      readonly limit: string;
      readonly key: string | null;
      readonly until: number;
      readonly isHeld: boolean;
    }
  /** A task needs so much of the resource, and its account may claim no more than its limit. Thousandths, or bytes. */
  | {
      readonly code: 'over-limit';
      readonly account: string;
      readonly resource: string;
      readonly need: number;
      readonly limit: number;
      readonly claimed: number;
    }
  /** A task needs so much of a floating resource, of which there is so much in all. */
  | {
      readonly code: 'floating';
      readonly resource: string;
      readonly need: number;
      readonly total: number;
      readonly claimed: number;
    }
  /** Other accounts have guarantees that they do not lend: so much of the resource is left, and a task needs more. */
  | {
      readonly code: 'not-lent';
      readonly account: string;
      readonly resource: string;
      readonly need: number;
      readonly free: number;
    }
  /**
   * Tasks of `accounts` other accounts go first: these hold less for their weight, or less than they are guaranteed. Its own
   * comes at `place`, from 1.
   */
  | {
      readonly code: 'account-turn';
      readonly account: string;
      readonly share: number;
      readonly weight: number;
      readonly accounts: number;
      readonly place: number;
    }
  /**
   * The room of the worker is kept for tasks that have waited long for it: these tasks (`isOwn`), or others. From `from` on
   * it should be free for them; null: nobody can tell.
   */
  | {
      readonly code: 'reserved';
      readonly worker: string;
      readonly isOwn: boolean;
      readonly from: number | null;
    }
  /** A task of its sequence that was submitted before has not ended; or has failed, and blocks it: `isBlocked`. */
  | { readonly code: 'sequence'; readonly sequence: string; readonly behind: TaskId; readonly isBlocked: boolean }
  /** Its task names the limit, and nobody has declared it: it does not hold. */
  | { readonly code: 'limit-undeclared'; readonly limit: string }
  /** The leader still reads what there is: what it has not read is not counted. */
  | { readonly code: 'leader-reading' }
);

/** Why a task is not running, its place in line, and the verdict on each worker. */
export interface Explanation {
  readonly state: SeenState;
  readonly reasons: readonly Reason[];
  /** Null: it does not wait for its turn. */
  readonly line: Line | null;
  /** Null: it does not wait for a worker. */
  readonly workers: WorkersSeen | null;
}

/** Null: there is no such task. */
export function explanationOf(planner: State, task: TaskName, now: number): Explanation | null {
  const reasons = explain(planner, task, now);
  const batch = planner.batches.get(task.batch);
  if (reasons === null || batch === undefined) return null;
  const state = stateAt(batch, task.index);
  const waits = reasons.every(({ code }) => code !== 'task-ended' && code !== 'handed-out');
  if (!waits) return { state, reasons, line: null, workers: null };
  const workers = workersFor(planner, batch.runAt(task.index).sub.workClass);
  return { state, reasons, line: lineOf(planner, batch, task.index, workers.usable), workers };
}

/**
 * Every reason that holds at `now`, in the order in which they are looked at: the first blocking one is the one to mend
 * first. Null: there is no such task. It changes nothing, and is for looking.
 */
function explain(state: State, { batch: id, index }: TaskName, now: number): Reason[] | null {
  const batch = state.batches.get(id);
  if (batch?.hasTask(index) !== true) return null;
  const place = batch.place(index);
  if (batch.finished !== null || isFinalPlace(place))
    return [{ code: 'task-ended', blocking: true, state: stateAt(batch, index) }];
  if (place === PLACE.out) return [handedOut(state, batch, index)];
  const run = batch.runAt(index);
  const isSuspect = place === PLACE.suspect;
  const reasons: Reason[] = [
    ...reading(state),
    ...notDue(batch, index, run, now),
    ...waitingFor(state, batch, run),
    ...keyHolds(state, batch, index, run),
    ...queueReasons(run),
    ...limitReasons(state, batch, index, now),
    ...(isSuspect ? [suspect(batch, index)] : []),
    ...pinReasons(state, batch, index, run),
    ...reservedReasons(state, run.sub),
    ...workerReasons(state, run, index, isSuspect, now),
  ];
  return reasons.some(({ blocking }) => blocking) ? reasons : [...reasons, inLine(run)];
}

const reading = ({ rebuild }: State): Reason[] =>
  rebuild === null ? [] : [{ code: 'leader-reading', blocking: false }];

function handedOut(state: State, batch: BatchState, index: number): Reason {
  const assignment = state.assignments.bySeq(batch.table?.holder(index) ?? 0);
  const { worker = '', attempt = 0, at = 0 } = assignment?.fact ?? {};
  const type = batch.runAt(index).sub.workClass.type;
  const usualMs = state.durations.knows(type) ? state.durations.p50(type) : null;
  const usual = usualMs === null ? {} : { usualMs: Math.round(usualMs) };
  return { code: 'handed-out', blocking: true, worker, attempt, since: at, ...usual };
}

function notDue(batch: BatchState, index: number, run: Run, now: number): Reason[] {
  if (batch.place(index) === PLACE.retrying) {
    const setTo = batch.setDue?.get(index);
    if (setTo !== undefined)
      return setTo > now ? [{ code: 'not-due', blocking: true, dueAt: setTo, cause: 'delay' }] : [];
    const dueAt = retryDueAt(batch, index) ?? now;
    const { failures = 0, later = 0 } = batch.table?.progress(index) ?? {};
    if (dueAt <= now) return [];
    if (later > 0) return [{ code: 'not-due', blocking: true, dueAt, cause: 'later' }];
    return [{ code: 'not-due', blocking: true, dueAt, cause: 'retry', failures }];
  }
  // One that was retried by hand is due, whatever its run waits for.
  if (run.due || batch.place(index) !== PLACE.fresh) return [];
  if (batch.isDraft) return [{ code: 'waiting-step', blocking: true }];
  const behind = batch.watch?.get(index);
  if (behind !== undefined) return [{ code: 'waiting-fire', blocking: true, behind }];
  const dueAt = batch.firstDueAt(index);
  return dueAt > now ? [{ code: 'not-due', blocking: true, dueAt, cause: 'delay' }] : [];
}

function waitingFor(state: State, { waitsFrom }: BatchState, run: Run): Reason[] {
  const waiter = run.due || waitsFrom === null ? null : state.dependencies.of(run);
  if (waiter === null || waiter.isOver) return [];
  const { left, next } = lookAt(state, waiter);
  return [{ code: 'waiting-task', blocking: true, left, of: waiter.others.length, next }];
}

function keyHolds({ keys }: State, batch: BatchState, index: number, run: Run): Reason[] {
  const { unique } = batch.groupAt(index);
  if (run.due || batch.place(index) !== PLACE.fresh || !isLeaderDecided(unique)) return [];
  const key = keys.of(batch, index);
  const holder = key?.tasks.find(({ hasStarted }) => hasStarted)?.id ?? null;
  const until = holder === null ? (key?.wakeAt ?? null) : null;
  return [{ code: 'unique-key', blocking: true, key: unique.key, mode: unique.mode, holder, until }];
}

function queueReasons({ sub: { queue, level } }: Run): Reason[] {
  const { name, settings, out } = queue;
  const { tenant } = level;
  if (settings.paused) return [{ code: 'queue-paused', blocking: true, queue: name }];
  const { maxRunning, maxRunningPerTenant } = settings;
  const reasons: Reason[] = [];
  if (queue.allowance <= 0)
    reasons.push({ code: 'queue-limit', blocking: true, queue: name, limit: maxRunning ?? 0, out });
  if (tenant.allowance <= 0)
    reasons.push({
      ...{ code: 'tenant-limit', blocking: true, queue: name },
      ...{ tenant: tenant.name, limit: maxRunningPerTenant ?? 0, out: tenant.out },
    });
  return reasons;
}

const suspect = (batch: BatchState, index: number): Reason => ({
  code: 'suspect',
  blocking: false,
  losses: batch.losses(index),
  most: MAX_LOSSES,
});

/** Of one that is pinned to a name that nobody has who may run it. */
function pinReasons({ workers }: State, { pinned }: BatchState, index: number, { sub: { workClass } }: Run): Reason[] {
  if (pinned === null || workers.reaches(workClass)) return [];
  const worker = pinned.workers[index] ?? '';
  const [isThere] = workers.named(worker);
  return [{ code: 'worker-gone', blocking: true, worker, until: pinned.until, isThere: isThere?.gone === false }];
}

/** Room that is kept for its class, or has room for it and is kept for others. */
function reservedReasons({ rooms }: State, { workClass }: SubQueue): Reason[] {
  const { route } = workClass;
  if (rooms.size === 0 || !(route instanceof PlacedRoute) || !route.isParked) return [];
  return [...rooms.all()].flatMap((keep): Reason[] => {
    const isOwn = keep.workClass === workClass;
    if (!isOwn && route.timesKept(keep.worker) === 0) return [];
    return [{ code: 'reserved', blocking: false, worker: keep.worker.id, isOwn, from: keep.from }];
  });
}

/** The obstacles at the workers; a suspect may be given what others may not. */
function workerReasons(state: State, run: Run, index: number, isSuspect: boolean, now: number): Reason[] {
  const { workClass } = run.sub;
  const { type, needs, pin } = workClass;
  const all = [...(pin === null ? state.workers.all() : state.workers.named(pin.worker))].filter(({ gone }) => !gone);
  if (all.length === 0) return pin === null ? [{ code: 'no-worker', blocking: true }] : [];
  const offering = all.filter((worker) => worker.offers(type));
  if (offering.length === 0) return [{ code: 'type-unserved', blocking: true, type, workers: all.length }];
  const able = offering.filter((worker) => worker.mayRun(workClass));
  if (able.length === 0)
    return [{ code: 'not-understood', blocking: true, type, features: needs, workers: offering.length }];
  const usable = able.filter((worker) => worker.serves(workClass));
  if (usable.length === 0) return [{ code: 'all-draining', blocking: true, type, workers: able.length }];
  const order = orderReasons(state, run, index, usable);
  const { route } = workClass;
  if (route instanceof PlacedRoute) return [...placedReasons(state, workClass, route, { all, isSuspect }), ...order];
  const roomy = usable.filter((worker) => worker.mayTake(workClass) && worker.roomNow(state.aheadMs) !== 'full');
  if (roomy.length > 0 && roomy.every((worker) => worker.hasEnoughOf(type, state.aheadMs)))
    return [{ code: 'type-limit', blocking: !isSuspect, type, workers: roomy.length }, ...order];
  if (roomy.length === 0) {
    const kept = usable.filter(({ reserved }) => reserved).length;
    return [{ code: 'all-full', blocking: !isSuspect, type, workers: usable.length, kept }, ...order];
  }
  const trial = pin === null ? onTrial(state, type, roomy, now) : [];
  const held: Reason[] =
    trial.length === 0 && !workClass.isOpen
      ? [{ code: 'held-back', blocking: false, type, workers: roomy.length }]
      : [];
  return [...trial, ...held, ...order];
}

function placedReasons(
  { placement }: State,
  workClass: WorkClass,
  route: PlacedRoute,
  { all, isSuspect }: { all: readonly WorkerState[]; isSuspect: boolean },
): Reason[] {
  if (!route.isParked || workClass.placement === null) return [];
  const needs = needsOf(workClass.placement);
  const blocking = !isSuspect;
  if (!route.isPlaceable) {
    const since = route.unplaceableSince;
    return [{ code: 'unplaceable', blocking, needs, since, workers: all.length }];
  }
  if (route.waitsUntil !== null) {
    const until = Number.isFinite(route.waitsUntil) ? route.waitsUntil : null;
    return [{ code: 'waiting-place', blocking, until }];
  }
  const seen = placementSeen(placement, workClass, all);
  const [most] = Object.entries(seen?.full ?? {}).sort(([, a], [, b]) => b - a);
  const { pool } = workClass.placement;
  const oneMore = `one more worker${pool === null ? '' : ` of pool ${pool}`} with ${needs}`;
  return [
    {
      ...{ code: 'parked', blocking, needs, since: route.parkedAt, workers: seen?.feasible ?? 0 },
      ...{ blockedBy: most?.[0] ?? '', oneMore },
    },
  ];
}

function onTrial(state: State, type: string, roomy: readonly WorkerState[], now: number): Reason[] {
  const probe = state.speeds.probeOf(type);
  // The clock of a probe starts with its first worker: until then nobody must ask it.
  if (
    probe === null ||
    probe.tried.length === 0 ||
    probe.allowance(now) > 0 ||
    roomy.some((worker) => worker.tried(type))
  )
    return [];
  return [{ code: 'type-on-trial', blocking: false, type, workers: probe.tried.length }];
}

const inLine = ({ sub: { queue, workClass, pending } }: Run): Reason => ({
  code: 'in-line',
  blocking: false,
  queue: queue.name,
  type: workClass.type,
  pending,
});
