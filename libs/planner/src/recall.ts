import { toRanges } from '@drover/core';
import type { Planning } from './assign.js';
import type { Assignment } from './assignments.js';
import { RECALL_PAYS_MS } from './settings.js';
import type { State } from './state.js';
import type { WorkerState } from './workers.js';

/**
 * When a worker is dry and nothing is pending for it, whoever has the most ahead is asked to hand back what has not
 * begun. It costs two round trips, so it is done only for work that has waited longer, and once for an assignment.
 */
export function recallForTheDry({ state, now }: Planning): void {
  const dry: WorkerState[] = [];
  const loaded: WorkerState[] = [];
  for (const worker of state.workers.all()) {
    if (worker.out === 0 && worker.eligible) dry.push(worker);
    else if (worker.out > worker.capacity && !worker.gone) loaded.push(worker);
  }
  if (dry.length === 0) return;
  const stalled = loaded.filter((worker) => pays(state, worker, now));
  if (stalled.length === 0) return;
  for (const worker of dry) {
    const from = mostAhead(stalled, worker);
    if (from !== null) recallFrom(state, from, worker);
  }
}

/** It has ended nothing for so long that recalling pays. Where it may come to that, the planner looks again. */
function pays(state: State, loaded: WorkerState, now: number): boolean {
  const paysAt = loaded.lastProgressAt + RECALL_PAYS_MS;
  if (paysAt > now) state.wake(paysAt);
  return paysAt <= now;
}

function mostAhead(stalled: readonly WorkerState[], dry: WorkerState): WorkerState | null {
  let best: WorkerState | null = null;
  for (const worker of stalled) {
    const ahead = worker.out - worker.capacity;
    if (best !== null && ahead <= best.out - best.capacity) continue;
    if (recallable(worker, dry).next().done !== true) best = worker;
  }
  return best;
}

/** The newest first: the least likely to have begun. */
function* recallable(loaded: WorkerState, dry: WorkerState): Generator<Assignment> {
  for (const assignment of [...loaded.assignments].reverse()) {
    const asked = assignment.recalled || assignment.gone || assignment.revoking !== null;
    if (!asked && assignment.open > 0 && dry.types.has(assignment.type)) yield assignment;
  }
}

/** Half of what is ahead, rounded up to whole assignments; what comes back is divided like everything that is pending. */
function recallFrom(state: State, loaded: WorkerState, dry: WorkerState): void {
  let wanted = Math.ceil((loaded.out - loaded.capacity) / 2);
  for (const assignment of recallable(loaded, dry)) {
    if (wanted <= 0) return;
    assignment.recalled = true;
    state.notices.add(assignment);
    wanted -= assignment.open;
  }
}

/** What workers are to be asked: all that was ever asked of the assignment, for it replaces what was asked before. */
export function notifyPending({ state, commands }: Planning): void {
  for (const assignment of state.notices) {
    const cancel = toRanges([...assignment.cancelled].sort((a, b) => a - b));
    commands.push({ kind: 'notify', assignment: assignment.fact, recall: assignment.recalled, cancel });
  }
  state.notices.clear();
}
