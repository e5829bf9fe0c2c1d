import type { Apart, Spread } from '@drover/core';
import type { PlacedRoute } from './placed-route.js';
import type { PlacedWorker } from './placed-worker.js';

/** How many tasks that are spread together are out, by the value of the label. */
export class Counter {
  readonly key: string;
  readonly #counts = new Map<string, number>();
  /** Routes that count here. */
  users = 0;
  /** Routes that wait for other counts. */
  readonly waiting = new Set<PlacedRoute>();

  constructor(key: string) {
    this.key = key;
  }

  of(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  /** Values that have some. */
  get size(): number {
    return this.#counts.size;
  }

  add(value: string, tasks: number): void {
    const count = this.of(value) + tasks;
    if (count === 0) this.#counts.delete(value);
    else this.#counts.set(value, count);
  }

  /** The least of these; 0 where there is none. */
  least(values: Iterable<string>): number {
    let least = Infinity;
    for (const value of values) least = Math.min(least, this.of(value));
    return least === Infinity ? 0 : least;
  }
}

/** An assignment counts there for each of its tasks that is out. */
export interface Counted {
  readonly counter: Counter;
  readonly value: string;
}

/** One rule of how tasks are spread over the values of a label. */
export interface SpreadRule {
  readonly by: string;
  readonly isHard: boolean;
  /** Of a value more than of the one that has least, this many; null: no value has more than one. */
  readonly maxSkew: number | null;
  readonly targets: Readonly<Record<string, number>> | null;
  readonly counter: Counter;
}

/** The tasks with which those of a class are spread. */
export interface Scope {
  readonly queue: string;
  /** Null: tasks of other batches too. */
  readonly batch: string | null;
}

/** Names the tasks that are counted together. */
export const counterKey = ({ by, over }: Spread | Apart, { queue, batch }: Scope): string =>
  JSON.stringify([by, over === 'batch' ? batch : over, queue]);

export function ruleOf(option: Spread | Apart, counter: Counter): SpreadRule {
  const { by } = option;
  if (!('mode' in option)) return { by, isHard: true, maxSkew: null, targets: null, counter };
  const { mode, maxSkew, targets } = option;
  return { by, isHard: mode === 'hard', maxSkew, targets: targets ?? null, counter };
}

/** The value for which the worker counts; null: it has no such label. */
export const valueOf = ({ by }: SpreadRule, { labels }: Pick<PlacedWorker, 'labels'>): string | null =>
  labels[by] ?? null;

/** The less of its share a value has, the sooner it is taken. */
export function rankOf({ targets, counter }: SpreadRule, value: string | null): number {
  if (value === null) return Infinity;
  const target = targets === null ? 1 : (targets[value] ?? 0);
  return target === 0 ? Infinity : counter.of(value) / target;
}

/** Whether one more task may go there. `least`: of the values where it could go. */
export function allows({ isHard, maxSkew, counter }: SpreadRule, value: string | null, least: number): boolean {
  if (!isHard) return true;
  if (value === null) return false;
  return maxSkew === null ? counter.of(value) === 0 : counter.of(value) + 1 - least <= maxSkew;
}
