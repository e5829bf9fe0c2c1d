/** Events of a term that counters do not tell. */
export interface TermNews {
  /** A worker joined, left, or changed its state. */
  workersChanged(): void;
  schedulesChanged(): void;
  /** A flow came, went, or got further; the same of a broadcast. Of the queue that it belongs to. */
  flowChanged(queue: string, flow: string): void;
  broadcastChanged(queue: string, broadcast: string): void;
}

/** A worker that something of its work was taken from. */
export interface TroubledWorker {
  readonly worker: string;
  readonly at: number;
  readonly tasks: number;
}

const REMEMBERED_MS = 600_000;
const MOST = 50;

/** Workers in trouble of one kind, the newest last; of each the last time. */
export class TroubledWorkers {
  #workers: TroubledWorker[] = [];

  note(troubled: TroubledWorker): void {
    const others = this.#workers.filter(({ worker }) => worker !== troubled.worker);
    this.#workers = [...others.slice(1 - MOST), troubled];
  }

  /** Of the last ten minutes. */
  lately(now: number): readonly TroubledWorker[] {
    if (this.#workers.some(({ at }) => at + REMEMBERED_MS < now))
      this.#workers = this.#workers.filter(({ at }) => at + REMEMBERED_MS >= now);
    return this.#workers;
  }
}
