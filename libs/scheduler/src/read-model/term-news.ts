/** Events of a term that counters do not tell. */
export interface TermNews {
  /** A worker joined, left, or changed its state. */
  workersChanged(): void;
  schedulesChanged(): void;
}

export interface LostWorker {
  readonly worker: string;
  readonly at: number;
  readonly tasks: number;
}

const REMEMBERED_MS = 600_000;
const MOST = 50;

/** Workers that were gone with work out, the newest last. */
export class LostWorkers {
  #lost: LostWorker[] = [];

  note(lost: LostWorker): void {
    this.#lost = [...this.#lost.slice(1 - MOST), lost];
  }

  /** Of the last ten minutes. */
  since(now: number): readonly LostWorker[] {
    if (this.#lost.some(({ at }) => at + REMEMBERED_MS < now))
      this.#lost = this.#lost.filter(({ at }) => at + REMEMBERED_MS >= now);
    return this.#lost;
  }
}
