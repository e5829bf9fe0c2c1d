import { toRanges } from '@drover/core';
import type Denque from 'denque';
import { armDeadline, costOf, newAssignment, place } from './assignments.js';
import type { WorkClass } from './classes.js';
import { sendOut } from './ledger.js';
import { grantOf } from './placement/place.js';
import { PlacedRoute } from './placement/placed-route.js';
import { reclaimAllAhead } from './reclaim.js';
import { SUSPECTS_WAIT_MS } from './settings.js';
import type { Planning, State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import { groupOf, type Death, type Suspect } from './suspects.js';
import type { WorkerState } from './worker-state.js';

/**
 * Hands out suspects: those that have been lost twice alone, the others beside suspects only. `idleOnly`: to workers
 * for which nothing else is pending, as many as there are; else a quarter of the workers is kept for suspects at most.
 */
export function assignSuspects(planning: Planning, idleOnly: boolean): void {
  const { state } = planning;
  const { suspects } = state;
  if (suspects.size === 0 && suspects.reserved.size === 0) return;
  if (!idleOnly) unreserve(state);
  const limit = idleOnly ? Infinity : Math.max(1, Math.floor(state.workers.usable / PART));
  const wanted = serveAlone(planning, { limit, idleOnly });
  for (const death of suspects.deaths()) serve(planning, death, { limit, idleOnly, wanted });
}

/** Of so many workers one is kept for suspects. */
const PART = 4;

interface Bounds {
  readonly limit: number;
  readonly idleOnly: boolean;
}

/** A worker that has no suspects any more may be given everything again. */
function unreserve(state: State): void {
  const { reserved, size } = state.suspects;
  for (const worker of reserved)
    if (worker.gone || isEmpty(worker) || (size === 0 && !hasSuspects(worker))) {
      reserved.delete(worker);
      state.workers.reserve(worker, false);
    }
}

/** Returns the classes that wait for a worker to be empty: nobody who may run one is given other suspects meanwhile. */
function serveAlone(planning: Planning, bounds: Bounds): ReadonlySet<WorkClass> {
  const { state } = planning;
  const { suspects } = state;
  const wanted = new Set<WorkClass>();
  for (let left = suspects.alone.length; left > 0 && planning.left > 0; left--) {
    const suspect = suspects.alone.shift();
    if (suspect === undefined || !suspects.isWaiting(suspect)) continue;
    const { workClass } = subOf(suspect);
    const allowance = allowanceOf(planning, suspect);
    const isFit = (each: WorkerState): boolean => isFree(each, planning.now) && timesAt(each, workClass) > 0;
    const worker = allowance > 0 ? workerFor(planning, workClass, bounds, isFit) : null;
    if (worker !== null) send(planning, worker, [suspect], true);
    else {
      suspects.alone.push(suspect);
      if (allowance > 0 && state.workers.serves(workClass)) wanted.add(workClass);
    }
  }
  return wanted;
}

function serve(planning: Planning, death: Death, bounds: Bounds & { wanted: ReadonlySet<WorkClass> }): void {
  const { state } = planning;
  const { suspects } = state;
  for (let left = death.waiting.length; left > 0 && planning.left > 0; left--) {
    const first = suspects.first(death.waiting);
    if (first === null) return;
    const { workClass } = subOf(first);
    const allowance = allowanceOf(planning, first);
    const room = (worker: WorkerState): number =>
      Math.min(
        timesAt(worker, workClass),
        roomFor(worker, death, {
          window: windowOf(state, worker, first),
          now: planning.now,
          ...bounds,
        }),
      );
    const worker = allowance > 0 ? workerFor(planning, workClass, bounds, (each) => room(each) > 0) : null;
    if (worker === null) {
      // Another type or queue may have better luck.
      death.waiting.shift();
      death.waiting.push(first);
    } else send(planning, worker, takeAlike(state, death.waiting, Math.min(room(worker), allowance)), false);
  }
}

/** Tasks that its resources let it begin. */
const timesAt = (worker: WorkerState, { route }: WorkClass): number =>
  route instanceof PlacedRoute ? route.timesKept(worker) : Infinity;

/** Its window; of tasks that go to free places only, as many as it has of these besides those that are out. */
function windowOf({ settings }: State, worker: WorkerState, suspect: Suspect): number {
  const { workClass, guard } = subOf(suspect);
  const window = worker.window(workClass.type, settings.aheadMs);
  return guard?.isNeverAhead === true ? Math.min(window, worker.out + worker.placesFor(workClass.type)) : window;
}

/** Suspects of the death that it may be given: only beside suspects, and a group of each death at most. */
function roomFor(
  worker: WorkerState,
  death: Death,
  { window, now, wanted }: { window: number; now: number; wanted: ReadonlySet<WorkClass> },
): number {
  for (const workClass of wanted) if (worker.mayRun(workClass)) return 0;
  let ofDeath = 0;
  for (const { suspects, isAlone, open } of worker.assignments) {
    if (open === 0) continue;
    if (isAlone || (suspects === null && !hasWaited(worker, now))) return 0;
    if (suspects === death) ofDeath += open;
  }
  return Math.min(window - worker.out, groupOf(death) - ofDeath);
}

/** Nothing is out at it; or something that does not end, and no suspect. */
const isFree = (worker: WorkerState, now: number): boolean =>
  isEmpty(worker) || (hasWaited(worker, now) && !hasSuspects(worker));
const hasWaited = (worker: WorkerState, now: number): boolean =>
  worker.reserved && now - worker.reservedAt >= SUSPECTS_WAIT_MS;
const isEmpty = (worker: WorkerState): boolean => worker.out === 0;
const hasSuspects = (worker: WorkerState): boolean => [...worker.assignments].some(({ suspects }) => suspects !== null);

/**
 * One that is kept for suspects and takes this, or one more that is kept from now on: the one that has the least to
 * end.
 */
function workerFor(
  { state, now }: Planning,
  workClass: WorkClass,
  { limit, idleOnly }: Bounds,
  takes: (worker: WorkerState) => boolean,
): WorkerState | null {
  const { reserved } = state.suspects;
  for (const worker of reserved)
    if (worker.serves(workClass) && worker.mayRun(workClass) && takes(worker)) return worker;
  if (reserved.size >= limit) return null;
  let least: WorkerState | null = null;
  for (const worker of workClass.route.everybody())
    if ((!idleOnly || isEmpty(worker)) && (least === null || worker.out < least.out)) least = worker;
  if (least === null) return null;
  reserved.add(least);
  state.workers.reserve(least, true, now);
  if (isEmpty(least)) return takes(least) ? least : null;
  reclaimAllAhead(state, least);
  state.due.add(now + SUSPECTS_WAIT_MS, { kind: 'suspects' });
  return null;
}

/** Of its sub-queue. Of one that has a guard suspects go out one by one, each as the limits and its sequence let it. */
function allowanceOf({ state, now }: Planning, { batch, index }: Suspect): number {
  const { allowance, guard } = batch.runAt(index).sub;
  if (guard === null || allowance <= 0) return allowance;
  if (guard.lets(batch, index)) return 1;
  for (const key of guard.keysOf(batch, index)) {
    const at = key.nextAt(now);
    if (at !== null && at < Infinity) state.wake(at);
  }
  return 0;
}

const subOf = ({ batch, index }: Suspect): SubQueue => batch.runAt(index).sub;

/** The next ones that can make one assignment: of one batch, one type and one attempt number. */
function takeAlike(state: State, queue: Denque<Suspect>, most: number): Suspect[] {
  const taken: Suspect[] = [];
  for (let next = state.suspects.first(queue); next !== null; next = state.suspects.first(queue)) {
    const [first = next] = taken;
    if (taken.length >= most || !isAlike(first, next)) break;
    queue.shift();
    if (!taken.some(({ index }) => index === next.index)) taken.push(next);
  }
  return taken;
}

const isAlike = (a: Suspect, b: Suspect): boolean =>
  a.batch === b.batch && subOf(a) === subOf(b) && attemptOf(a) === attemptOf(b);
const attemptOf = ({ batch, index }: Suspect): number => batch.nextAttempt(index);

function send(planning: Planning, worker: WorkerState, some: readonly Suspect[], isAlone: boolean): void {
  const { state, now } = planning;
  const [first] = some;
  if (first === undefined) return;
  const { batch } = first;
  const sub = subOf(first);
  const tasks = toRanges(some.map(({ index }) => index).sort((a, b) => a - b));
  const { route } = sub.workClass;
  const { placed } = worker;
  const fact = {
    ...newAssignment(state, { batch, attempt: attemptOf(first), tasks }, worker, now),
    ...(route instanceof PlacedRoute && placed !== null && grantOf(sub, route.demand, placed, some.length)),
  };
  const assignment = place(state, { fact, batch, sub, worker });
  assignment.suspects = state.suspects.of(batch, first.index);
  assignment.isAlone = isAlone;
  for (const { index } of some) sendOut(state, assignment, index, now);
  armDeadline(state, assignment, now);
  sub.guard?.start(batch, tasks);
  planning.commands.push({ kind: 'assign', assignment: fact });
  planning.left--;
  state.contest.serve(sub, some.length, costOf(state, sub, some.length));
}
