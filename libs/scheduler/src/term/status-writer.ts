import { encodeRecord, ROOTS } from '@drover/protocol';
import type { WorkersFeed } from '../facts/workers-feed.js';
import type { Timer } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import type { TermContext } from './term-context.js';

const PERIOD_MS = 1_000;

/** Keeps `/status`: written at once when a term begins, then when something changed, once a second at most. */
export class StatusWriter {
  readonly #context: TermContext;
  readonly #workers: WorkersFeed;
  #written = '';
  #exists = true;
  #writing = false;
  #timer: Timer | null = null;
  #nextAt = 0;

  constructor(context: TermContext, workers: WorkersFeed) {
    this.#context = context;
    this.#workers = workers;
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#timer !== null || this.#writing) return;
    const waitMs = this.#nextAt - this.#context.runtime.monotonic();
    if (waitMs <= 0) return this.#look();
    this.#timer = this.#context.runtime.after(waitMs, () => {
      this.#timer = null;
      this.#look();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    if (!this.#context.active()) return;
    const { planner, metrics, runtime } = this.#context;
    this.#nextAt = runtime.monotonic() + PERIOD_MS;
    const tasks = planner.tally();
    for (const [state, count] of Object.entries(tasks)) metrics.set('drover_tasks', { state }, count as number);
    for (const [state, count] of Object.entries(this.#workers.counts()))
      metrics.set('drover_workers', { state }, count);
    const view = { tasks, queues: planner.queues(), unservedTypes: planner.unservedTypes() };
    const text = JSON.stringify(view);
    if (text === this.#written) return;
    this.#written = text;
    void this.#write(view).catch((error: unknown) => this.#context.broken(error));
  }

  async #write(view: object): Promise<void> {
    const { writer, clock, epoch, leader } = this.#context;
    const data = encodeRecord('status', { at: clock.now(), epoch, leader, ...view });
    const path = ROOTS.status;
    const operation: Operation = this.#exists ? { op: 'set', path, data } : { op: 'create', path, data };
    this.#writing = true;
    const answer = await writer.attempt([operation]);
    this.#writing = false;
    if (answer === null || !this.#context.active()) return;
    if (answer.applied) {
      const [set] = answer.results;
      if (set?.op === 'set') clock.set(set.stat.mtime);
    } else {
      this.#exists = answer.code === 'NODE_EXISTS';
      this.#written = '';
      this.#nextAt = 0;
    }
    this.touch();
  }
}
