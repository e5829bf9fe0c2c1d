import type { Steps } from './free-tree.js';
import type { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';
import { allows, rankOf, valueOf } from './spreads.js';
import type { Level } from './where-group.js';
import { escapes, type WorkerClass } from './worker-class.js';

/** With more workers the least loaded of a few is taken, not of all. */
const LOOKED_AT = 100;
const SAMPLES = 4;

export interface Choice {
  readonly now: number;
  readonly random: () => number;
  readonly steps: Steps;
  /** Tasks go to workers of the pool in their order, so that the last ones stay empty. */
  readonly packs: (pool: string) => boolean;
  /** The part of its room that the worker is given as yet, above 0; 1: it is warm. Null: all are. */
  readonly warmth: ((member: PlacedWorker) => number) | null;
  /** Since when the next task of the route waits. */
  since: number;
}

/** Whether a worker may be taken, and which is taken first; smaller goes first, before the load. */
interface Filter {
  readonly may: (member: PlacedWorker) => boolean;
  readonly rank: ((member: PlacedWorker) => number) | null;
}

/**
 * The worker that a task of the route goes to. Criteria go one after the other, and no later one outweighs an earlier: room,
 * the places that it is near, preferences, its spread, the worker that its key sticks to, the policy of the pool. Null:
 * nobody has room, the steps are used up, or the task waits for a better place: `route.waitsUntil`.
 */
export function choose(route: PlacedRoute, choice: Choice): PlacedWorker | null {
  const { grown, group, ties } = route;
  route.grown = null;
  route.waitsUntil = null;
  if (ties !== null) return chooseTied(route, choice);
  // It may have gone since, and another one has its place in the trees.
  const isThere = grown?.worker.placed === grown;
  if (grown !== null && isThere && group.levels.length === 1 && grown.of.groups.has(group) && route.fits(grown))
    return grown;
  return chooseAny(route, choice, null);
}

function chooseAny(route: PlacedRoute, choice: Choice, filter: Filter | null): PlacedWorker | null {
  for (const level of route.group.levels) {
    const found = chooseAmong(level, route, choice, filter);
    if (found !== null) return found;
  }
  return null;
}

// --- Tasks that are tied to places, to each other, to a worker

function chooseTied(route: PlacedRoute, choice: Choice): PlacedWorker | null {
  const filter = filterOf(route);
  const { near, nearWaitMs, sticky } = route.placement;
  for (const place of near ?? []) {
    const found = leastLoaded([...route.placeMembers(place)], route, choice, filter);
    if (found !== null) return found;
  }
  const ring = sticky === null ? [] : route.ring().of(sticky.key);
  const [own] = ring;
  if (own !== undefined && isFit(own, route, filter)) return own;
  const other = next(route, choice, filter, ring);
  if (other === null || (near === null && sticky === null)) return other;
  const waitMs = near !== null ? nearWaitMs : sticky?.mode === 'hard' ? Infinity : (sticky?.waitMs ?? 0);
  return declines(route, choice, waitMs) ? null : other;
}

/** The worker that is taken instead of the one that the task waits for. */
function next(
  route: PlacedRoute,
  choice: Choice,
  filter: Filter | null,
  ring: readonly PlacedWorker[],
): PlacedWorker | null {
  for (const member of ring) if (isFit(member, route, filter)) return member;
  return chooseSpread(route, choice, filter);
}

/** It waits so long from the moment in which it declined room elsewhere first, and was there itself. */
function declines(route: PlacedRoute, { now, since }: Choice, waitMs: number): boolean {
  route.declinedAt ??= now;
  const until = Math.max(route.declinedAt, since) + waitMs;
  if (until <= now) return false;
  route.waitsUntil = until;
  return true;
}

/** Hard rules shut workers out; of soft ones over labels of single workers the smaller count goes first. */
function filterOf({ group, demand, ties }: PlacedRoute): Filter | null {
  const rules = ties?.rules ?? [];
  if (rules.length === 0) return null;
  const hard = rules
    .filter(({ isHard }) => isHard)
    .map((rule) => ({ rule, least: rule.counter.least(group.valuesOf(rule.by, demand)) }));
  const [ranked] = rules.filter(({ by }) => escapes(by));
  return {
    may: (member) => hard.every(({ rule, least }) => allows(rule, valueOf(rule, member), least)),
    rank: ranked === undefined ? null : (member) => rankOf(ranked, valueOf(ranked, member)),
  };
}

/** Of the label that it is spread by, values that have less of their share go first. */
function chooseSpread(route: PlacedRoute, choice: Choice, filter: Filter | null): PlacedWorker | null {
  const rule = route.ties?.rules.find(({ by }) => !escapes(by));
  if (rule === undefined) return chooseAny(route, choice, filter);
  for (const level of route.group.levels) {
    const parts = [...level.split(rule.by)].sort(([a], [b]) => rankOf(rule, a) - rankOf(rule, b));
    for (const [value, part] of parts) {
      if (rule.isHard && value === null) continue;
      const found = chooseAmong(part, route, choice, filter);
      if (found !== null) return found;
    }
  }
  return null;
}

// --- One level of preference

function chooseAmong(level: Level, route: PlacedRoute, choice: Choice, filter: Filter | null): PlacedWorker | null {
  const { steps } = choice;
  if (level.members > LOOKED_AT)
    return bestOfSome(level, route, choice, filter) ?? firstOfAll(level, route, choice, filter);
  let best: PlacedWorker | null = null;
  for (const each of level.classes) {
    steps.left--;
    if (!each.free.mayFit(route.demand)) continue;
    if (choice.packs(each.pool)) {
      // Classes that come before are packed too, or had no room.
      const found = best ?? firstFrom(each, 0, route, choice, filter);
      if (found !== null) return found;
    } else best = leastLoaded(each.members, route, choice, filter, best);
  }
  return best;
}

const isFit = (member: PlacedWorker, route: PlacedRoute, filter: Filter | null): boolean =>
  route.fits(member) && (filter === null || filter.may(member));

/** Of a worker that is not warm its load counts as more: it is filled as slowly as it warms up. */
const loadOf = (member: PlacedWorker, { warmth }: Choice): number =>
  warmth === null ? member.load : member.load / warmth(member);

/** The first member of the class from the place on that has room; a warm one, if there is any. */
function firstFrom(
  of: WorkerClass,
  from: number,
  route: PlacedRoute,
  choice: Choice,
  filter: Filter | null,
): PlacedWorker | null {
  const { free, members } = of;
  const { steps, warmth } = choice;
  let cold: PlacedWorker | null = null;
  for (let at = free.first(route.demand, from, steps); at >= 0; at = free.first(route.demand, at + 1, steps)) {
    const member = members[at];
    if (member !== undefined && isFit(member, route, filter)) {
      if (warmth === null || member.load < warmth(member)) return member;
      cold ??= member;
    }
    if (steps.left <= 0) break;
  }
  return cold;
}

/** The least loaded of these that have room, and of `best`. */
function leastLoaded(
  members: readonly PlacedWorker[],
  route: PlacedRoute,
  choice: Choice,
  filter: Filter | null,
  before: PlacedWorker | null = null,
): PlacedWorker | null {
  let best = before;
  choice.steps.left -= members.length;
  for (const member of members)
    if ((best === null || isBefore(member, best, choice, filter)) && isFit(member, route, filter)) best = member;
  return best;
}

function isBefore(a: PlacedWorker, b: PlacedWorker, choice: Choice, filter: Filter | null): boolean {
  const rank = filter?.rank ?? null;
  const apart = rank === null ? 0 : rank(a) - rank(b);
  return apart < 0 || (!(apart > 0) && loadOf(a, choice) < loadOf(b, choice));
}

/** The least loaded of a few that have room; null: none of them has, or all are packed. */
function bestOfSome(level: Level, route: PlacedRoute, choice: Choice, filter: Filter | null): PlacedWorker | null {
  const some: PlacedWorker[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const member = level.member(Math.floor(choice.random() * level.members));
    if (!choice.packs(member.of.pool)) some.push(member);
  }
  return some.length === 0 ? null : leastLoaded(some, route, choice, filter);
}

/** The first one that has room: of pools that pack in their order, of others from somewhere on. */
function firstOfAll(
  { classes }: Level,
  route: PlacedRoute,
  choice: Choice,
  filter: Filter | null,
): PlacedWorker | null {
  const { random, steps } = choice;
  const start = Math.floor(random() * classes.length);
  for (const packed of classes) {
    steps.left--;
    if (!choice.packs(packed.pool) || !packed.free.mayFit(route.demand)) continue;
    const found = firstFrom(packed, 0, route, choice, filter);
    if (found !== null || steps.left <= 0) return found;
  }
  for (let at = 0; at < classes.length; at++) {
    const each = classes[(start + at) % classes.length] as WorkerClass;
    if (choice.packs(each.pool) || !each.free.mayFit(route.demand)) continue;
    const from = Math.floor(random() * each.members.length);
    const found = firstFrom(each, from, route, choice, filter) ?? firstFrom(each, 0, route, choice, filter);
    if (found !== null || steps.left <= 0) return found;
  }
  return null;
}
