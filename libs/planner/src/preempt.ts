import type { Amounts } from '@drover/core';
import { askToMakeRoom, mayMakeRoom, type Assignment, type RoomReason } from './assignments.js';
import { compareOwners } from './bands.js';
import { demandOf } from './demands.js';
import type { Demand } from './placement/dimensions.js';
import type { PlacedRoute } from './placement/placed-route.js';
import type { PlacedWorker } from './placement/placed-worker.js';
import { Pledges, sacrifice, type Candidate, type Sacrifice, type Taker } from './preempt.decide.js';
import { MAX_PREEMPTIONS_EACH, PREEMPT_EVERY_MS, PREEMPT_GAP, PREEMPT_TAKERS, PREEMPT_WORKERS } from './settings.js';
import type { Planning, State } from './state.js';
import type { SubQueue } from './sub-queue.js';

/**
 * When a class has found no room for long enough, tasks that allow it make room for it: they are asked to end, as with a
 * cancel, and run again later (`preempt.decide.ts` says who). The worker is kept for the class
 * that gets the room until its tasks have gone there: else whoever comes first would take the room, and be asked to make
 * room in its turn. While nobody is preemptible, or nobody waits for room, this costs two comparisons a plan.
 */
export function makeRoom({ state, now }: Planning): void {
  const { settings, placement, assignments } = state;
  if (settings.preempt === 'off' || placement.parked.size === 0 || assignments.preemptible.size === 0) return;
  if (now < state.preemptFrom) return state.wake(state.preemptFrom);
  state.preemptFrom = now + PREEMPT_EVERY_MS;
  const takers = takersOf(state, now);
  if (takers.length === 0) return;
  let pledges = pledged(state);
  for (const waiting of takers.slice(0, PREEMPT_TAKERS)) {
    // One worker after the other, until there is room for all.
    for (let left = waiting.wanted; left > 0;) {
      const made = roomAtOne(state, { ...waiting, wanted: left }, pledges, now);
      if (made === null) break;
      ({ pledges } = made);
      left -= made.times;
    }
  }
}

const NO_GROUNDS: ReadonlySet<RoomReason> = new Set();

interface Waiting {
  readonly sub: SubQueue;
  readonly route: PlacedRoute;
  readonly wanted: number;
  readonly grounds: ReadonlySet<RoomReason>;
}

/** Those who have waited long enough, in the order of service as far as it is above queues. */
function takersOf(state: State, now: number): Waiting[] {
  const takers: Waiting[] = [];
  for (const route of state.placement.parked) {
    // Room at a worker is not all that tasks need that are tied to others, or to places.
    const grounds = route.ties === null ? groundsOf(state, route, now) : NO_GROUNDS;
    if (grounds.size === 0 || state.placement.mayBeOffered(route)) continue;
    for (const workClass of route.classes) {
      let kept = 0;
      for (const { times } of state.rooms.of(workClass)) kept += times;
      for (const sub of inOrder(workClass.subs)) {
        const wanted = Math.min(sub.ready, sub.allowance, MAX_PREEMPTIONS_EACH);
        if (wanted > kept) takers.push({ sub, route, wanted: wanted - kept, grounds });
        kept = Math.max(0, kept - wanted);
      }
    }
  }
  return takers.sort((a, b) => compare(a.sub, b.sub));
}

const inOrder = (subs: Iterable<SubQueue>): SubQueue[] =>
  [...subs].filter(({ ready, queue }) => ready > 0 && !queue.settings.paused).sort(compare);

const compare = (a: SubQueue, b: SubQueue): number => compareOwners(a.queue, b.queue);

/** Empty: it has not waited long enough, or no worker could take its tasks if it were empty. */
function groundsOf(state: State, { parkedAt, unplaceableSince }: PlacedRoute, now: number): Set<RoomReason> {
  const grounds = new Set<RoomReason>();
  if (parkedAt === null || unplaceableSince !== null) return grounds;
  const { preempt, preemptAfterMs } = state.settings;
  const since = (afterMs: number): boolean => {
    if (now < parkedAt + afterMs) state.wake(parkedAt + afterMs);
    return now >= parkedAt + afterMs;
  };
  if (since(preemptAfterMs / SOONER)) grounds.add('priority');
  if (preempt === 'priority' || !since(preemptAfterMs)) return grounds;
  grounds.add('reclaim');
  if (preempt === 'fair') grounds.add('fair');
  return grounds;
}
/** A queue of a higher priority waits a sixth of the time. */
const SOONER = 6;

