import { FAILURES, indexesOf, type Range } from '@drover/core';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { Instant } from '../builtin/built-in.js';
import type { Catalog } from '../execution/catalog.js';
import { endOfText } from '../execution/result-text.js';
import { failed, notUnderstood, rejected } from '../execution/failure.js';
import type { CallEnd } from '../execution/executor.js';
import type { AbortCause } from '../execution/task-aborted-error.js';
import type { Follower } from '../intercept/follower.js';
import type { RunLogMode, RunLogs } from '../logs/run-logs.js';
import { overtake } from './overtake.js';
import type { Places } from './places.js';
import type { Devices } from './resources.js';
import { ONE_SLOT, type Claim, type Slots } from './slots.js';
import { TaskRun, type TaskRunHome, type TaskRunOptions } from './task-run.js';
import { toEnded, type Ended } from './ended.js';
import type { Work } from './work.js';

/** The longest time in a turn that instant tasks may hold the main thread. */
const TURN_MS = 5;
/** Interval for checking the lease again while it is invalid. */
const LOOK_AGAIN_MS = 10;
/** Ends of attempts that say how long they take. */
const MEASURED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'rejected', 'timed-out', 'later']);
/** Number of instant tasks between two reads of the clock. */
const STRIDE = 64;

export interface RunnerOptions {
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  catalog: Catalog;
  worker: string;
  /** Shared with the runners of earlier incarnations. */
  slots: Slots;
  graceMs: number;
  logs: RunLogs;
  storesLog: RunLogMode;
  /** `null`: nobody follows attempts. */
  follower: Follower | null;
  /** How long the session is surely the worker's. */
  leaseMs: () => number;
  /** So many tasks of the type have succeeded that ran `ms` each. */
  ran: (type: string, ms: number, tasks: number) => void;
  /** A handler sets a label of the worker. False: there are too many. */
  setLabel: (name: string, value: string | null) => boolean;
  /** An attempt has ended, while so many ran. `null`: nobody measures. */
  measured: ((run: TaskRun, running: number) => void) | null;
  /** Something of this work has ended. */
  onEnded: (work: Work) => void;
  /** The set of running tasks has changed, or what one of them says of itself. */
  onChange: () => void;
}

