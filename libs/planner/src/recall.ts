import { toRanges } from '@drover/core';
import type { Planning } from './assign.js';
import type { Assignment } from './assignments.js';
import { RECALL_PAYS_MS } from './settings.js';
import type { State } from './state.js';
import type { WorkerState } from './workers.js';

/**
 * When a worker is dry and nothing is pending for it, whoever has the most ahead is asked to hand back what has not
 * begun. It costs two ways there and back, so it is done only for work that has waited longer, and once for an
 * assignment.
 */
export function recallForTheDry({ state, now }: Planning): void {
  // Who is dry may have been dealt something already.
  if (state.dealt.length > 0) return;
  const dry: WorkerState[] = [];
  const stalled: WorkerState[] = [];
  for (const worker of state.workers.all()) {
    if (worker.out === 0 && worker.eligible) dry.push(worker);
    else if (worker.out > worker.capacity && !worker.gone) stalled.push(worker);
  }
  if (dry.length === 0) return;
  const sources = sourcesByType(stalled.filter((worker) => pays(state, worker, now)));
  if (sources.size === 0) return;
  for (const worker of dry) {
    const from = mostAhead(sources, worker);
    if (from !== null) recallFrom(state, from, worker);
  }
}

/** It has ended nothing for so long that recalling pays. Where it may come to that, the planner looks again. */
function pays(state: State, loaded: WorkerState, now: number): boolean {
  const paysAt = loaded.lastProgressAt + Math.max(RECALL_PAYS_MS, 2 * loaded.wayMs, 2 * state.way.ms);
  if (paysAt > now) state.wake(paysAt);
  return paysAt <= now;
}

/** A stalled worker, and its assignments that can be asked for; the newest first: the least likely to have begun. */
interface Source {
  readonly ahead: number;
  readonly assignments: Assignment[];
}

/**
 * Where assignments of each type can be recalled from, whoever has the most ahead first. Made once a plan: many may be
 * dry, and many stalled.
 */
function sourcesByType(stalled: readonly WorkerState[]): Map<string, Source[]> {
  const sources = new Map<string, Source[]>();
  for (const worker of stalled) {
    const assignments = [...worker.assignments].filter(recallable).reverse();
    const source = { ahead: worker.out - worker.capacity, assignments };
    for (const type of new Set(assignments.map((assignment) => assignment.type))) {
      const others = sources.get(type);
      if (others === undefined) sources.set(type, [source]);
      else others.push(source);
    }
  }
  for (const ofType of sources.values()) ofType.sort((a, b) => b.ahead - a.ahead);
  return sources;
}

const recallable = ({ recalled, gone, revoking, open, suspects }: Assignment): boolean =>
  !recalled && !gone && revoking === null && open > 0 && suspects === null;

/** Sources that have nothing left of a type are dropped from its list on the way. */
function mostAhead(sources: Map<string, Source[]>, dry: WorkerState): Source | null {
  let best: Source | null = null;
  for (const type of dry.types) {
    const ofType = sources.get(type) ?? [];
    while (ofType[0]?.assignments.some((left) => left.type === type && !left.recalled) === false) ofType.shift();
    const [first] = ofType;
    if (first !== undefined && (best === null || first.ahead > best.ahead)) best = first;
  }
  return best;
}

/** It is to be empty soon: what it has not begun goes to others. */
export function recallAhead(state: State, worker: WorkerState): void {
  if (worker.out <= worker.capacity) return;
  for (const assignment of worker.assignments)
    if (recallable(assignment)) {
      assignment.recalled = true;
      state.notices.add(assignment);
    }
}

/** Half of what is ahead, rounded up to whole assignments; what comes back is divided like everything that is pending. */
function recallFrom(state: State, { ahead, assignments }: Source, dry: WorkerState): void {
  let wanted = Math.ceil(ahead / 2);
  for (const assignment of assignments) {
    if (wanted <= 0) return;
    if (assignment.recalled || !dry.types.has(assignment.type)) continue;
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