/** Decided, and not come about yet. */
function pledged({ assignments, rooms }: State): Pledges {
  const pledges = new Pledges();
  for (const ofWorker of assignments.preemptible.values())
    for (const each of ofWorker) if (each.makesRoom !== null) pledges.goes(each.sub.queue.account, claimed(each));
  for (const { workClass, times } of rooms.all()) {
    const [sub] = workClass.subs;
    if (sub !== undefined) pledges.comes(sub.queue.account, demandOf(workClass), times);
  }
  return pledges;
}

/** The worker where least is lost for it. Null: there is none that could make room. */
function roomAtOne(state: State, waiting: Waiting, pledges: Pledges, now: number): Sacrifice<Assignment> | null {
  const { sub, route, wanted, grounds } = waiting;
  const { queue, workClass } = sub;
  const taker: Taker = { band: queue.settings.priority, owner: queue.account, demand: demandOf(workClass), wanted };
  const rules = { grounds, gap: PREEMPT_GAP, fairLeft: state.storm.left(state, now) };
  let best: { member: PlacedWorker; made: Sacrifice<Assignment> } | null = null;
  let looked = 0;
  for (const [{ placed }, assignments] of state.assignments.preemptible) {
    if (placed === null || !isFor(state, route, placed)) continue;
    if (++looked > PREEMPT_WORKERS) break;
    const candidates = [...assignments]
      .filter((each) => mayMakeRoom(state, each))
      .map((each) => asSeen(state, each, now));
    if (candidates.length === 0) continue;
    const fits = (freed: Amounts): number => timesWith(placed, route.demand, freed);
    const made = sacrifice(taker, candidates, { pledges, rules, fits });
    if (made !== null && (best === null || made.lost / made.times < best.made.lost / best.made.times))
      best = { member: placed, made };
  }
  if (best === null) return null;
  const { member, made } = best;
  for (const { of, reason } of made.victims) {
    askToMakeRoom(state, of, reason, now);
    if (reason === 'fair') state.storm.asked(now);
  }
  const { preemptGraceMs, graceMs } = state.settings;
  // By then the last victim has been revoked.
  const until = now + 2 * preemptGraceMs + graceMs;
  state.rooms.keep(state, { worker: member.worker, workClass, times: made.times, from: now, until, why: 'preemption' });
  return made;
}

/** Tasks of the route may go there, and it is kept for nobody. */
const isFor = ({ rooms }: State, route: PlacedRoute, member: PlacedWorker): boolean =>
  member.worker.eligible &&
  !member.worker.pressed &&
  rooms.keptFor(member.worker) === null &&
  member.of.groups.has(route.group) &&
  route.group.suits(member);

function asSeen(state: State, assignment: Assignment, now: number): Candidate<Assignment> {
  const { sub, fact } = assignment;
  const claim = claimed(assignment);
  const { totals } = state.accounts;
  let part = 0;
  for (const [name, amount] of Object.entries(claim)) part = Math.max(part, amount / Math.max(1, totals.of(name)));
  const { account: owner, settings } = sub.queue;
  return { of: assignment, band: settings.priority, owner, claim, at: fact.at, lost: (now - fact.at) * part };
}

/** All that the assignment claims now. */
function claimed({ claim, width, open }: Assignment): Amounts {
  const places = Math.min(width ?? 0, open);
  return Object.fromEntries(Object.entries(claim).map(([name, amount]) => [name, amount * places]));
}

/** How many times the demand fits when so much is freed. Devices count as amounts: of parts of one some may not fit then. */
function timesWith(member: PlacedWorker, { amounts }: Demand, freed: Amounts): number {
  let times = Infinity;
  for (const [name, needs] of Object.entries(amounts)) {
    if (needs <= 0) continue;
    times = Math.min(times, Math.floor((member.freeOf(name) + (freed[name] ?? 0)) / needs));
  }
  return times;
}
