import { askToHandBack, isRecallable, type Assignment } from './assignments.js';
import type { WorkClass } from './classes.js';
import { LimitQuota, type Quota } from './quotas.js';
import { PlacedRoute } from './placement/placed-route.js';
import type { Planning, State } from './state.js';
import { RECALL_PAYS_MS, RECLAIM_EVERY_MS, RECLAIM_FEW } from './settings.js';
import type { WorkerState } from './worker-state.js';

/**
 * When a worker is starved (it has nothing, and nothing is pending for it), whoever has the most ahead is asked to hand
 * back what has not begun. It costs two round trips, so it is done only for work that has waited longer, and once for
 * an assignment. If there are many such workers it is looked at now and then only.
 */
export function reclaimForTheStarved({ state, now }: Planning): void {
  const { starved, loaded } = state.workers;
  // A starved worker may have been allocated something already.
  if (state.allocations.length > 0 || starved.size === 0 || loaded.size === 0) return;
  if (now < state.reclaimFrom) {
    state.wake(state.reclaimFrom);
    return;
  }
  if (starved.size + loaded.size > RECLAIM_FEW) state.reclaimFrom = now + RECLAIM_EVERY_MS;
  const sources = sourcesByClass([...loaded].filter((worker) => pays(state, worker, now)));
  if (sources.size === 0) return;
  for (const worker of starved) {
    const from = mostAhead(sources, worker);
    if (from !== null) reclaimFrom(state, from, worker);
  }
}

/** It has ended nothing for so long that reclaiming pays. If it may come to that, the planner looks again. */
function pays(state: State, loaded: WorkerState, now: number): boolean {
  const waitMs = Math.max(RECALL_PAYS_MS, 2 * loaded.roundTripMs, 2 * state.speeds.roundTrip.ms);
  const paysAt = loaded.lastProgressAt + waitMs;
  if (paysAt > now) state.wake(paysAt);
  return paysAt <= now;
}

/** A task under a rate, or with a sequence, went to a free place: it has begun. */
const isReclaimable = (assignment: Assignment): boolean =>
  isRecallable(assignment) && assignment.sub.guard?.isNeverAhead !== true;

/** It may run tasks of the class, and has room for one. */
const couldTake = (worker: WorkerState, workClass: WorkClass): boolean => {
  const { route } = workClass;
  if (!(route instanceof PlacedRoute)) return worker.mayRun(workClass);
  return worker.placed !== null && worker.placed.of.groups.has(route.group) && route.fits(worker.placed);
};

/** A stalled worker, and its assignments that can be asked for; the newest first: the least likely to have begun. */
interface Source {
  readonly ahead: number;
  readonly assignments: Assignment[];
}

/**
 * The workers that assignments of each class can be reclaimed from, whoever has the most ahead first. Made once a plan:
 * many may be starved, and many stalled.
 */
function sourcesByClass(stalled: readonly WorkerState[]): Map<WorkClass, Source[]> {
  const sources = new Map<WorkClass, Source[]>();
  for (const worker of stalled) {
    const assignments = [...worker.assignments].filter(isReclaimable).reverse();
    const source = { ahead: worker.ahead, assignments };
    for (const workClass of new Set(assignments.map((assignment) => assignment.sub.workClass))) {
      const others = sources.get(workClass);
      if (others === undefined) sources.set(workClass, [source]);
      else others.push(source);
    }
  }
  for (const ofClass of sources.values()) ofClass.sort((a, b) => b.ahead - a.ahead);
  return sources;
}

/** Sources that have nothing left of a class are dropped from its list on the way. */
function mostAhead(sources: Map<WorkClass, Source[]>, starved: WorkerState): Source | null {
  let best: Source | null = null;
  for (const [workClass, ofClass] of sources) {
    if (!couldTake(starved, workClass)) continue;
    while (ofClass[0]?.assignments.some((left) => left.sub.workClass === workClass && !left.recalled) === false)
      ofClass.shift();
    const [first] = ofClass;
    if (first !== undefined && (best === null || first.ahead > best.ahead)) best = first;
  }
  return best;
}

/**
 * Half of what is ahead, rounded up to whole assignments; what comes back is divided like everything that is pending.
 */
function reclaimFrom(state: State, { ahead, assignments }: Source, starved: WorkerState): void {
  let wanted = Math.ceil(ahead / 2);
  for (const assignment of assignments) {
    if (wanted <= 0) return;
    if (assignment.recalled || !couldTake(starved, assignment.sub.workClass)) continue;
    askToHandBack(state, assignment);
    wanted -= assignment.open;
  }
}

/** It is to be empty soon: what it has not begun goes to others. */
export function reclaimAllAhead(state: State, worker: WorkerState): void {
  if (worker.ahead <= 0) return;
  for (const assignment of worker.assignments) if (isReclaimable(assignment)) askToHandBack(state, assignment);
}

/** More is claimed of something than may be, for it was lowered: what has not begun comes back. */
export function recallExceeding(state: State): void {
  const { quotas } = state;
  if (!quotas.mayBeExceeded) return;
  quotas.mayBeExceeded = false;
  const exceeded = [...quotas.exceeded()];
  if (exceeded.length === 0) return;
  for (const assignment of state.assignments.all())
    if (isRecallable(assignment) && exceeded.some((quota) => claims(assignment, quota)))
      askToHandBack(state, assignment);
}

function claims({ sub: { queue }, claim }: Assignment, quota: Quota): boolean {
  if (quota instanceof LimitQuota && quota.account !== queue.account) return false;
  return (claim[quota.resource] ?? 0) > 0;
}