/**
 * Runs tasks in the order in which their assignments arrived (and of one tenant the higher priority first), as long as
 * there are free slots. A task whose executor has no room, or of whose type as many run as may, is passed over by those
 * behind it: computing tasks that wait for a thread do not hold up tasks that wait for I/O.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #home: TaskRunHome;
  /** In order of arrival; those with nothing left to begin are removed. */
  #waiting: Work[] = [];
  /** Works of more than one priority have waited since nothing waited. */
  #isMixed = false;
  /** Some of what waits may begin although no slot is free, or may not although one is. */
  #isPlaced = false;
  readonly #running = new Set<TaskRun>();
  #isAllowed = false;
  #isPumping = false;
  #isScheduled = false;
  #isAboutTo = false;
  #isWaitingForLease = false;
  #onIdle: (() => void)[] = [];

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#home = { ...options, onEnd: (run, ended) => this.#end(run, ended) };
  }

  get running(): ReadonlySet<TaskRun> {
    return this.#running;
  }

  /** Whether tasks may begin: not while suspended or stopping. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    if (isAllowed) this.#schedule();
  }

  add(work: Work): void {
    work.arrivedMs = this.#options.runtime.monotonic();
    const isOther = this.#waiting.at(-1)?.priority !== work.priority;
    this.#waiting.push(work);
    this.#isMixed = this.#waiting.length > 1 && (this.#isMixed || isOther);
    this.#isPlaced ||= work.places !== null;
    if (this.#isMixed) overtake(this.#waiting, work.arrivedMs);
    if (this.#isScheduled || this.#isAboutTo) return;
    this.#isAboutTo = true;
    // Behind what was read along with it, in the same turn: a single task need not wait for the next.
    queueMicrotask(() => {
      this.#isAboutTo = false;
      this.pump();
    });
  }

  /** Begins what can begin. */
  pump(): void {
    if (this.#isPumping || !this.#isAllowed) return;
    if (this.#options.leaseMs() <= 0) return this.#waitForLease();
    this.#isPumping = true;
    const { runtime, slots } = this.#options;
    const until = runtime.monotonic() + TURN_MS;
    for (const work of this.#waiting) {
      while (this.#beginNext(work, until));
      if (slots.isFull && !this.#isPlaced) break;
      if (runtime.monotonic() > until) {
        this.#schedule();
        break;
      }
    }
    this.#prune();
    this.#isPumping = false;
  }

  /** Hands back everything that has not begun. */
  handBack(works: Iterable<Work>): void {
    for (const work of works) {
      if (work.endWaiting('returned', this.#options.runtime.monotonic(), () => true) > 0) this.#options.onEnded(work);
    }
    this.#prune();
  }

  /** Ends tasks by their index in the batch: those that wait end at once, those that run are aborted. */
  abortSome(cause: 'cancelled' | 'superseded' | 'exceeded', work: Work, ranges: readonly Range[]): void {
    const indexes = new Set(indexesOf(ranges));
    const isConcerned = (position: number): boolean => indexes.has(work.indexes[position] ?? -1);
    if (work.endWaiting(cause, this.#options.runtime.monotonic(), isConcerned) > 0) this.#options.onEnded(work);
    for (const run of this.#running) if (run.work === work && isConcerned(run.position)) run.abort(cause);
  }

  /** Tasks by their index in the batch make room: those that wait are handed back, those that run have `graceMs` to end. */
  preempt(work: Work, ranges: readonly Range[], graceMs: number | undefined): void {
    const indexes = new Set(indexesOf(ranges));
    const isConcerned = (position: number): boolean => indexes.has(work.indexes[position] ?? -1);
    if (work.endWaiting('returned', this.#options.runtime.monotonic(), isConcerned) > 0) this.#options.onEnded(work);
    for (const run of [...this.#running])
      if (run.work === work && isConcerned(run.position)) run.abort('preempted', graceMs);
  }

  /** Aborts what runs, of one work or of all. */
  abort(cause: AbortCause, work?: Work): void {
    for (const run of [...this.#running]) if (work === undefined || run.work === work) run.abort(cause);
  }

  /** Devices are gone: whatever holds one of them is lost. */
  lose(devices: Devices): void {
    for (const run of [...this.#running]) {
      const isLost = Object.entries(run.devices ?? {}).some(([resource, names]) =>
        names.some((name) => devices[resource]?.includes(name) === true),
      );
      if (isLost) run.abort('device-gone');
    }
  }

  /** The instance ends at `untilMs` from now: preemptible tasks that would not be through make room at once. */
  leave(untilMs: number, takesMs: (type: string) => number | null): void {
    for (const run of [...this.#running]) {
      const leftMs = (takesMs(run.type) ?? Infinity) - run.ranMs;
      if (run.work.optionsAt(run.position).preemptible && leftMs > untilMs) run.abort('preempted');
    }
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #prune(): void {
    this.#waiting = this.#waiting.filter((work) => !work.isOver && work.peek() !== null);
    this.#isPlaced &&= this.#waiting.some((work) => work.places !== null);
  }

  /**
   * After a stall we may be asked before the session has noticed that it may be gone, and our work with it: soon it will
   * say so, or find that its lease is good after all.
   */
  #waitForLease(): void {
    if (this.#isWaitingForLease) return;
    this.#isWaitingForLease = true;
    this.#options.runtime.after(LOOK_AGAIN_MS, () => {
      this.#isWaitingForLease = false;
      this.pump();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.runtime.soon(() => {
      this.#isScheduled = false;
      this.pump();
    });
  }

  /** False: nothing of this work can begin now. */
  #beginNext(work: Work, until: number): boolean {
    const position = work.isOver ? null : work.peek();
    if (position === null) return false;
    if (work.refusal !== null) {
      this.#endUnrun(work, notUnderstood(work.refusal));
      return true;
    }
    const { catalog, slots } = this.#options;
    if (work.places === null && slots.isFull) return false;
    const { type } = work.optionsAt(position);
    const isFollowed = (this.#options.follower !== null && work.isTraced) || work.expandsAt(position);
    const entry = isFollowed ? catalog.getToFollow(type) : catalog.get(type);
    if (entry?.instant === null && (entry.executor.room() <= 0 || slots.isFullOf(type))) return false;
    const claim = work.places === null ? ONE_SLOT : this.#claim(work, work.places, position);
    if (claim === null || claim === 'unfit') return claim === 'unfit';
    const payload = work.payloadAt(position);
    if (payload === undefined) this.#endUnrun(work, rejected('RecordError', 'the batch has no payload for this task'));
    else if (typeof payload !== 'string') this.#endUnrun(work, payload);
    else if (entry === undefined)
      this.#endUnrun(work, failed(FAILURES.NO_HANDLER, `this worker has no handler for '${type}'`));
    else if (entry.instant === null) {
      this.#start({ work, position, payload, entry, claim });
      return true;
    }
    this.#unclaim(work, claim);
    return entry?.instant && typeof payload === 'string' ? this.#runInstants(work, entry.instant, type, until) : true;
  }

  /** `null`: there is no room now. `unfit`: there never is, and the task is handed back. */
  #claim(work: Work, places: Places, position: number): Claim | null | 'unfit' {
    const { slots, log } = this.#options;
    const demand = work.demandAt(position);
    const claim = places.claim(slots, demand);
    const reason = claim === null ? places.lacks(slots, demand) : null;
    if (reason === null) return claim;
    const { type } = work.optionsAt(position);
    log.event('task.unfit', { task: work.taskAt(position), type, attempt: work.attempt, reason });
    this.#endUnrun(work, { outcome: 'returned' });
    return 'unfit';
  }

  /** Nothing begins with it. */
  #unclaim({ places }: Work, claim: Claim): void {
    if (places === null) return;
    places.free(claim);
    this.#options.slots.drop(claim);
  }

  #endUnrun(work: Work, end: CallEnd): void {
    const position = work.peek() ?? 0;
    const now = this.#options.runtime.monotonic();
    work.begin(now);
    work.end(position, toEnded(end, 0), now);
    this.#options.onEnded(work);
  }

  /** The path that costs least: a run of tasks of one type that end at once, without an object or a promise for each. */
  #runInstants(work: Work, instant: Instant, type: string, until: number): boolean {
    const { runtime, ran } = this.#options;
    const begunMs = runtime.monotonic();
    let now = begunMs;
    let ended = 0;
    // Many have the same result (`null` above all): they share what is told of it.
    let told: { text: string; ended: Ended } | undefined;
    for (let count = 1; ; count++) {
      const position = work.peek();
      const payload =
        position === null || work.optionsAt(position).type !== type ? undefined : work.payloadAt(position);
      if (position === null || typeof payload !== 'string') break;
      work.begin(now);
      const text = instant(payload);
      if (told?.text !== text) told = { text, ended: toEnded(endOfText(text), 0) };
      work.end(position, told.ended, now);
      ended = count;
      if (count % STRIDE !== 0) continue;
      now = runtime.monotonic();
      if (now > until) break;
    }
    work.endedMs = runtime.monotonic();
    if (ended > 0) ran(type, (work.endedMs - begunMs) / ended, ended);
    // Ahead of the reporter in the next turn: what is left of the work is through in no time, and is one report with this.
    if (now > until) this.#schedule();
    this.#options.onEnded(work);
    return now <= until;
  }

  #start(options: TaskRunOptions): void {
    const { runtime, slots, onChange } = this.#options;
    options.work.begin(runtime.monotonic());
    const run = new TaskRun(this.#home, options);
    this.#running.add(run);
    slots.take(run.type, run.claim);
    run.start();
    onChange();
  }

  #end(run: TaskRun, ended: Ended | null): void {
    if (ended !== null && MEASURED.has(ended.outcome)) this.#options.measured?.(run, this.#running.size);
    this.#running.delete(run);
    if (run.work.isTimed) run.work.busyMs += run.ranMs;
    const { runtime, ran, onEnded, onChange } = this.#options;
    if (ended?.outcome === 'succeeded') ran(run.type, run.ranMs, 1);
    if (ended !== null && !run.work.isOver) {
      run.work.end(run.position, ended, runtime.monotonic());
      onEnded(run.work);
    }
    onChange();
    run.work.places?.free(run.claim);
    this.#options.slots.giveBack(run.type, run.claim);
    if (this.#waiting.length > 0) this.#schedule();
    if (this.#running.size > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
