import { recordEach, type RecordedEnd } from './ledger.js';
import type { Planning, State } from './state.js';
import { PLACE, type BatchState } from './tasks.js';

/**
 * The time is over in which a worker might have come back: of the tasks that are pinned to a name, those end that wait while
 * no worker of the name may be given them. A task that is out goes on; if it is lost, it ends too.
 */
export function endUnreachable({ state, now }: Planning): void {
  const { toCheck } = state.pins;
  for (const batch of toCheck) {
    toCheck.delete(batch);
    if (batch.pinned !== null && batch.finished === null && batch.pinned.until <= now) endOf(state, batch, now);
  }
}

function endOf(state: State, batch: BatchState, now: number): void {
  const ends: RecordedEnd[] = [];
  batch.pinned?.workers.forEach((worker, index) => {
    if (batch.isOver(index) || batch.place(index) === PLACE.out) return;
    if (!state.workers.reaches(batch.runAt(index).sub.workClass)) ends.push({ index, outcome: 'refused', worker });
  });
  if (ends.length > 0) recordEach(state, batch, ends, now);
}
