import type { Candidate, StrategyFactory } from './strategy.js';

/** One question to a strategy. */
export interface Call {
  readonly count: number;
  readonly candidates: readonly Candidate[];
}

/**
 * The laws of every strategy that an answer breaks, one sentence each; empty: none. Use it in the tests of your own
 * strategies.
 */
export function brokenLaws({ count, candidates }: Call, answer: readonly number[]): string[] {
  const broken: string[] = [];
  if (answer.length !== candidates.length)
    broken.push(`${answer.length} numbers for ${candidates.length} candidates: there must be one for each`);
  candidates.forEach(({ worker, free }, index) => {
    const given = answer[index] ?? 0;
    if (!Number.isInteger(given) || given < 0) broken.push(`${worker} is given ${given}: not a number of tasks`);
    if (given > free) broken.push(`${worker} is given ${given}, it may be given ${free}`);
  });
  const total = answer.reduce((sum, given) => sum + given, 0);
  if (total > count) broken.push(`${total} tasks are given, there are ${count}`);
  const idle = candidates.find(({ out, free }) => out === 0 && free > 0);
  if (count > 0 && total === 0 && idle !== undefined)
    broken.push(`nothing is given although ${idle.worker} is idle and may be given ${idle.free}`);
  return broken;
}

/** Asks a new strategy all `calls`, in order. Throws the error of the strategy. */
export function answersOf(factory: StrategyFactory, calls: readonly Call[], random: () => number): number[][] {
  const strategy = factory();
  return calls.map(({ count, candidates }) => strategy.distribute(count, candidates, random));
}

/**
 * Everything wrong with a strategy's answers to a history of calls: each answer by `brokenLaws`, and that the same
 * calls with the same chance (`seeded` makes it, twice) are answered alike.
 */
export function brokenLawsOf(factory: StrategyFactory, calls: readonly Call[], seeded: () => () => number): string[] {
  const answers = answersOf(factory, calls, seeded());
  const again = answersOf(factory, calls, seeded());
  return calls.flatMap((call, index) => {
    const broken = brokenLaws(call, answers[index] ?? []);
    if (String(answers[index]) !== String(again[index])) broken.push('asked again, the answer is another');
    return broken.map((text) => `call ${index}: ${text}`);
  });
}

/**
 * A law of the strategies random, round-robin and least-loaded: no idle worker gets nothing while another gets two
 * tasks. Returns the id of an idle worker that got nothing, `null`: there is none. A weighted strategy does not promise
 * this.
 */
export function passedOver({ candidates }: Call, answer: readonly number[]): string | null {
  if (!answer.some((given) => given > 1)) return null;
  const missed = candidates.find(({ out, free }, index) => out === 0 && free > 0 && (answer[index] ?? 0) === 0);
  return missed?.worker ?? null;
}

/** A law of the same three: they give all tasks that there is room for. Returns how many tasks were held back. */
export function heldBack({ count, candidates }: Call, answer: readonly number[]): number {
  const room = candidates.reduce((sum, { free }) => sum + free, 0);
  return Math.min(count, room) - answer.reduce((sum, given) => sum + given, 0);
}
