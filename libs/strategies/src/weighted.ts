import type { Candidate, Strategy } from './strategy.js';

/**
 * By weight: a worker of weight 3 gets three times the tasks of one of weight 1. Shares are of tasks, not of calls: what
 * a call cannot divide evenly is carried over as credit, so tasks that come one at a time are shared 3:1 too.
 *
 * **Saturation.** What is out is kept in proportion as well, or else the light worker would take everything that the
 * heavy one has no room for. The worker with the least room for its weight sets the level: with `limit = out + free`,
 * level = min(limit / weight), and a worker *holds* at most `weight x level` tasks. The fraction of a task that is lost
 * to rounding is made good by credit: one task above the rounded-down share goes to whoever is most behind of all.
 * Where a worker is quicker than its share, holding the same proportion is not enough: it may be ahead of its share by
 * as many tasks as it may hold, then it waits for the others.
 *
 * **How far the slow hold back the quick.** Each worker has places that nobody's slowness takes from it:
 * `weight x min(capacity / weight)` of them, at least one. So with equal weights for equal workers everybody always runs
 * at its full capacity, and only what is handed out ahead of it waits for the slow; a light worker beside a heavy one
 * that hangs goes on with its part of the heavy one's capacity. And the planner stops showing a worker that is full and
 * has ended nothing for a while (`HELD_BACK_MS`). Credit counts among those that are shown, and is bounded, so that
 * a slow time is not made good by a flood later.
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
  /** Of all weights, 0 to 1. */
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

/** In tasks. Beyond it, what a slow time cost a worker is forgiven: it is not made good by a flood later. */
const CREDIT_BOUND = 2_000;
/** In tasks. A worker may be ahead of its share by what it may hold, and never by more. Below the bound of credit. */
const LEAD_BOUND = 1_000;

/** Against 2.9999999 where 3 is meant. */
const ROUNDING = 1e-9;
/** Workers come and go; their credit is worth little after a while. */
const FORGET_ABOVE = 1_000;

/** Whole shares at once, all but the last few tasks; those are divided by credit. Answers how many are left. */
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

/** Whoever lacks most of its share of the first `given` tasks; within the firm share, or rounded up where it leads all. */
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
