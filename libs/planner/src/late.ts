import { askToEnd, askToHandBack, isRecallable, type Assignment } from './assignments.js';
import { recordEnds } from './ledger.js';
import { lateEnd, type LateEnd, type Lifetime } from './lifetimes.js';
import type { State } from './state.js';
import { PLACE } from './tasks.js';

/**
 * The time of these tasks is over, as far as they have not ended. Those that wait end now. Of those that are out the
 * worker is asked: to abort what has outlived its deadline, to hand back what may have expired, for only the worker
 * knows what has begun. A task that it hands back ends then (`assignments.ts`).
 */
export function lateDue(state: State, { batch, from, to }: Lifetime, end: LateEnd, now: number): void {
  if (batch.removed || batch.finished !== null) return;
  const waiting: number[] = [];
  const holders = new Set<Assignment>();
  for (let index = from; index < to; index++) {
    if (batch.isOver(index) || lateEnd(batch, index, now) !== end) continue;
    if (batch.place(index) !== PLACE.out) {
      waiting.push(index);
      continue;
    }
    const holder = state.assignments.bySeq(batch.table?.holder(index) ?? 0);
    if (holder === undefined) continue;
    if (end === 'exceeded') askToEnd(state, holder, index, end, now);
    else holders.add(holder);
  }
  for (const holder of holders) if (isRecallable(holder)) askToHandBack(state, holder);
  recordEnds(state, batch, waiting, end, now);
}
