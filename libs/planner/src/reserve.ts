import { countOf } from '@drover/core';
import type { Account } from './accounts.js';
import type { Assignment } from './assignments.js';
import { compareOwners } from './bands.js';
import type { WorkClass } from './classes.js';
import { PlacedRoute } from './placement/placed-route.js';
import type { PlacedWorker } from './placement/placed-worker.js';
import type { Keep } from './rooms.js';
import { RESERVE_EVERY_MS, RESERVE_KEEP_MS, RESERVE_LOOKS, RESERVE_PART } from './settings.js';
import type { Planning, State } from './state.js';
import type { SubQueue } from './sub-queue.js';

/**
 * Tasks that need much find no room while small ones take whatever becomes free. A class that has found none for long enough
 * gets a worker: the one that will be free for it soonest, as far as one can tell. From then on nothing is given there but
 * what has ended by then. So it waits no longer than this time, and what runs there. Nothing of it is written down: the
 * next leader finds that the tasks have waited, and reserves again.
 */
export function reserveRoom({ state, now }: Planning): void {
  const { settings, placement } = state;
  if (settings.reserveAfterMs === 0 || placement.parked.size === placement.unplaceable.size) return;
  if (now < state.reserveFrom) return state.wake(state.reserveFrom);
  state.reserveFrom = now + RESERVE_EVERY_MS;
  const heads = headsOf(state, now);
  if (heads.length === 0) return;
  const made = [...state.rooms.all()].filter(({ why }) => why === 'reservation');
  const accounts = new Set(made.map(({ workClass }) => [...workClass.subs][0]?.queue.account));
  let left = Math.max(1, Math.floor(RESERVE_PART * state.workers.usable)) - made.length;
  for (const { sub, route } of heads) {
    if (left <= 0) return;
    if (accounts.has(sub.queue.account)) continue;
    const soonest = soonestFor(state, route, now);
    if (soonest === null) continue;
    const { worker, from } = soonest;
    const until = Math.max(now, from ?? now) + RESERVE_KEEP_MS;
    state.rooms.keep(state, { worker, workClass: sub.workClass, times: 1, from, until, why: 'reservation' });
    // The worker may have that room already.
    state.wake(now);
    left--;
  }
}

interface Head {
  readonly sub: SubQueue;
  readonly route: PlacedRoute;
}

/** Of each account the tasks that have waited long enough and come first in its order. */
function headsOf(state: State, now: number): Head[] {
  const heads = new Map<Account, Head>();
  for (const route of state.placement.parked) {
    if (route.parkedAt === null || route.unplaceableSince !== null || route.ties !== null) continue;
    if (state.placement.mayBeOffered(route)) continue;
    for (const workClass of route.classes)
      for (const sub of workClass.subs) {
        if (sub.ready === 0 || sub.allowance <= 0 || (sub.guard?.closed ?? null) !== null) continue;
        const dueAt = waitsSince(state, route, sub) + state.settings.reserveAfterMs;
        if (dueAt > now) state.wake(dueAt);
        else {
          const { account } = sub.queue;
          const first = heads.get(account);
          if (first === undefined || isBefore(sub, first.sub)) heads.set(account, { sub, route });
        }
      }
  }
  return [...heads.values()].sort((a, b) => compareOwners(a.sub.queue, b.sub.queue));
}

/** A new leader has parked it just now: then its tasks have waited since they were due. */
function waitsSince({ bornAt, settings }: State, { parkedAt }: PlacedRoute, sub: SubQueue): number {
  const since = parkedAt ?? Infinity;
  return bornAt !== null && since < bornAt + settings.reserveAfterMs ? Math.min(since, sub.since) : since;
}

/** Of two that are of one account. */
function isBefore(a: SubQueue, b: SubQueue): boolean {
  const [of, other] = [a.queue, b.queue];
  if (of.settings.priority !== other.settings.priority) return of.settings.priority > other.settings.priority;
  if (of !== other && of.served !== other.served) return of.served < other.served;
  if (a.level.priority !== b.level.priority) return a.level.priority > b.level.priority;
  return a.since < b.since;
}

