import type { WorkClass } from './classes.js';
import type { State } from './state.js';
import type { WorkerState } from './worker-state.js';

/** Why a worker is given none of a type; `eligible`: it may be given some. */
export type Verdict =
  'type' | 'not-understood' | 'draining' | 'no-capacity' | 'kept-for-suspects' | 'full' | 'type-limit' | 'eligible';

/** How the workers look to a task that waits for one. */
export interface WorkersSeen {
  readonly total: number;
  /** That offer the type, understand what the task needs, do not drain and have a capacity. */
  readonly usable: number;
  /** That may be given a task now. */
  readonly eligible: number;
  /** Workers that each condition shuts out by itself. */
  readonly filtered: { readonly type: number; readonly draining: number; readonly full: number };
  /** Those that offer the type first, then the others; 50 at most. `free`: places that run nothing and may run the type. */
  readonly table: readonly { readonly worker: string; readonly verdict: Verdict; readonly free: number }[];
}

const MOST_SHOWN = 50;

export function workersFor(state: State, workClass: WorkClass): WorkersSeen {
  const all = [...state.workers.all()].filter(({ gone }) => !gone);
  const isFull = (worker: WorkerState): boolean => worker.roomNow(state.aheadMs) === 'full';
  const verdicts = all.map((worker) => ({
    worker: worker.id,
    verdict: verdictOn(worker, workClass, { isFull, aheadMs: state.aheadMs }),
    free: worker.placesFor(workClass.type),
  }));
  const offering = verdicts.filter(({ verdict }) => verdict !== 'type');
  const others = verdicts.filter(({ verdict }) => verdict === 'type');
  return {
    total: all.length,
    usable: all.filter((worker) => worker.mayRun(workClass) && worker.isUsable).length,
    eligible: verdicts.filter(({ verdict }) => verdict === 'eligible').length,
    filtered: {
      type: others.length,
      draining: all.filter(({ draining }) => draining).length,
      full: all.filter(isFull).length,
    },
    table: [...offering, ...others].slice(0, MOST_SHOWN),
  };
}

function verdictOn(
  worker: WorkerState,
  workClass: WorkClass,
  { isFull, aheadMs }: { isFull: (worker: WorkerState) => boolean; aheadMs: number },
): Verdict {
  if (!worker.offers(workClass.type)) return 'type';
  if (!worker.mayRun(workClass)) return 'not-understood';
  if (worker.draining) return 'draining';
  if (worker.capacity === 0) return 'no-capacity';
  if (worker.reserved) return 'kept-for-suspects';
  if (isFull(worker)) return 'full';
  return worker.hasEnoughOf(workClass.type, aheadMs) ? 'type-limit' : 'eligible';
}
