/** How many schedules name each plan. */
export class PlanUse {
  readonly #counts = new Map<string, number>();

  /** The definition of a schedule is another one. `null`: it was not there, or is gone. */
  changed(before: string | null, after: string | null): void {
    if (before === after) return;
    this.#count(before, -1);
    this.#count(after, 1);
  }

  has(plan: string): boolean {
    return this.#counts.has(plan);
  }

  all(): Iterable<string> {
    return this.#counts.keys();
  }

  #count(line: string | null, by: 1 | -1): void {
    const plan = line === null ? null : planIn(line);
    if (plan === null) return;
    const count = (this.#counts.get(plan) ?? 0) + by;
    if (count === 0) this.#counts.delete(plan);
    else this.#counts.set(plan, count);
  }
}

/** A payload that looks so keeps a plan of that hash, if there is one: nothing worse. */
const planIn = (line: string): string | null => /"plan":"([0-9a-f]{32})"/.exec(line)?.[1] ?? null;
