import { LIMITS } from '@drover/core';
import type { Log, Metrics } from '@drover/observability';
import { inBackground, type Runtime, type Timer } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { ReportFollower } from '../intercept/report-follower.js';
import type { Work } from '../run/work.js';
import { settle, type Settlement } from './answer.js';
import { packReports, type Report, takeBack, takeReport, tooLargeFor } from './report.js';
import { dueInMs, SpentTime } from './timing.js';

/** Transactions on their way at the same time: enough to keep the connection busy, few enough to gather well. */
const MAX_IN_FLIGHT = 4;
const REFUSED_PAUSE_MS = 500;
/** A size that even servers with the smallest limit accept: a report of one failure. */
const LEAST_BYTES = 16 * 1024;

export interface ReporterOptions {
  zk: ZooKeeper;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  /** Its id, as results carry it. */
  worker: string;
  /** A report was accepted: before `onOver`, and before anything of ZooKeeper that follows from it. */
  onAccepted: (report: Report) => void;
  /** The last report of this work was accepted, or the assignment is gone. */
  onOver: (work: Work, how: 'accepted' | 'revoked') => void;
  /** `null`: nobody follows reports. */
  follower: ReportFollower | null;
  /** It cannot go on: a fault of this program. */
  onBroken: (error: unknown) => void;
}

