import { Session, withinConnectTimeout, type SessionView } from '@drover/coordination';
import { formatAmounts, type WorkerInterceptor } from '@drover/core';
import { silentMetrics, type Log, type Metrics } from '@drover/observability';
import {
  inBackground,
  toldElsewhere,
  unlessAborted,
  type Health,
  type Runtime,
  type Service,
  type Timer,
} from '@drover/runtime';
import type { ZooKeeperFactory, ZooKeeperOptions } from '@drover/zookeeper';
import { Catalog, type TypeEntry } from './execution/catalog.js';
import { risksOf } from './builtin/built-in-types.js';
import { AdaptiveLimit } from './adaptive/adaptive-limit.js';
import { isOverload } from './adaptive/overload.js';
import { Declared, type Declaration } from './declared.js';
import { Incarnation } from './incarnation.js';
import { thisMachine, type Machine } from './machine/machine.js';
import { Pressure, PRESSURE } from './machine/pressure.js';
import { UseMeter } from './machine/use.js';
import { NO_DEVICES, Resources, type Devices } from './run/resources.js';
import type { TaskRun } from './run/task-run.js';
import { SpotWatch } from './spot/spot-watch.js';
import type { AttemptLog } from './logs/attempt-log.js';
import { RunLogs } from './logs/run-logs.js';
import { RunTimes } from './run/run-times.js';
import { Slots } from './run/slots.js';
import { resolveSettings, type ResolvedWorkerSettings, type WorkerApi, type WorkerSettings } from './settings.js';

export interface WorkerOptions {
  factory: ZooKeeperFactory;
  /** `connect` may lack a chroot: `/drover` it is then. */
  zookeeper: ZooKeeperOptions;
  /** How long `start` tries to reach ZooKeeper before it gives up. Default: for ever. */
  connectTimeoutMs?: number;
  runtime: Runtime;
  log: Log;
  metrics?: Metrics;
  settings: WorkerSettings;
  /**
   * Types and their executors, instead of built-in types and a handlers module: no thread is started. For a worker
   * inside another program, such as a simulation. Its executors are closed with the worker.
   */
  types?: ReadonlyMap<string, TypeEntry>;
  /** The machine, which says what `resources: auto` stands for, and whether it is under pressure. Default: this one. */
  machine?: Machine;
  /**
   * Hooks around attempts, such as those of tracing. Handlers of attempts with a trace context then run within that
   * context. Default: none.
   */
  interceptor?: WorkerInterceptor | undefined;
}

/** Intervals of looking at the machine: for what it has, and for whether it is under pressure. */
const MACHINE_EVERY_MS = 10_000;
const PRESSURE_EVERY_MS = 2_000;
/** A number of places is told when it has changed by this share. */
const WORTH_TELLING = 0.1;
/** How long a worker that stops waits for ZooKeeper to take its last results. */
const FLUSH_MS = 5_000;

/**
 * A worker: takes what is assigned to it, runs it, and brings the results back. It outlives its sessions: after an expiry
 * everything that ran is aborted and dropped, and it registers anew, through the same code, under a new id.
 */
export class Worker implements Service {
  readonly stopped: Promise<void>;
  readonly #options: WorkerOptions & { metrics: Metrics };
  readonly #settings: ResolvedWorkerSettings;
  readonly #catalog: Catalog;
  readonly #slots: Slots;
  readonly #machine: Machine;
  readonly #meter: UseMeter;
  readonly #declared: Declared;
  /** `null`: the number of places stays. */
  readonly #limit: AdaptiveLimit | null;
  /** Tasks that run at the same time, as it was told last. */
  #capacity: number;
  #pressure: Pressure | null = null;
  #until: number | null = null;
  #spot: SpotWatch | undefined;
  readonly #timers: Timer[] = [];
  readonly #runTimes: RunTimes;
  #loaded: Promise<void> | undefined;
  #session: Session | undefined;
  #incarnation: Incarnation | undefined;
  /** Which incarnation of the session that is. */
  #incarnationNumber = 0;
  #isDraining = false;
  #stopping: Promise<void> | undefined;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  #registered!: { resolve: () => void; reject: (error: unknown) => void };
  readonly #startedAt: number;
  readonly #logs = new RunLogs();
  #api: WorkerApi | null = null;

