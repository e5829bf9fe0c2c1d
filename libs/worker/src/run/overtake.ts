import type { Work } from './work.js';

/** Work that has waited here for so long is overtaken no more. */
export const OVERTAKEN_MS = 1_000;

/**
 * Pure. Puts the newest of `waiting`, its last, in its place: of the work of one tenant in one queue the higher
 * priority begins first. They exchange places among themselves, so nobody else waits longer for it: how tenants and
 * queues share is the leader's business. `nowMs`: monotonic.
 */
export function overtake(waiting: Work[], nowMs: number): void {
  let at = waiting.length - 1;
  const newest = waiting[at];
  if (newest === undefined) return;
  for (let before = at - 1; before >= 0; before--) {
    const other = waiting[before];
    if (other?.queue !== newest.queue || other.tenant !== newest.tenant) continue;
    if (other.priority >= newest.priority || nowMs - (other.arrivedMs ?? nowMs) > OVERTAKEN_MS) return;
    waiting[at] = other;
    waiting[before] = newest;
    at = before;
  }
}
