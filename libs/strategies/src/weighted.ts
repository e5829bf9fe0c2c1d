import type { Candidate, Strategy } from './strategy.js';

/**
 * By weight: a worker of weight 3 gets three times the tasks of one of weight 1. Shares are of tasks, not of calls: the
 * rest that a call cannot divide evenly is carried over as credit, so tasks that come one at a time are shared 3:1 too.
 *
 * **Saturation.** The tasks that are out are kept in proportion as well, or else the light worker would take everything
 * that the heavy one has no room for. The worker with the least room for its weight sets the level: with `limit = out +
 * free`, level = min(limit / weight), and a worker *holds* at most `weight x level` tasks. The fraction of a task that
 * is lost to rounding is made good by credit: one task above the rounded-down share goes to the worker that is most
 * behind. A worker that is quicker than its share would get more tasks although it never holds too many. So it may be
 * ahead of its share by as many tasks as it may hold, and then waits for the others.
 *
 * **How far slow workers hold back quick ones.** Each worker has `weight x min(capacity / weight)` places, at least
 * one, that it may fill however slow the others are. So equal workers with equal weights all run at their full
 * capacity, and only tasks beyond it wait for the slow ones; a light worker beside a heavy one that hangs goes on with
 * its part of the heavy one's capacity. The planner stops showing a worker that is full and has ended nothing for a
 * while (`HELD_BACK_MS`). Credit counts only among the workers that are shown, and it is bounded, so that a worker does
 * not get a flood of tasks after a slow time.
 */
export class WeightedStrategy implements Strategy {
  readonly name = 'weighted';
  readonly #credits = new Map<string, number>();

  distribute(count: number, candidates: readonly Candidate[]): number[] {
    const shares = this.#shares(candidates);
    const left = giveInBulk(count, shares);
    giveOneByOne(left, shares);
    this.#carryOver(shares);
    return shares.map(({ given }) => given);
  }

  #shares(candidates: readonly Candidate[]): Share[] {
    const level = Math.min(...candidates.map(({ out, free, weight }) => (out + free) / weight));
    const sureLevel = Math.min(...candidates.map(({ capacity, weight }) => capacity / weight));
    const weights = candidates.reduce((sum, { weight }) => sum + weight, 0);
    const credits = candidates.reduce((sum, { worker }) => sum + this.#creditOf(worker), 0);
    return candidates.map((candidate) => {
      const { weight, worker } = candidate;
      const part = weight / weights;
      const credit = this.#creditOf(worker) - part * credits;
      return { candidate, part, credit, given: 0, ...roomOf(candidate, level, sureLevel, credit) };
    });
  }

  #creditOf(worker: string): number {
    return this.#credits.get(worker) ?? 0;
  }

  #carryOver(shares: readonly Share[]): void {
    const given = shares.reduce((sum, share) => sum + share.given, 0);
    if (given === 0) return;
    if (this.#credits.size > FORGET_ABOVE + 4 * shares.length) this.#credits.clear();
    for (const share of shares) {
      this.#credits.set(share.candidate.worker, clamp(scoreOf(share, given), -CREDIT_BOUND, CREDIT_BOUND));
    }
  }
}

interface Share {
  readonly candidate: Candidate;
  /** The worker's weight as a part of all weights, 0 to 1. */
  readonly part: number;
  /** Tasks that it may be given without falling out of proportion ... */
  readonly firm: number;
  /** ... and when the share is rounded up: at most one more. */
  readonly soft: number;
  /** Tasks that it was entitled to in earlier calls and did not get; negative: got too many. */
  readonly credit: number;
  given: number;
}

function roomOf(
  candidate: Candidate,
  level: number,
  sureLevel: number,
  credit: number,
): { firm: number; soft: number } {
  const { out, free, weight } = candidate;
  const held = Math.max(1, level * weight);
  const sure = Math.max(1, sureLevel * weight);
  const lead = Math.max(0, Math.min(held, LEAD_BOUND) + credit);
  return {
    firm: clamp(Math.max(Math.min(down(held) - out, down(lead)), Math.min(down(sure), down(held)) - out), 0, free),
    soft: clamp(Math.max(Math.min(up(held) - out, up(lead)), Math.min(up(sure), up(held)) - out), 0, free),
  };
}

const down = (tasks: number): number => Math.floor(tasks + ROUNDING);
const up = (tasks: number): number => Math.ceil(tasks - ROUNDING);

/** Credit, in tasks, above which a worker gets no more of it: a slow time is not followed by a flood. */
const CREDIT_BOUND = 2_000;
/** In tasks. A worker may be ahead of its share by as many as it may hold, and never by more than this. */
const LEAD_BOUND = 1_000;

/** Corrects the error of floating-point sums: 2.9999999 counts as 3. */
const ROUNDING = 1e-9;
/** Credits are forgotten when there are many more of them than workers: workers that are gone leave theirs behind. */
const FORGET_ABOVE = 1_000;

/** Gives whole shares at once, all but the last few tasks; those are divided by credit. Returns how many are left. */
function giveInBulk(count: number, shares: readonly Share[]): number {
  let left = count;
  let open = shares.filter(({ firm }) => firm > 0);
  for (;;) {
    const spread = left - open.length;
    const parts = open.reduce((sum, { part }) => sum + part, 0);
    let given = 0;
    for (const share of open) {
      const more = clamp(Math.floor((spread * share.part) / parts), 0, share.firm - share.given);
      share.given += more;
      given += more;
    }
    if (given === 0) return left;
    left -= given;
    open = open.filter((share) => share.given < share.firm);
  }
}

function giveOneByOne(count: number, shares: readonly Share[]): void {
  let given = shares.reduce((sum, share) => sum + share.given, 0);
  for (let left = count; left > 0; left--) {
    given++;
    const next = mostBehind(shares, given);
    if (next === null) return;
    next.given++;
  }
}

/**
 * The worker that is most behind its share of the first `given` tasks, if its share rounded up has room for one more;
 * otherwise the one that is most behind among those with room in their firm share.
 */
function mostBehind(shares: readonly Share[], given: number): Share | null {
  let first: Share | null = null;
  let firm: Share | null = null;
  for (const share of shares) {
    if (first === null || scoreOf(share, given) > scoreOf(first, given)) first = share;
    if (share.given >= share.firm) continue;
    if (firm === null || scoreOf(share, given) > scoreOf(firm, given)) firm = share;
  }
  if (first !== null && first.given < first.soft) return first;
  return firm;
}

/** Tasks that the worker would be behind its share after `given` tasks. */
const scoreOf = (share: Share, given: number): number => share.credit + given * share.part - share.given;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
