import type { Amounts } from '@drover/core';

/** All that there is of each resource: of workers that may be given work, and floating. */
export class Totals {
  readonly #workers = new Map<string, Amounts>();
  readonly #floating = new Map<string, number>();
  readonly #sums = new Map<string, number>();
  /** Something has changed since this was set to false. */
  haveChanged = false;

  of(resource: string): number {
    return this.#sums.get(resource) ?? 0;
  }

  /** The amounts of the worker; null: it is gone, or drains. */
  set(worker: string, has: Amounts | null): void {
    for (const [resource, amount] of Object.entries(this.#workers.get(worker) ?? NOTHING)) this.#add(resource, -amount);
    if (has === null) this.#workers.delete(worker);
    else this.#workers.set(worker, has);
    for (const [resource, amount] of Object.entries(has ?? NOTHING)) this.#add(resource, amount);
  }

  setFloating(resource: string, total: number | null): void {
    this.#add(resource, (total ?? 0) - (this.#floating.get(resource) ?? 0));
    if (total === null) this.#floating.delete(resource);
    else this.#floating.set(resource, total);
  }

  #add(resource: string, amount: number): void {
    if (amount === 0) return;
    const sum = this.of(resource) + amount;
    if (sum > 0) this.#sums.set(resource, sum);
    else this.#sums.delete(resource);
    this.haveChanged = true;
  }
}

const NOTHING: Amounts = {};
