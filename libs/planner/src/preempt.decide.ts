import type { Amounts } from '@drover/core';
import type { RoomReason } from './assignments.js';

/** An owner of queues, as this decision sees it. */
export interface Owner {
  heldOf(resource: string): number;
  guaranteedOf(resource: string): number;
  /** Its share of what there is when it held so much more, or less (`sign` -1). */
  shareWith(amounts: Amounts, sign: 1 | -1): number;
}

/** An assignment that may be asked to make room. */
export interface Candidate<Of> {
  readonly of: Of;
  /** The priority of its queue. */
  readonly band: number;
  readonly owner: Owner;
  /** All that it claims of its worker, and of the whole system. */
  readonly claim: Amounts;
  /** When it was handed out. */
  readonly at: number;
  /** The time that it has run, multiplied by the share of what there is that it holds. */
  readonly lost: number;
}

/** Tasks of one class that wait for room. */
export interface Taker {
  readonly band: number;
  readonly owner: Owner;
  /** Of one task. */
  readonly demand: Amounts;
  /** Tasks for which room is wanted. */
  readonly wanted: number;
}

export interface Rules {
  readonly grounds: ReadonlySet<RoomReason>;
  /** The queue of a taker must have a priority that is so much higher. */
  readonly gap: number;
  /** So many may be asked for the sake of fairness alone. */
  readonly fairLeft: number;
}

/** Tasks that will come, and claims that will go: decided already, and not come about. */
export class Pledges {
  readonly #comes = new Map<Owner, Record<string, number>>();
  readonly #goes = new Map<Owner, Record<string, number>>();