/**
 * Carries results into ZooKeeper: whatever has ended while earlier transactions were under way goes in one. Of an
 * assignment one report at a time is under way, so its parts arrive in order. Accepted or revoked is decided by
 * ZooKeeper alone.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  /** With something that has ended and is in no report yet. */
  readonly #dirty = new Set<Work>();
  /** With a report that is under way, or to be sent again. */
  readonly #reporting = new Map<Work, Report>();
  #again: Report[] = [];
  /** Of one transaction; less where the servers accept less. */
  #maxBytes: number = LIMITS.multiBytes;
  readonly #spentTime = new SpentTime();
  #inFlight = 0;
  #isAllowed = false;
  #isHurried = false;
  #isOver = false;
  #isScheduled = false;
  #timer: Timer | undefined;
  #pause: Timer | undefined;
  #onSettled: (() => void)[] = [];

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Whether transactions may be sent: not while suspended. Transactions that were in flight then are sent again. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    if (isAllowed) this.#schedule();
  }

  /** Parts wait for nothing any more. */
  hurry(isHurried: boolean): void {
    this.#isHurried = isHurried;
    if (isHurried) this.#schedule();
  }

  /** Something of `work` has ended. */
  ended(work: Work): void {
    this.#dirty.add(work);
    this.#schedule();
  }

  /** The assignment is gone, as the worker has heard: drops what has not been sent. */
  forget(work: Work): void {
    this.#dirty.delete(work);
    this.#drop(work, work.takeFresh().length);
  }

  /** Whether the last report of `work` is under way: its fate will tell what became of the assignment. */
  isEnding(work: Work): boolean {
    return this.#reporting.get(work)?.isLast === true;
  }

  /** Resolves when everything that has ended is accepted or dropped. */
  async settled(): Promise<void> {
    if (!this.#isSettled()) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
  }

  /** The session is gone: nothing can be reported any more. Drops everything. */
  close(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#pause?.cancel();
    for (const work of this.#dirty) this.#drop(work, work.takeFresh().length);
    for (const report of this.#again) this.#dropReport(report);
    this.#dirty.clear();
    this.#again = [];
    this.#wake();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isOver) return;
    this.#isScheduled = true;
    this.#options.runtime.soon(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#isAllowed || this.#isOver || this.#pause !== undefined) return;
    this.#timer?.cancel();
    const room = MAX_IN_FLIGHT - this.#inFlight;
    if (room <= 0) return;
    const packs = packReports(this.#collect(), this.#maxBytes, LIMITS.multiOperations);
    for (const pack of packs.slice(0, room)) inBackground(this.#send(pack), this.#options.onBroken);
    this.#again = packs.slice(room).flat();
  }

  /** The reports to send: first those that were sent before. */
  #collect(): Report[] {
    const { runtime, worker } = this.#options;
    const nowMs = runtime.monotonic();
    const reports = this.#again;
    let bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
    let wakeInMs = Number.POSITIVE_INFINITY;
    for (const work of this.#dirty) {
      if (bytes >= MAX_IN_FLIGHT * this.#maxBytes) break;
      if (this.#reporting.has(work)) continue;
      const inMs = dueInMs(work, this.#isHurried, nowMs);
      if (inMs !== null && inMs > 0) {
        wakeInMs = Math.min(wakeInMs, inMs);
        continue;
      }
      const spent = this.#spentTime.take(work, nowMs);
      const report = takeReport(work, { worker, at: runtime.now(), nowMs, spent }, this.#maxBytes);
      if (work.fresh === 0) this.#dirty.delete(work);
      if (report === null) continue;
      this.#reporting.set(work, report);
      this.#options.follower?.sent(report);
      reports.push(report);
      bytes += report.bytes;
    }
    if (wakeInMs < Number.POSITIVE_INFINITY) this.#timer = runtime.after(wakeInMs, () => this.#flush());
    return reports;
  }

  async #send(reports: readonly Report[]): Promise<void> {
    this.#inFlight++;
    const error: unknown = await this.#options.zk.multi(reports.flatMap((report) => report.operations)).then(
      () => null,
      (reason: unknown) => reason,
    );
    this.#inFlight--;
    this.#settle(settle(reports, error), error);
  }

  #settle({ accepted, revoked, unrivalled, again, tooLarge, when }: Settlement, error: unknown): void {
    const { metrics, runtime, follower } = this.#options;
    for (const report of accepted) {
      const { work, isLast, sinceMs } = report;
      this.#options.onAccepted(report);
      metrics.observe('drover_report_seconds', {}, (runtime.monotonic() - sinceMs) / 1_000);
      this.#reporting.delete(work);
      follower?.ended(report, 'accepted');
      if (isLast) this.#over(work, 'accepted');
    }
    for (const report of revoked) {
      const { work, positions } = report;
      follower?.ended(report, 'revoked');
      this.#reporting.delete(work);
      this.#dirty.delete(work);
      this.#drop(work, positions.length + work.takeFresh().length);
      this.#over(work, 'revoked');
    }
    for (const report of unrivalled) this.#unrivalled(report);
    if (this.#isOver) for (const report of [...again, ...tooLarge]) this.#dropReport(report);
    else this.#again.push(...again, ...this.#smaller(tooLarge));
    if (when === 'later') this.#rest(error);
    // Not allowed to send before the session says that it is connected; when it never was in doubt, the server refused.
    if (when !== 'over') this.#schedule();
    this.#wake();
  }

  /** The result stays in hand: a copy waits for the leader's word, any other attempt is reported without a rival. */
  #unrivalled(report: Report): void {
    const { work } = report;
    takeBack(report, this.#options.runtime.monotonic());
    this.#reporting.delete(work);
    work.isHeld = work.isCopy && work.rival !== null;
    if (!work.isCopy) work.rival = null;
    if (!work.isHeld) this.#dirty.add(work);
  }

  /**
   * The servers accept less than we do. Several reports go one by one, one of several tasks is made anew in halves, and
   * a single task whose result is too large ends as a failure that says so. Returns what can be sent as it is.
   */
  #smaller(reports: readonly Report[]): readonly Report[] {
    const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
    if (reports.length > 0) this.#maxBytes = Math.max(LEAST_BYTES, Math.min(this.#maxBytes, Math.floor(bytes / 2)));
    const [only] = reports;
    if (only === undefined || reports.length > 1) return reports;
    const { work, positions } = only;
    if (positions.length === 1) work.replaceEnd(positions[0] ?? 0, tooLargeFor(only.bytes));
    takeBack(only, this.#options.runtime.monotonic());
    this.#options.follower?.ended(only, 'lost');
    this.#reporting.delete(work);
    this.#dirty.add(work);
    return [];
  }

  /** ZooKeeper refused for a reason of its own (throttled, quota): not again at once. */
  #rest(error: unknown): void {
    const { log, runtime } = this.#options;
    log.event('report.postponed', { reason: String(error) });
    this.#pause ??= runtime.after(REFUSED_PAUSE_MS, () => {
      this.#pause = undefined;
      this.#flush();
    });
  }

  #over(work: Work, how: 'accepted' | 'revoked'): void {
    if (work.isOver) return;
    this.#options.onOver(work, how);
  }

  #dropReport(report: Report): void {
    this.#options.follower?.ended(report, 'lost');
    this.#drop(report.work, report.positions.length);
  }

  #drop(work: Work, tasks: number): void {
    if (tasks === 0) return;
    this.#options.log.event('report.rejected', { assignment: work.name, tasks });
    this.#options.metrics.count('drover_dropped_results_total', {}, tasks);
  }

  #isSettled(): boolean {
    return this.#isOver || (this.#dirty.size === 0 && this.#again.length === 0 && this.#inFlight === 0);
  }

  #wake(): void {
    if (!this.#isSettled()) return;
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }
}
