import {
  FAILURES,
  retryDelayMs,
  type AttemptObserver,
  type HandlerTrace,
  type StartingAttempt,
  type TaskFailure,
  type TaskFire,
  type TaskId,
} from '@drover/core';
import { encodeFailure, PREEMPTED } from '@drover/protocol';
import type { Log, Metrics } from '@drover/observability';
import { inBackground, uncaught, type Runtime, type Timer } from '@drover/runtime';
import type { TypeEntry } from '../execution/catalog.js';
import type { Call, CallEnd, Execution } from '../execution/executor.js';
import { TaskAbortedError, type AbortCause } from '../execution/task-aborted-error.js';
import type { Follower } from '../intercept/follower.js';
import { tailOf, type AttemptLog } from '../logs/attempt-log.js';
import { lineOf, printedLine } from '../logs/log-text.js';
import type { RunLogMode, RunLogs } from '../logs/run-logs.js';
import { moreOf } from '../steps/more-of.js';
import type { StepCall } from '../steps/step-call.js';
import { toEnded, type Ended } from './ended.js';
import { NO_DEVICES, type Devices } from './resources.js';
import type { Claim } from './slots.js';
import type { Work } from './work.js';

/** The parts that all attempts of a worker share. */
export interface TaskRunHome {
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  worker: string;
  graceMs: number;
  logs: RunLogs;
  /** The attempts whose log goes with the result. */
  storesLog: RunLogMode;
  /** `null`: nobody follows attempts. */
  follower: Follower | null;
  /** An attempt says something new of itself. */
  onChange: () => void;
  /** A handler sets a label of the worker. False: there are too many. */
  setLabel: (name: string, value: string | null) => boolean;
  /** Called once for each attempt. `null`: nobody wants to know, the assignment or the session is gone. */
  onEnd: (run: TaskRun, ended: Ended | null) => void;
}

/** The task that an attempt runs: at `position` of `work`. */
export interface TaskRunOptions {
  work: Work;
  position: number;
  payload: string;
  entry: Extract<TypeEntry, { instant: null }>;
  /** Its share of the worker while it runs. */
  claim: Claim;
}

/**
 * One attempt while it runs. Once it is aborted, what the handler returns or throws no longer matters: a handler that
 * heeds its signal often returns half a result. It has the grace to end; then it is abandoned.
 */
export class TaskRun implements Call {
  readonly task: TaskId;
  readonly type: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly fire: TaskFire | undefined;
  readonly step: StepCall | undefined;
  readonly queue: string;
  trace: HandlerTrace | undefined;
  readonly payload: string;
  readonly checkpoint: string | undefined;
  readonly claim: Claim;
  readonly devices: Devices | undefined;
  readonly work: Work;
  readonly position: number;
  /** Milliseconds since 1970, for show. */
  readonly startedAt: number;
  /** The handler's last progress. */
  fraction: number | undefined;
  note: string | undefined;
  readonly #home: TaskRunHome;
  readonly #entry: TaskRunOptions['entry'];
  readonly #timeoutMs: number | null;
  readonly #heartbeatMs: number | null;
  /** Monotonic time of the last sign of life: the start, or a word of the handler. */
  #lastSignMs: number;
  readonly #startedMs: number;
  #execution: Execution | undefined;
  #timer: Timer | undefined;
  #heartbeat: Timer | undefined;
  #aborted: AbortCause | undefined;
  #hasEnded = false;
  /** The handler has ended, and what follows from it is being written. */
  #isMakingMore = false;
  /** Made with the first line. */
  #log: AttemptLog | undefined;
  #attempt: StartingAttempt | undefined;
  #observer: AttemptObserver | undefined;
  #failure: TaskFailure | null = null;
  /** JSON text for the next attempt. */
  #left: string | undefined;