  /** Throws `InvalidArgumentError` for settings that make no sense. */
  constructor(options: WorkerOptions) {
    const { runtime, log, metrics = silentMetrics, types = null } = options;
    const settings = resolveSettings(options.settings);
    this.#options = { ...options, metrics };
    this.#settings = settings;
    this.#startedAt = runtime.now();
    const { name: worker, handlers: module, computeThreads, blockedAfterMs, builtin, http } = settings;
    const { typeConcurrency, cuda } = settings;
    const executors = { module, builtin, http, computeThreads, blockedAfterMs, types, typeConcurrency, cuda };
    const traces = options.interceptor !== undefined;
    this.#catalog = new Catalog({ runtime, log, metrics, worker, traces, ...executors });
    const resources = new Resources();
    this.#slots = new Slots(settings.capacity, resources, settings.adaptive?.max);
    this.#machine = options.machine ?? thisMachine();
    this.#meter = new UseMeter(
      () => this.#machine.use(),
      () => runtime.monotonic(),
    );
    this.#declared = new Declared(settings, this.#machine, resources);
    this.#capacity = settings.capacity;
    this.#limit = settings.adaptive === null ? null : new AdaptiveLimit(settings.adaptive, runtime.monotonic());
    this.#runTimes = new RunTimes(runtime);
    this.#catalog.onRoom = () => this.#incarnation?.pump();
    this.#slots.onFree = () => this.#incarnation?.pump();
    this.stopped = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    inBackground(this.stopped, toldElsewhere);
  }

  /** Its id in paths, as of now; `null` before it has registered and between two sessions. */
  get id(): string | null {
    return this.#incarnation?.id ?? null;
  }

  /** The logs of its runs are served at `api`: to be said before it starts. */
  serves(api: WorkerApi): void {
    this.#api = api;
  }

  /** The log of an attempt that runs here or has run here; `null`: it has logged nothing, or its lines are gone. */
  runLog(task: string, attempt: number): AttemptLog | null {
    return this.#incarnation?.running(task, attempt)?.openLog() ?? this.#logs.find(task, attempt);
  }

  /** Why there is no connection to ZooKeeper, where that is known: for people to read. */
  get lastFailure(): Error | undefined {
    return this.#session?.lastFailure;
  }

  /** Ready while it is registered and takes tasks, as far as its session lives. */
  get health(): Health {
    const session = this.#session?.health ?? { ready: false, why: 'starting', hasConnected: false };
    if (this.#stopping !== undefined) return { ...session, ready: false, why: 'stopping' };
    if (!session.ready) return session;
    return { ...session, ...(this.#incarnation?.health ?? { ready: false, why: 'registering' }) };
  }

  /**
   * Loads the handlers, where `start` should not do it: a module may take longer than a connection may. Throws
   * `HandlersModuleError`, and the signal's reason; the worker is stopped then.
   */
  load(signal?: AbortSignal): Promise<void> {
    this.#loaded ??= this.#orStop(() => this.#load(signal));
    return this.#loaded;
  }

  /**
   * Loads the handlers, connects, registers. While ZooKeeper refuses the registration it goes on trying. Throws
   * `HandlersModuleError`, `ConnectTimeoutError`, `ZooKeeperError` `AUTH_FAILED`, and the signal's reason; the worker is
   * stopped then.
   */
  async start(signal?: AbortSignal): Promise<void> {
    await this.load(signal);
    await this.#orStop(() => this.#connect(signal));
  }

  async #load(signal?: AbortSignal): Promise<void> {
    const opened = this.#catalog.open();
    await (signal === undefined ? opened : unlessAborted(opened, signal));
    this.#slots.limits = this.#catalog.limits(this.#settings.adaptive?.max ?? this.#settings.capacity);
    this.#options.metrics.set('drover_worker_capacity', {}, this.#capacity);
    this.#warnOfExposure();
  }

  async #connect(signal?: AbortSignal): Promise<void> {
    if (this.#stopping !== undefined) throw new Error('the worker was stopped while it was starting');
    const { factory, zookeeper, log, metrics } = this.#options;
    const registered = new Promise<void>((resolve, reject) => (this.#registered = { resolve, reject }));
    inBackground(registered, toldElsewhere);
    const session = new Session({ factory, zookeeper, log, metrics, role: 'a worker' });
    this.#session = session;
    session.onState((view) => this.#moved(view));
    await this.#reach(session, signal);
    await session.connected(signal, { patient: true });
    await (signal === undefined ? registered : unlessAborted(registered, signal));
    this.#watchMachine();
  }

  /** Nothing of it runs at a worker that declares nothing. */
  #watchMachine(): void {
    const { runtime, log } = this.#options;
    const { resources, maxLoad, spot } = this.#settings;
    if (this.#stopping !== undefined) return;
    if (resources.isAuto) this.#timers.push(runtime.every(MACHINE_EVERY_MS, () => this.#refresh()));
    if (maxLoad !== null || this.#slots.resources.capacity.amounts.memory !== undefined) {
      this.#pressure = new Pressure({ ...PRESSURE, load: maxLoad });
      this.#timers.push(runtime.every(PRESSURE_EVERY_MS, () => this.#press()));
    }
    if (spot !== null)
      this.#spot = new SpotWatch({
        runtime,
        log,
        source: spot,
        onNotice: (notice) => this.notice(notice?.until ?? null),
      });
  }

  /**
   * It declares something else from now on; what is not named stays as it is. Running tasks go on, but for tasks that have a
   * device which is gone. Throws `InvalidArgumentError`; then nothing has changed.
   */
  declare(changes: Partial<Declaration>): void {
    const { labels, resources, overcommit } = this.#settings;
    this.#declared.declare({ labels, resources, overcommit, ...changes });
    this.#refresh(NO_DEVICES);
  }

  /** `unchanged`: what is said of devices where nothing of the resources has changed; default: nothing is told then. */
  #refresh(unchanged: Devices | null = null): void {
    const changed = this.#declared.refresh();
    const gone = changed ?? unchanged;
    if (changed !== null) this.#capacityChanged();
    if (gone !== null) this.#incarnation?.redeclared(gone);
  }

  #capacityChanged(): void {
    const resources = formatAmounts(this.#slots.resources.capacity.amounts);
    this.#options.log.event('worker.capacity', { worker: this.id, capacity: this.#capacity, resources });
  }

  #press(): void {
    const { runtime, log } = this.#options;
    if (this.#pressure?.look(this.#machine.load(), runtime.monotonic()) !== true) return;
    const { why } = this.#pressure;
    if (why === null) log.event('worker.relieved', { worker: this.id });
    else log.event('worker.pressed', { worker: this.id, reason: why });
    this.#incarnation?.press(why !== null);
  }

  /** Its machine is taken away at `until` (milliseconds since 1970), as a cloud tells; `null`: it is not any more. */
  notice(until: number | null): void {
    const { log } = this.#options;
    this.#until = until;
    if (until === null) log.event('worker.spot-kept', { worker: this.id });
    else log.event('worker.spot-notice', { worker: this.id, until: new Date(until).toISOString() });
    this.#incarnation?.notice(until);
  }

  /** An attempt says how many may run. Others are told of it only where it is worth a write. */
  #measured(run: TaskRun, running: number): void {
    const limit = this.#limit;
    if (limit === null || !run.adapts) return;
    const isRefusal = run.failure !== null && isOverload(run.failure);
    limit.ended({ type: run.type, ms: run.ranMs, isOverload: isRefusal }, running, this.#options.runtime.monotonic());
    this.#slots.capacity = limit.limit;
    if (Math.abs(limit.steady - this.#capacity) < WORTH_TELLING * this.#capacity) return;
    this.#capacity = limit.steady;
    this.#options.metrics.set('drover_worker_capacity', {}, this.#capacity);
  }

  async #orStop(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** One line for each built-in type that acts: whoever can write to ZooKeeper decides what it does. */
  #warnOfExposure(): void {
    if (this.#options.types !== undefined) return;
    for (const risk of risksOf(this.#settings.builtin, this.#settings.http))
      this.#options.log.event('worker.exposed', risk);
  }

  /** Only the way to ZooKeeper is bounded: what it refuses then may be mended while the worker waits. */
  async #reach(session: Session, signal: AbortSignal | undefined): Promise<void> {
    const { runtime, zookeeper, connectTimeoutMs: timeoutMs } = this.#options;
    if (timeoutMs === undefined) return;
    const bound = { connect: zookeeper.connect, timeoutMs, runtime, whyNot: () => session.lastFailure };
    await withinConnectTimeout(signal === undefined ? bound : { ...bound, signal }, (both) =>
      session.zk.connected(both),
    );
  }

  /**
   * Hands back what has not begun, lets what runs end until the stop timeout, reports, and ends the session: its
   * ephemerals go at once.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#spot?.close();
    await this.#incarnation?.stop(FLUSH_MS);
    this.#runTimes.close();
    await this.#session?.close();
    await this.#catalog.close();
    this.#settle.resolve();
  }

  #moved({ state, zk, incarnation, failure }: SessionView): void {
    switch (state) {
      case 'connected':
        if (incarnation === this.#incarnationNumber) this.#background(this.#incarnation?.resume());
        else if (this.#stopping === undefined) this.#begin(zk, incarnation);
        return;
      case 'suspended':
        this.#incarnation?.suspend();
        return;
      case 'expired':
        this.#incarnation?.expire();
        this.#incarnation = undefined;
        return;
      case 'closed':
        if (failure !== null) this.#broken(failure);
        return;
    }
  }

  #begin(zk: SessionView['zk'], number: number): void {
    const { runtime, log, metrics } = this.#options;
    const incarnation = new Incarnation({
      ...{ zk, runtime, log, metrics, settings: this.#settings, catalog: this.#catalog, startedAt: this.#startedAt },
      slots: this.#slots,
      declared: this.#declared,
      measured: this.#limit === null ? null : (run, running) => this.#measured(run, running),
      used: () => this.#meter.look(this.#slots.resources.capacity.amounts),
      capacity: () => this.#capacity,
      isPressed: (this.#pressure?.why ?? null) !== null,
      until: this.#until,
      runTimes: this.#runTimes,
      logs: this.#logs,
      interceptor: this.#options.interceptor ?? null,
      api: () => this.#api,
      makeLayout: () => this.#session?.makeLayout() ?? Promise.resolve(),
      onBroken: (error) => this.#broken(error),
      isDraining: this.#isDraining,
      onDraining: (isDraining) => (this.#isDraining = isDraining),
    });
    this.#incarnation = incarnation;
    this.#incarnationNumber = number;
    this.#background(incarnation.start().then(this.#registered.resolve));
  }

  #background(done: Promise<void> | undefined): void {
    if (done !== undefined) inBackground(done, (error) => this.#broken(error));
  }

  /** It cannot go on: no session will be had, or this program has a fault. */
  #broken(error: unknown): void {
    this.#registered.reject(error);
    this.#settle.reject(error);
    inBackground(this.stop(), toldElsewhere);
  }
}
