import { demandOf } from './demands.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';

/** While accounts contend a turn gives one of them no more than this part of what is its own if all have the same. */
const PART_OF_TURN = 0.005;

/** Tasks of the sub-queue, which takes a turn, that may come to run by it: at least one, if any may run. */
export function mostAtOnce(state: State, sub: SubQueue): number {
  const most = sub.guard?.places ?? Infinity;
  const accounts = sub.queue.seat.band.turns.size;
  return accounts > 1 ? Math.min(most, quantumOf(state, sub, PART_OF_TURN / accounts)) : most;
}

function quantumOf({ accounts: { totals, counts } }: State, { workClass }: SubQueue, part: number): number {
  let most = Infinity;
  const demand = demandOf(workClass);
  for (const resource in demand) {
    const need = demand[resource] ?? 0;
    const total = totals.of(resource);
    if (need > 0 && total > 0 && counts(resource)) most = Math.min(most, (part * total) / need);
  }
  return Math.max(1, Math.floor(most));
}
