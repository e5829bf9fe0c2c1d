import { isSeatBefore } from './bands.js';
import type { SubQueue } from './sub-queue.js';
import { isServedBefore } from './turns.js';

/**
 * Whether the first has its turn before the second, as the contest would have it were both in it: priority, account, queue,
 * tenant, priority of the task, class. Virtual times are as they were left, so of queues that waited for long it is a
 * guess: the contest has the last word.
 */
export function isTurnBefore(a: SubQueue, b: SubQueue): boolean {
  const [ofA, ofB] = [a.queue, b.queue];
  if (ofA === ofB) return isBeforeWithin(a, b);
  const [seatA, seatB] = [ofA.seat, ofB.seat];
  if (seatA === seatB) return isServedBefore(ofA, ofB);
  if (seatA.band !== seatB.band) return seatA.band.priority > seatB.band.priority;
  return isSeatBefore(seatA, seatB);
}

/** Both are of one queue. */
function isBeforeWithin(a: SubQueue, b: SubQueue): boolean {
  const [ofA, ofB] = [a.level.tenant, b.level.tenant];
  if (ofA !== ofB) return isServedBefore(ofA, ofB);
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.served < b.served || (a.served === b.served && a.turn < b.turn);
}