  constructor(home: TaskRunHome, { work, position, payload, entry, claim }: TaskRunOptions) {
    const { runtime } = home;
    const { type, timeoutMs, heartbeatMs } = work.optionsAt(position);
    this.#home = home;
    this.#entry = entry;
    this.#timeoutMs = timeoutMs ?? entry.timeoutMs;
    this.#heartbeatMs = heartbeatMs ?? entry.heartbeatMs;
    this.task = work.taskAt(position);
    this.type = type;
    this.attempt = work.attempt;
    this.fencingToken = work.fencingToken;
    this.fire = work.fireAt(position);
    this.step = work.stepAt(position);
    this.queue = work.queue;
    const trace = work.traceAt(position);
    this.trace = trace === undefined ? undefined : { ...trace, span: 'submit' };
    this.payload = payload;
    this.checkpoint = work.checkpointAt(position);
    this.claim = claim;
    this.devices = claim.devices === NO_DEVICES ? undefined : claim.devices;
    this.work = work;
    this.position = position;
    this.startedAt = runtime.now();
    this.#startedMs = runtime.monotonic();
    this.#lastSignMs = this.#startedMs;
  }

  /** It says how many may run at a time: see `TypeEntry`. */
  get adapts(): boolean {
    return this.#entry.adapts === true;
  }

  /** Its error; `null`: it has not failed. */
  get failure(): TaskFailure | null {
    return this.#failure;
  }

  get ranMs(): number {
    return this.#home.runtime.monotonic() - this.#startedMs;
  }

  start(): void {
    const { runtime, log, follower } = this.#home;
    if (follower !== null) this.#follow(follower);
    log.event('task.started', { task: this.task, type: this.type, attempt: this.attempt });
    if (this.#timeoutMs !== null) this.#timer = runtime.after(this.#timeoutMs, () => this.abort('timed-out'));
    if (this.#heartbeatMs !== null) this.#listen(this.#heartbeatMs, this.#heartbeatMs);
    this.#execution = this.#entry.executor.start(this);
  }

  #follow(follower: Follower): void {
    const { task, type, queue, attempt, fencingToken, startedAt, trace } = this;
    const { name: assignment, arrivedMs } = this.work;
    const waitedMs = arrivedMs === null ? 0 : this.#startedMs - arrivedMs;
    const { worker } = follower;
    this.#attempt = { task, type, queue, attempt, fencingToken, assignment, worker, startedAt, waitedMs, trace };
    this.#observer = follower.starting(this.#attempt);
    if (this.#observer?.trace !== undefined) this.work.follow(this.position, this.#observer.trace);
    const own = this.#observer?.trace;
    if (own !== undefined) this.trace = { ...own, span: 'attempt' };
  }

  /**
   * Looks in `delayMs` whether there was a sign of life in the last `heartbeatMs`. If there was none it looks once more
   * after what has arrived meanwhile: this process may have been stopped, and its timers come before its messages.
   */
  #listen(heartbeatMs: number, delayMs: number): void {
    const { runtime } = this.#home;
    const leftMs = (): number => this.#lastSignMs + heartbeatMs - runtime.monotonic();
    this.#heartbeat = runtime.after(delayMs, () => {
      if (leftMs() > 0) return this.#listen(heartbeatMs, leftMs());
      runtime.soon(() => {
        if (this.#hasEnded || this.#aborted !== undefined) return;
        if (leftMs() > 0) this.#listen(heartbeatMs, leftMs());
        else this.abort('heartbeat');
      });
    });
  }

