import type { FireKind } from '@drover/protocol';

/** A fire whose task is kept, whether it has ended or not. */
export interface KeptFire {
  readonly schedule: string;
  readonly n: number;
  readonly nominal: number;
  readonly kind: FireKind;
  readonly task: string;
  readonly failed: boolean;
}

/**
 * The fires of one schedule that are kept: what a back-fill asks to find out which times are missing. Tasks that retention
 * has removed are not among them.
 */
export class KeptFires {
  readonly #byNominal = new Map<number, Map<string, boolean>>();
  readonly #numbers = new Map<number, KeptFire>();

  add(fire: KeptFire): void {
    const { n, nominal, task, failed } = fire;
    this.#numbers.set(n, fire);
    const tasks = this.#byNominal.get(nominal);
    if (tasks === undefined) this.#byNominal.set(nominal, new Map([[task, failed]]));
    else tasks.set(task, failed);
  }

  remove({ n, nominal, task }: KeptFire): void {
    this.#numbers.delete(n);
    const tasks = this.#byNominal.get(nominal);
    tasks?.delete(task);
    if (tasks?.size === 0) this.#byNominal.delete(nominal);
  }

  /** In any state. */
  has(nominal: number): boolean {
    return this.#byNominal.has(nominal);
  }

  /** One that did not fail: it succeeded, was cancelled, or has not ended. */
  hasUnfailed(nominal: number): boolean {
    return [...(this.#byNominal.get(nominal)?.values() ?? [])].some((failed) => !failed);
  }

  /**
   * From which nominal time on every fire that there was is kept; `-Infinity`: all are; `Infinity`: nobody knows. Numbers
   * of a schedule have no holes, so the fires from a number on are all kept when none of these numbers is lacking. Live
   * fires come in the order of their times, and a back-fill makes times only that are before the next live one: what is
   * lacking is before the first of the kept live fires.
   */
  knownFrom(since: number, seq: number): number {
    let first = Infinity;
    for (let n = seq; n > since; n--) {
      const fire = this.#numbers.get(n);
      if (fire === undefined) return first;
      if (fire.kind === 'time' || fire.kind === 'catch-up') first = fire.nominal;
    }
    return -Infinity;
  }
}