  comes(owner: Owner, amounts: Amounts, times = 1): void {
    add(this.#comes, owner, amounts, times);
  }

  goes(owner: Owner, amounts: Amounts): void {
    add(this.#goes, owner, amounts, 1);
  }

  copy(): Pledges {
    const copy = new Pledges();
    for (const [owner, amounts] of this.#comes) copy.comes(owner, amounts);
    for (const [owner, amounts] of this.#goes) copy.goes(owner, amounts);
    return copy;
  }

  /** The amounts that the owner will hold beside those that it holds, with so much more. */
  after(owner: Owner, more: Amounts = NOTHING, sign: 1 | -1 = 1): Amounts {
    const all: Record<string, number> = {};
    for (const [name, amount] of Object.entries(this.#comes.get(owner) ?? NOTHING)) all[name] = amount;
    for (const [name, amount] of Object.entries(this.#goes.get(owner) ?? NOTHING))
      all[name] = (all[name] ?? 0) - amount;
    for (const [name, amount] of Object.entries(more)) all[name] = (all[name] ?? 0) + sign * amount;
    return all;
  }
}

const NOTHING: Amounts = {};

function add(to: Map<Owner, Record<string, number>>, owner: Owner, amounts: Amounts, times: number): void {
  const all = to.get(owner) ?? {};
  to.set(owner, all);
  for (const [name, amount] of Object.entries(amounts)) all[name] = (all[name] ?? 0) + times * amount;
}

/** In the order in which they are asked: the lowest priority, the owner of the largest share, the least work, the newest. */
export function inOrder<Of>(candidates: readonly Candidate<Of>[], pledges: Pledges): Candidate<Of>[] {
  const shares = new Map<Owner, number>();
  for (const { owner } of candidates)
    if (!shares.has(owner)) shares.set(owner, owner.shareWith(pledges.after(owner), 1));
  const shareOf = ({ owner }: Candidate<Of>): number => shares.get(owner) ?? 0;
  return [...candidates].sort((a, b) => a.band - b.band || shareOf(b) - shareOf(a) || a.lost - b.lost || b.at - a.at);
}

/**
 * On which ground the candidate may be asked to make room for one more task; null: on none. The argument against loops: no
 * giver is of a higher priority than the taker, and none is left with less than its guarantee. So what higher priorities
 * hold, and then what of all guarantees is kept, only grows, by `priority` and `reclaim`. By `fair` both stay as they are, and
 * once the two have changed places the taker's share is at most the giver's: for the giver to take it back, the same rule
 * had to hold the other way round, which it does not unless somebody else came or went.
 */
export function groundOf(
  taker: Taker,
  giver: Candidate<unknown>,
  pledges: Pledges,
  { grounds, gap }: Rules,
): RoomReason | null {
  if (grounds.has('priority') && taker.band >= giver.band + gap) return 'priority';
  if (giver.band > taker.band || giver.owner === taker.owner || !keepsItsGuarantee(giver, pledges)) return null;
  const isFair = (): boolean =>
    taker.owner.shareWith(pledges.after(taker.owner, taker.demand), 1) <=
    giver.owner.shareWith(pledges.after(giver.owner, giver.claim, -1), 1);
  const { isBelow, isWithin } = ofGuarantee(taker, pledges);
  if (grounds.has('reclaim') && isBelow && (isWithin || isFair())) return 'reclaim';
  return grounds.has('fair') && isFair() ? 'fair' : null;
}

/** Of all that its owner is guaranteed and the task demands, it holds less; and no more with the task. */
function ofGuarantee({ owner, demand }: Taker, pledges: Pledges): { isBelow: boolean; isWithin: boolean } {
  const after = pledges.after(owner);
  const names = Object.keys(demand).filter((name) => (demand[name] ?? 0) > 0 && owner.guaranteedOf(name) > 0);
  const left = names.map((name) => owner.guaranteedOf(name) - owner.heldOf(name) - (after[name] ?? 0));
  const isBelow = names.length > 0 && left.every((amount) => amount > 0);
  return { isBelow, isWithin: isBelow && left.every((amount, at) => amount >= (demand[names[at] ?? ''] ?? 0)) };
}

/** Of what it gives its owner still holds as much as is guaranteed. */
function keepsItsGuarantee({ owner, claim }: Candidate<unknown>, pledges: Pledges): boolean {
  const after = pledges.after(owner, claim, -1);
  return Object.keys(claim).every((name) => {
    const guaranteed = owner.guaranteedOf(name);
    return guaranteed === 0 || owner.heldOf(name) + (after[name] ?? 0) >= guaranteed;
  });
}

export interface Sacrifice<Of> {
  /** Tasks of the taker for which there is room then. */
  readonly times: number;
  readonly victims: readonly { readonly of: Of; readonly reason: RoomReason }[];
  /** Work that is lost, all together. */
  readonly lost: number;
  /** With what comes and goes by this. */
  readonly pledges: Pledges;
}

interface Victim<Of> {
  readonly candidate: Candidate<Of>;
  readonly reason: RoomReason;
}

/**
 * Which assignments of one worker make room for tasks of the taker. `fits`: how many of these run there when so much becomes
 * free besides. Room is made for one task after the other: candidates in their order until it fits, then backwards, so that
 * whoever is not needed is spared. Null: for not even one.
 */
export function sacrifice<Of>(
  taker: Taker,
  candidates: readonly Candidate<Of>[],
  { pledges: before, rules, fits }: { pledges: Pledges; rules: Rules; fits: (freed: Amounts) => number },
): Sacrifice<Of> | null {
  let pledges = before;
  let victims: readonly Victim<Of>[] = [];
  let times = 0;
  for (; times < taker.wanted; times++) {
    const more = roomForOne(taker, candidates, { pledges, rules, victims, fits: (freed) => fits(freed) > times });
    if (more === null) break;
    victims = [...victims, ...more];
    pledges = pledges.copy();
    for (const { candidate } of more) pledges.goes(candidate.owner, candidate.claim);
    pledges.comes(taker.owner, taker.demand);
  }
  if (victims.length === 0) return null;
  const lost = victims.reduce((sum, { candidate }) => sum + candidate.lost, 0);
  return { times, victims: victims.map(({ candidate: { of }, reason }) => ({ of, reason })), lost, pledges };
}

interface OneMore<Of> {
  readonly pledges: Pledges;
  readonly rules: Rules;
  /** Those that make room already. */
  readonly victims: readonly Victim<Of>[];
  readonly fits: (freed: Amounts) => boolean;
}

/** Null: there are not enough that may be asked. */
function roomForOne<Of>(
  taker: Taker,
  candidates: readonly Candidate<Of>[],
  { pledges, rules, victims, fits }: OneMore<Of>,
): Victim<Of>[] | null {
  const pledged = pledges.copy();
  const more: Victim<Of>[] = [];
  const enough = (some: readonly Victim<Of>[]): boolean => fits(sumOf([...victims, ...some]));
  for (const candidate of inOrder(candidates, pledged)) {
    if (enough(more)) break;
    if (victims.some((victim) => victim.candidate === candidate)) continue;
    const reason = groundOf(taker, candidate, pledged, rules);
    if (reason === null || (reason === 'fair' && fairOf([...victims, ...more]) >= rules.fairLeft)) continue;
    pledged.goes(candidate.owner, candidate.claim);
    more.push({ candidate, reason });
  }
  if (!enough(more)) return null;
  let needed = more;
  for (const each of [...more].reverse()) {
    const without = needed.filter((other) => other !== each);
    if (enough(without)) needed = without;
  }
  return needed;
}

const fairOf = (some: readonly Victim<unknown>[]): number => some.filter(({ reason }) => reason === 'fair').length;

function sumOf(victims: readonly Victim<unknown>[]): Amounts {
  const sum: Record<string, number> = {};
  for (const { candidate } of victims)
    for (const [name, amount] of Object.entries(candidate.claim)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}
