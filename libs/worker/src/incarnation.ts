import { ROOTS, understanding, workerId, workerPath, type AssignmentRecord, type WorkerRecord } from '@drover/protocol';
import type { WorkerInterceptor } from '@drover/core';
import type { Log, Metrics } from '@drover/observability';
import { Pause, sleep, within, type Health, type Runtime, type Timer } from '@drover/runtime';
import { isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import type { Declared } from './declared.js';
import type { Catalog } from './execution/catalog.js';
import { BatchCache } from './assignments/batch-cache.js';
import { AssignmentWatcher } from './assignments/assignment-watcher.js';
import { OwnRecord, SHOWN_AFTER_MS, shownRuns } from './own-record.js';
import { Follower } from './intercept/follower.js';
import { ReportFollower } from './intercept/report-follower.js';
import type { RunLogs } from './logs/run-logs.js';
import { register } from './registration.js';
import { Reporter } from './report/reporter.js';
import type { RunTimes } from './run/run-times.js';
import { Runner } from './run/runner.js';
import type { Devices } from './run/resources.js';
import type { Slots } from './run/slots.js';
import { StepReader } from './steps/step-reader.js';
import type { TaskRun } from './run/task-run.js';
import type { Work } from './run/work.js';
import type { ResolvedWorkerSettings, WorkerApi } from './settings.js';

export interface IncarnationOptions {
  zk: ZooKeeper;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  settings: ResolvedWorkerSettings;
  catalog: Catalog;
  /** Of the worker, over all its incarnations. */
  slots: Slots;
  runTimes: RunTimes;
  declared: Declared;
  /** See `RunnerOptions`. */
  measured: ((run: TaskRun, running: number) => void) | null;
  /** See `OwnRecordOptions`. */
  used: () => WorkerRecord['used'];
  /** Tasks that run at the same time, as the record says it. */
  capacity: () => number;
  logs: RunLogs;
  /** `null`: nobody follows attempts. */
  interceptor: WorkerInterceptor | null;
  /** The address at which the logs of runs are served; `null`: none. */
  api: () => WorkerApi | null;
  /** Makes the directories again that registering needs, where somebody removed them. */
  makeLayout: () => Promise<void>;
  /** It cannot go on: a fault of this program. */
  onBroken: (error: unknown) => void;
  /** Milliseconds since 1970 when the worker was started. */
  startedAt: number;
  /** Whether an operator had it draining in an earlier incarnation. */
  isDraining: boolean;
  /** Its machine is under pressure. */
  isPressed: boolean;
  /** Its instance ends then: milliseconds since 1970; `null`: nothing is known of it. */
  until: number | null;
  onDraining: (isDraining: boolean) => void;
}

/** The session, and with it this incarnation. */
const ENDED = ['SESSION_EXPIRED', 'CLOSED', 'AUTH_FAILED'] as const;
/** Before its machine is taken away everything that still runs is handed back: so much earlier. */
const LEAVE_BEFORE_MS = 5_000;
const EVICTED_PAUSE_MS = 1_000;
/** Delay before a refused request is repeated; it doubles each time. */
const FIRST_REFUSED_MS = 200;
const LONGEST_REFUSED_MS = 10_000;

/**
 * Everything of a worker that is tied to one session: its id, what is assigned to it, what runs, what waits to be
 * reported. When the session has expired it is thrown away whole, so nothing of it can be reported under the next.
 *
 * Tasks begin only while connected and while the lease is good, after a listing has shown what is still assigned, and not
 * while stopping; while draining only those of broadcasts, for all others are handed back.
 */
export class Incarnation {
  readonly id: string;
  readonly #options: IncarnationOptions;
  readonly #runner: Runner;
  readonly #assignments: AssignmentWatcher;
  readonly #reporter: Reporter;
  #ownRecord: OwnRecord | undefined;
  #isConnected = true;
  /** Assignments have been listed since the last connection. */
  #isListed = false;
  #isDraining: boolean;
  #isStopping = false;
  #isPressed: boolean;
  #until: number | null;
  #leaving: Timer | undefined;
  #isOver = false;
  #isReregistering = false;
  /** The current refusal of ZooKeeper. */
  #refusal: string | null = null;
  readonly #pause = new Pause();

  constructor(options: IncarnationOptions) {
    const { zk, runtime, log, metrics, settings, catalog, slots, logs, interceptor } = options;
    this.#options = options;
    this.#isDraining = options.isDraining;
    this.#isPressed = options.isPressed;
    this.#until = options.until;
    this.id = workerId(settings.name, zk.sessionId);
    const shared = { zk, runtime, log, metrics, worker: this.id };
    const batches = new BatchCache(zk, settings.cacheBytes, runtime);
    const steps = new StepReader({ zk, runtime, batches, cacheBytes: settings.cacheBytes, worker: this.id });
    this.#reporter = new Reporter({
      ...shared,
      onAccepted: (report) => steps.reported(report),
      onOver: (work, how) => this.#over(work, how),
      follower: interceptor?.reporting === undefined ? null : new ReportFollower(interceptor, log, this.id),
      onBroken: options.onBroken,
    });
    this.#runner = new Runner({
      ...{ runtime, log, metrics, catalog },
      ...{ worker: settings.name, slots, graceMs: settings.graceMs, logs, storesLog: settings.runLog },
      follower: interceptor === null ? null : new Follower(interceptor, log, this.id),
      leaseMs: () => zk.leaseMs(),
      setLabel: (name, value) => options.declared.setLabel(name, value),
      measured: options.measured,
      ran: (type, ms, tasks) => options.runTimes.ended(type, ms, tasks),
      onEnded: (work) => this.#reporter.ended(work),
      onChange: () => this.#changed(),
    });
    options.runTimes.onTold = () => this.#changed();
    this.#assignments = new AssignmentWatcher({
      ...shared,
      ...{ batches, steps },
      onWork: (work, record) => this.#arrived(work, record),
      onNotice: (work, record) => this.#heed(work, record),
      onGone: (work) => this.#gone(work),
      onDraining: (isDraining) => this.#drain(isDraining),
      onEvicted: () => this.#evicted(),
    });
  }

  /** The attempt, while it runs here. */
  running(task: string, attempt: number): TaskRun | null {
    for (const run of this.#runner.running) if (run.task === task && run.attempt === attempt) return run;
    return null;
  }

  /** Ready while it is registered and not draining. */
  get health(): Omit<Health, 'hasConnected'> {
    if (this.#until !== null) return { ready: false, why: 'leaving' };
    if (this.#refusal !== null) return { ready: false, why: this.#refusal };
    if (this.#ownRecord === undefined || this.#isReregistering) return { ready: false, why: 'registering' };
    return this.#isDraining ? { ready: false, why: 'draining' } : { ready: true, why: 'ok' };
  }

  /** Registers and reads what is assigned; goes on trying until the session has ended. */
  async start(): Promise<void> {
    const { zk, log } = this.#options;
    let registered = this.#describe();
    await this.#untilDone(async () => {
      registered = this.#describe();
      await register(zk, this.id, registered);
      await this.#assignments.start();
    });
    if (this.#isOver) return;
    this.#ownRecord = new OwnRecord(
      {
        ...this.#options,
        worker: this.id,
        describe: () => this.#describe(),
        isMoreToCome: () => [...this.#runner.running].some((run) => run.ranMs < SHOWN_AFTER_MS),
        onEvicted: () => this.#evicted(),
      },
      registered,
    );
    log.event('worker.registered', { worker: this.id, capacity: this.#options.capacity() });
    if (this.#until !== null) this.notice(this.#until);
    // Suspended since: what was listed is old, `resume` lists again.
    this.#isListed = this.#isConnected;
    this.#allow();
  }

  /** The connection is in doubt: what runs goes on, what ends waits, nothing begins. */
  suspend(): void {
    this.#isConnected = false;
    this.#isListed = false;
    this.#allow();
  }

  /** Connected again, in the same session. Work that was revoked meanwhile must not begin: it lists first. */
  async resume(): Promise<void> {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#allow();
    if (this.#ownRecord === undefined) return; // `start` is still at it
    await this.#untilDone(() => this.#assignments.list());
    this.#isListed = this.#isConnected;
    this.#allow();
  }

  /** The session is gone: aborts everything and drops every result. */
  expire(): void {
    this.#isOver = true;
    this.#leaving?.cancel();
    this.#pause.end();
    this.#ownRecord?.close();
    this.#runner.allow(false);
    for (const work of [...this.#assignments.works()]) work.isOver = true;
    this.#runner.abort('expired');
    this.#reporter.close();
  }

  /**
   * Hands back what has not begun, at once; lets the rest end until the stop timeout, then aborts and hands it back.
   * Resolves when every result is in ZooKeeper, or could not be brought there within `flushMs`.
   */
  async stop(flushMs: number): Promise<void> {
    const { runtime, settings, log } = this.#options;
    this.#isStopping = true;
    this.#allow();
    // Before the first task is handed back, or the leader would give it to this worker again.
    this.#ownRecord?.urgent();
    this.#handBackAll();
    this.#reporter.hurry(true);
    const running = this.#runner.running.size;
    if (running > 0) log.event('worker.stopping', { worker: this.id, running, stopTimeoutMs: settings.stopTimeoutMs });
    if (!(await within(runtime, settings.stopTimeoutMs, this.#runner.idle()))) {
      this.#runner.abort('stopping');
      await this.#runner.idle();
    }
    await within(runtime, flushMs, this.#empty());
    this.#isOver = true;
    this.#leaving?.cancel();
    this.#pause.end();
    this.#ownRecord?.close();
    this.#reporter.close();
  }

  /**
   * Tasks that the leader assigned before it could know of the stop are handed back too; otherwise they would be lost
   * with the session. First the record announces the stop, then a listing shows assignments from before that. Never
   * rejects.
   */
  async #empty(): Promise<void> {
    const ownRecord = this.#ownRecord;
    if (ownRecord !== undefined) {
      const listed = this.#untilDone(async () => {
        await ownRecord.said();
        await this.#assignments.list();
      });
      // A refusal here must not block the stop; the tasks are then counted as lost.
      await listed.catch(() => undefined);
    }
    await this.#reporter.settled();
  }

  /** It has other resources, or says something else of itself. `gone`: devices that it does not have any more. */
  redeclared(gone: Devices): void {
    this.#runner.lose(gone);
    this.#changed();
    this.#runner.pump();
  }

  /** The machine is under pressure, or not any more: nothing begins, and what has not begun goes back. */
  press(isPressed: boolean): void {
    if (this.#isOver) return;
    this.#isPressed = isPressed;
    this.#allow();
    this.#ownRecord?.urgent();
    if (isPressed) this.#handBackAll();
  }

  /** The instance ends at `until`; `null`: it stays after all. Tasks that have not begun go back, long ones make room now. */
  notice(until: number | null): void {
    if (this.#isOver) return;
    const { runtime, runTimes } = this.#options;
    this.#until = until;
    this.#leaving?.cancel();
    this.#allow();
    // Before the first task is handed back, or the leader would give it to this worker again.
    this.#ownRecord?.urgent();
    if (until === null) return;
    this.#handBackAll();
    const leftMs = until - LEAVE_BEFORE_MS - runtime.now();
    this.#runner.leave(leftMs, (type) => runTimes.p95(type));
    this.#leaving = runtime.after(Math.max(0, leftMs), () => this.#runner.abort('stopping'));
  }

  /** An executor has room again. */
  pump(): void {
    this.#runner.pump();
  }

  #arrived(work: Work, record: AssignmentRecord): void {
    if (this.#isOver) return;
    this.#runner.add(work);
    if (this.#isToBeHandedBack(work)) this.#runner.handBack([work]);
    this.#heed(work, record);
  }

  /** The leader's requests in the assignment. */
  #heed(work: Work, record: AssignmentRecord): void {
    this.#heedRival(work, record);
    if (record.cancel !== undefined) this.#runner.abortSome('cancelled', work, record.cancel);
    if (record.exceeded !== undefined) this.#runner.abortSome('exceeded', work, record.exceeded);
    if (record.superseded !== undefined) {
      work.supersede(record.superseded);
      this.#runner.abortSome(
        'superseded',
        work,
        record.superseded.map(([index]) => [index, index + 1]),
      );
    }
    if (record.preempt !== undefined) this.#runner.preempt(work, record.preempt, record.preemptGraceMs);
    if (record.recall === true) this.#runner.handBack([work]);
  }

  /** Both attempts at a task are told of the other one, and the one that is left that it has none any more. */
  #heedRival(work: Work, { rival, isCopy }: AssignmentRecord): void {
    work.rival = rival === undefined ? null : `${ROOTS.assignments}/${rival}`;
    work.isCopy = isCopy === true;
    if (!work.isHeld || work.rival !== null) return;
    work.isHeld = false;
    this.#reporter.ended(work);
  }

  #gone(work: Work): void {
    if (this.#reporter.isEnding(work)) return;
    this.#assignments.forget(work);
    this.#reporter.forget(work);
    this.#abort(work);
  }

  #abort(work: Work): void {
    this.#runner.abort(work.rival === null ? 'revoked' : 'outrun', work);
  }

  #over(work: Work, how: 'accepted' | 'revoked'): void {
    this.#assignments.forget(work);
    if (how === 'revoked') this.#abort(work);
  }

  #drain(isDraining: boolean): void {
    if (this.#isDraining === isDraining || this.#isOver) return;
    const { log, onDraining } = this.#options;
    this.#isDraining = isDraining;
    onDraining(isDraining);
    if (isDraining) log.event('worker.draining', { worker: this.id, running: this.#runner.running.size });
    else log.event('worker.resumed', { worker: this.id });
    this.#allow();
    this.#ownRecord?.urgent();
    if (isDraining) this.#handBackAll();
  }

  #handBackAll(): void {
    this.#runner.handBack([...this.#assignments.works()].filter((work) => this.#isToBeHandedBack(work)));
  }

  /** If it has not begun. Tasks for this worker alone wait here while it is pressed. */
  #isToBeHandedBack(work: Work): boolean {
    return this.#isEnding || ((this.#isDraining || this.#isPressed) && !work.isForDraining);
  }

  /** It stops, or its machine is taken away. */
  get #isEnding(): boolean {
    return this.#isStopping || this.#until !== null;
  }

  #allow(): void {
    const isConnected = this.#isConnected && !this.#isOver;
    this.#reporter.allow(isConnected);
    this.#ownRecord?.allow(isConnected);
    this.#runner.allow(isConnected && this.#isListed && !this.#isEnding && !this.#isPressed);
  }

  #changed(): void {
    this.#ownRecord?.changed();
    this.#options.metrics.set('drover_worker_running', {}, this.#runner.running.size);
  }

  #evicted(): void {
    this.#reregister().catch(this.#options.onBroken);
  }

  /** Somebody removed our znodes by hand, or took us for dead: the session lives, so this worker does. */
  async #reregister(): Promise<void> {
    if (this.#isOver || this.#isStopping || this.#isReregistering || this.#ownRecord === undefined) return;
    this.#isReregistering = true;
    const { zk, runtime, log } = this.#options;
    log.event('record.invalid', {
      path: workerPath(this.id),
      reason: 'removed while its session is alive; creating it again',
    });
    await sleep(runtime, EVICTED_PAUSE_MS);
    await this.#untilDone(async () => {
      await register(zk, this.id, this.#describe());
      await this.#assignments.list();
    });
    this.#isReregistering = false;
    if (!this.#hasEnded()) log.event('worker.registered', { worker: this.id, capacity: this.#options.capacity() });
  }

  /** Ask again after every `await`. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  /**
   * Tries again after each broken connection, and after a growing pause where ZooKeeper refuses it (no rights, no parent,
   * a quota); gives up when the session has ended. Rejects only for what is no refusal of ZooKeeper.
   */
  async #untilDone(act: () => Promise<void>): Promise<void> {
    const { zk, runtime } = this.#options;
    let pauseMs = FIRST_REFUSED_MS;
    while (!this.#hasEnded()) {
      try {
        await zk.connected();
        await act();
        this.#refusal = null;
        return;
      } catch (error) {
        if (!isZooKeeperError(error)) throw error;
        if (isZooKeeperError(error, ...ENDED)) return;
        if (isZooKeeperError(error, 'CONNECTION_LOSS')) continue;
        this.#refused(error);
        await this.#pause.sleep(runtime, pauseMs * (0.5 + runtime.random()));
        pauseMs = Math.min(2 * pauseMs, LONGEST_REFUSED_MS);
        if (isZooKeeperError(error, 'NO_NODE')) await this.#makeLayout();
      }
    }
  }

  #refused({ message }: Error): void {
    if (this.#refusal !== message) {
      this.#options.log.event('registration.refused', { worker: this.id, reason: message });
    }
    this.#refusal = message;
  }

  /** If it cannot be created, the next try reports why. */
  async #makeLayout(): Promise<void> {
    try {
      await this.#options.makeLayout();
    } catch (error) {
      if (!isZooKeeperError(error)) throw error;
    }
  }

  #describe(): Omit<WorkerRecord, 'v'> {
    const { settings, catalog, slots, startedAt, runTimes } = this.#options;
    const { name, host, pid, version, weight, pool, warmupMs } = settings;
    const capacity = this.#options.capacity();
    const api = this.#options.api();
    return {
      ...{ name, host, pid, version, startedAt, capacity, weight },
      ...this.#options.declared.describe(),
      ...(pool === null ? {} : { pool }),
      ...(warmupMs === null ? {} : { warmupMs }),
      types: catalog.types(),
      ...(slots.limits.size === 0 ? {} : { concurrency: Object.fromEntries(slots.limits) }),
      state: this.#isDraining || this.#isEnding ? 'draining' : 'accepting',
      ...(this.#isEnding && { stopping: true as const }),
      ...(this.#isPressed && { pressed: true as const }),
      ...(this.#until === null ? {} : { until: this.#until }),
      running: shownRuns(this.#runner.running),
      runningNow: this.#runner.running.size,
      ...(api === null ? {} : { api: api.url, apiSecret: api.secret }),
      ...understanding(),
      abortGraceMs: settings.graceMs,
      ...(runTimes.told === null ? {} : { paces: runTimes.told }),
    };
  }
}
