import type { ReportEnd, ReportObserver, WorkerInterceptor } from '@drover/core';
import type { Log } from '@drover/observability';
import { messageOf } from '@drover/runtime';
import type { Report } from '../report/report.js';

/** Attempts of one report that are named. */
const MOST_TRACES = 128;

/**
 * Calls the interceptor of a worker about reports that tell of traced attempts; of other reports it keeps nothing. An error of
 * the interceptor is logged and changes nothing.
 */
export class ReportFollower {
  readonly #interceptor: WorkerInterceptor;
  readonly #log: Log;
  /** The id of the worker in paths. */
  readonly #worker: string;
  readonly #observers = new Map<Report, ReportObserver>();

  constructor(interceptor: WorkerInterceptor, log: Log, worker: string) {
    this.#interceptor = interceptor;
    this.#log = log;
    this.#worker = worker;
  }

  /** It was made, and is sent now; it may be sent again later. */
  sent(report: Report): void {
    const { work, positions } = report;
    const traces = work.followedAmong(positions, MOST_TRACES);
    if (traces === null) return;
    const { queue, batchId: batch, name: assignment } = work;
    this.#safely(() => {
      const about = { queue, batch, assignment, worker: this.#worker, size: positions.length, traces };
      const observer = this.#interceptor.reporting?.(about);
      if (observer !== undefined) this.#observers.set(report, observer);
    });
  }

  ended(report: Report, how: ReportEnd): void {
    const observer = this.#observers.get(report);
    if (observer === undefined) return;
    this.#observers.delete(report);
    this.#safely(() => observer.ended(how));
  }

  #safely(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#log.event('handler.background-error', { module: null, type: null, task: null, error: messageOf(error) });
    }
  }
}