/** The worker that will be free for it soonest, and when; if nobody can tell, the one that has least claimed. */
function soonestFor(
  state: State,
  route: PlacedRoute,
  now: number,
): { worker: Keep['worker']; from: number | null } | null {
  let best: { member: PlacedWorker; from: number } | null = null;
  let looked = 0;
  for (const member of route.group.members()) {
    const { worker } = member;
    if (!member.canTake || state.rooms.keptFor(worker) !== null || !couldHold(member, route)) continue;
    if (++looked > RESERVE_LOOKS) break;
    const from = freeAt(state, member, route, now);
    if (best === null || from < best.from || (from === best.from && member.load < best.member.load))
      best = { member, from };
  }
  if (best === null) return null;
  return { worker: best.member.worker, from: best.from === Infinity ? null : best.from };
}

/** If it were empty. */
const couldHold = (member: PlacedWorker, { demand }: PlacedRoute): boolean =>
  Object.entries(demand.amounts).every(([name, need]) => need <= (member.capacity[name] ?? 0));

/** When enough of what runs there has ended, by how long such tasks take; Infinity: nobody can tell. */
function freeAt(state: State, member: PlacedWorker, route: PlacedRoute, now: number): number {
  const { worker } = member;
  const lacking = new Map<string, number>();
  for (const [name, need] of Object.entries(route.demand.amounts)) {
    const free = member.freeOf(name);
    if (need > free) lacking.set(name, need - free);
  }
  if (lacking.size === 0) return now;
  const ends = [...worker.assignments]
    .filter(({ open }) => open > 0)
    .map((each) => ({ each, at: endOf(state, each, now) }));
  ends.sort((a, b) => a.at - b.at);
  for (const { each, at } of ends) {
    const places = Math.min(each.open, each.width ?? worker.capacity);
    for (const [name, lacks] of lacking) {
      const left = lacks - places * (each.claim[name] ?? 0);
      if (left > 0) lacking.set(name, left);
      else lacking.delete(name);
    }
    if (lacking.size === 0) return at;
  }
  return Infinity;
}

/** When all of it has ended, if its tasks take as long as 95 % of their type at most do. */
function endOf({ durations }: State, { sub, fact, width, worker, timeoutMs }: Assignment, now: number): number {
  const ms = durations.p95(sub.workClass.type) ?? timeoutMs;
  if (ms === null) return Infinity;
  const waves = Math.ceil(countOf(fact.tasks) / Math.max(1, width ?? worker.capacity));
  return Math.max(now, fact.at + waves * ms);
}

/**
 * A worker whose room is kept for others, where tasks of the class may go all the same: they have ended before it is needed,
 * by how long tasks of their type take.
 */
export function fillerFor(state: State, { type, route }: WorkClass, now: number): PlacedWorker | null {
  const { rooms, durations } = state;
  if (rooms.size === 0 || !(route instanceof PlacedRoute) || route.ties !== null || !durations.knows(type)) return null;
  const ms = durations.p95(type) ?? Infinity;
  for (const { worker, from, why } of rooms.all())
    if (why === 'reservation' && from !== null && now + ms <= from && route.timesKept(worker) > 0) return worker.placed;
  return null;
}

/** A route has its turn again if tasks of it may have room that is kept for others until it is needed. */
export function wakeFillers(state: State, now: number): void {
  const { rooms, placement } = state;
  if (rooms.size === 0) return;
  let looked = 0;
  for (const route of placement.parked)
    for (const workClass of route.classes) {
      if (++looked > RESERVE_LOOKS) return;
      if (!workClass.hasPending || fillerFor(state, workClass, now) === null) continue;
      placement.wake(route);
      break;
    }
}