  ended(end: CallEnd): void {
    if (this.#hasEnded || this.#isMakingMore) return;
    const more = this.#aborted === undefined && this.step !== undefined ? moreOf(this.step, end) : null;
    if (more !== null) {
      this.#isMakingMore = true;
      inBackground(
        more.then((made) => this.#settle(made)),
        uncaught,
      );
    } else this.#settle(end);
  }

  #settle(end: CallEnd): void {
    if (this.#hasEnded) return;
    this.#finish(this.#aborted === undefined ? this.#toEnded(end) : this.#endOfAbort(this.#aborted));
  }

  /** The first cause counts, but a revocation or an expiry overrides: then nothing is reported. */
  abort(cause: AbortCause, graceMs = this.#home.graceMs): void {
    if (this.#hasEnded) return;
    const isFirst = this.#aborted === undefined;
    if (isFirst || isSilent(cause)) this.#aborted = cause;
    if (!isFirst) return;
    this.#timer?.cancel();
    this.#heartbeat?.cancel();
    this.#timer = this.#home.runtime.after(graceMs, () => this.#abandon());
    this.#execution?.abort(new TaskAbortedError(cause, this.#explain(cause)));
  }

  log(message: string, fields: Record<string, unknown>): void {
    const { log, metrics, runtime } = this.#home;
    const { task, type, attempt, trace } = this;
    // `00-`, the trace's 32 digits, and what says which span of it.
    const traceId = trace?.traceparent.slice(3, 35);
    log.event('task.log', { task, type, attempt, traceId, message, fields });
    metrics.count('drover_run_log_lines_total', {});
    this.openLog().push('info', runtime.now(), lineOf(message, fields));
  }

  logDropped(lines: number): void {
    const { log, metrics, runtime } = this.#home;
    log.event('run-log.dropped', { task: this.task, attempt: this.attempt, lines });
    metrics.count('drover_run_log_dropped_total', {}, lines);
    this.openLog().dropped(lines, runtime.now());
  }

  print(text: string): void {
    this.#home.metrics.count('drover_run_log_lines_total', {});
    this.openLog().push('output', this.#home.runtime.now(), printedLine(text));
  }

  printSkipped(lines: number): void {
    this.#home.metrics.count('drover_run_log_lines_total', {}, lines);
    this.openLog().skipped(lines);
  }

  /** Its log, for whoever follows it too. */
  openLog(): AttemptLog {
    this.#log ??= this.#home.logs.open(this.task, this.attempt);
    return this.#log;
  }

  setLabel(name: string, value: string | null): void {
    if (this.#home.setLabel(name, value)) this.#home.onChange();
    else this.log(`the label '${name}' is not set: handlers have set too many`, {});
  }

  progress(fraction: number, note: string | undefined): void {
    this.fraction = fraction;
    this.note = note;
    this.alive();
    this.#home.onChange();
  }

  leave(checkpoint: string): void {
    this.#left = checkpoint;
    this.alive();
  }

  alive(): void {
    if (this.#heartbeatMs !== null) this.#lastSignMs = this.#home.runtime.monotonic();
  }

  #abandon(): void {
    if (this.#hasEnded || this.#aborted === undefined) return;
    const cause = this.#aborted;
    // First its place is cleared, then another task may have it.
    this.#execution?.abandon();
    this.#finish(this.#endOfAbort(cause));
  }

  #finish(ended: Ended | null): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
    this.#heartbeat?.cancel();
    const { metrics, onEnd, logs, follower, runtime } = this.#home;
    const outcome = ended?.outcome ?? 'dropped';
    metrics.observe('drover_handler_seconds', { type: this.type, outcome }, this.ranMs / 1000);
    const log = this.#log;
    if (this.#attempt !== undefined)
      follower?.ended(this.#attempt, this.#observer, { outcome, error: this.#failure, endedAt: runtime.now() });
    if (log !== undefined) logs.end(log);
    const left = ended === null ? ended : this.#withCheckpoint(ended);
    onEnd(this, left === null || log === undefined ? left : this.#withLog(left, log));
  }

  #withLog(ended: Ended, log: AttemptLog): Ended {
    const { storesLog } = this.#home;
    const isStored = storesLog === 'all' ? ended.line !== null : storesLog === 'failed' && FAILED.has(ended.outcome);
    const tail = isStored ? tailOf(log) : null;
    return tail === null ? ended : { ...ended, log: tail };
  }

  #withCheckpoint(ended: Ended): Ended {
    return this.#left !== undefined && GOES_ON.has(ended.outcome) ? { ...ended, checkpoint: this.#left } : ended;
  }

  #toEnded(end: CallEnd): Ended {
    const ended = toEnded(end, this.ranMs);
    if (end.outcome === 'later') return this.#later(ended, end.holds, end.error);
    if (end.outcome !== 'failed' && end.outcome !== 'rejected') return ended;
    this.#logFailure(end.error);
    return end.outcome === 'failed' ? this.#withRetry(ended) : ended;
  }

  /** A limit without a key means the keys by which the task itself names it, if it does. */
  #later(ended: Ended, holds: string | null, { message }: TaskFailure): Ended {
    const { task, type, attempt } = this;
    const { retryAfterMs: afterMs = 0 } = ended;
    this.#home.log.event('task.later', { task, type, attempt, afterMs, limit: holds, reason: message });
    if (holds === null) return ended;
    const { limits } = this.work.optionsAt(this.position);
    const own = limits?.filter((ref) => ref.startsWith(`${holds}/`)) ?? [];
    return { ...ended, holds: own.length > 0 ? own : [holds] };
  }

  #logFailure(failure: TaskFailure): void {
    const { name, message } = failure;
    const { task, type, attempt } = this;
    this.#failure = failure;
    this.#home.log.event('task.failed', { task, type, attempt, error: `${name}: ${message}` });
  }

  #endOfAbort(cause: AbortCause): Ended | null {
    switch (cause) {
      case 'timed-out':
      case 'heartbeat': {
        const name = cause === 'heartbeat' ? FAILURES.HEARTBEAT : FAILURES.TIMEOUT;
        const error = { name, message: this.#explain(cause), retryable: true };
        this.#logFailure(error);
        return this.#withRetry({ outcome: 'timed-out', line: encodeFailure(error, this.ranMs) });
      }
      case 'preempted':
        return { outcome: cause, line: encodeFailure(PREEMPTED, this.ranMs) };
      case 'cancelled':
      case 'exceeded':
        return { outcome: cause, line: null };
      case 'superseded':
        return { outcome: cause, line: this.work.winnerLine(this.position, this.ranMs) };
      case 'stopping':
        return { outcome: 'returned', line: null };
      case 'device-gone':
        return { outcome: 'lost', line: null };
      case 'revoked':
      case 'outrun':
      case 'expired':
        return null;
    }
  }

  /**
   * The handler's own policy, where the task was submitted without one and the error did not say. Counted by attempts:
   * of the failures among them only the leader knows.
   */
  #withRetry(ended: Ended): Ended {
    const { retry } = this.#entry;
    if (ended.retryAfterMs !== undefined || retry === null) return ended;
    if (this.work.optionsAt(this.position).retry !== null) return ended;
    return { ...ended, retryAfterMs: retryDelayMs(retry, this.attempt, this.task) };
  }

  #explain(cause: AbortCause): string {
    switch (cause) {
      case 'timed-out':
        return `timed out after ${this.#timeoutMs ?? 0} ms`;
      case 'heartbeat':
        return `told no progress for ${this.#heartbeatMs ?? 0} ms`;
      case 'cancelled':
        return 'the task was cancelled';
      case 'superseded':
        return 'another task runs in its place';
      case 'exceeded':
        return "the task's deadline is over";
      case 'preempted':
        return 'the task makes room for others, and runs again later';
      case 'outrun':
        return 'another attempt of the task was faster; the result would be rejected';
      case 'stopping':
        return 'the worker is stopping';
      case 'device-gone':
        return 'a device that it has is gone';
      case 'revoked':
        return 'the assignment was revoked; the result would be rejected';
      case 'expired':
        return "the worker's session has expired; the result would be rejected";
    }
  }
}

/** Outcomes with an error of the attempt itself. */
const FAILED: ReadonlySet<string> = new Set(['failed', 'rejected', 'timed-out']);

/** Outcomes after which another attempt goes on where this one was. */
const GOES_ON: ReadonlySet<string> = new Set(['preempted', 'failed', 'timed-out', 'later']);

const SILENT: ReadonlySet<AbortCause> = new Set(['revoked', 'outrun', 'expired']);
const isSilent = (cause: AbortCause): boolean => SILENT.has(cause);
