import type { WorkClass } from './classes.js';
import { PlacedRoute } from './placement/placed-route.js';
import { placedVerdict, placementSeen } from './placement/seen.js';
import type { State } from './state.js';
import type { WorkerState } from './worker-state.js';

/** Why a worker is given none of a type; `eligible`: it may be given some. */
export type Verdict =
  | 'type'
  | 'other-name'
  | 'not-understood'
  | 'draining'
  | 'no-capacity'
  | 'kept-for-suspects'
  | 'full'
  | 'type-limit'
  | 'lacks'
  | 'label'
  | 'other-pool'
  | 'pressed'
  | 'eligible';

/** How the workers look to a task that waits for one. */
export interface WorkersSeen {
  readonly total: number;
  /** That offer the type, understand what the task needs, do not drain and have a capacity. */
  readonly usable: number;
  /** That may be given a task now. */
  readonly eligible: number;
  /** Workers that each condition shuts out by itself; of resources and labels by name. */
  readonly filtered: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  /** Those that offer the type first, then the others; 50 at most. `free`: places that run nothing and may run the type. */
  readonly table: readonly { readonly worker: string; readonly verdict: Verdict; readonly free: number }[];
}

const MOST_SHOWN = 50;

export function workersFor(state: State, workClass: WorkClass): WorkersSeen {
  const all = [...state.workers.all()].filter(({ gone }) => !gone);
  const seen = placementSeen(state.placement, workClass, all);
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
    usable: seen?.feasible ?? all.filter((worker) => worker.mayRun(workClass) && worker.serves(workClass)).length,
    eligible: verdicts.filter(({ verdict }) => verdict === 'eligible').length,
    filtered: {
      type: others.length,
      draining: all.filter(({ draining }) => draining).length,
      ...(seen === null
        ? { full: all.filter(isFull).length }
        : { pressed: seen.pressed, pool: seen.pool, lacks: seen.lacks, label: seen.label, full: seen.full }),
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
  if (workClass.pin !== null && workClass.pin.worker !== worker.name) return 'other-name';
  if (!worker.mayRun(workClass)) return 'not-understood';
  if (worker.draining && !worker.serves(workClass)) return 'draining';
  if (worker.capacity === 0) return 'no-capacity';
  if (worker.reserved) return 'kept-for-suspects';
  if (worker.pressed) return 'pressed';
  if (workClass.route instanceof PlacedRoute && worker.placed !== null)
    return placedVerdict(workClass.route, worker.placed);
  if (isFull(worker)) return 'full';
  return worker.hasEnoughOf(workClass.type, aheadMs) ? 'type-limit' : 'eligible';
}
