import { connect, type Drover, type Duration } from '@drover/client';
import { DroverError, InvalidArgumentError, parseDuration, SCHEDULING_DEFAULTS, type AnyHandlers } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import { DEFAULT_PLANNER_SETTINGS } from '@drover/planner';
import { seededRandom, systemRuntime, within, type Runtime } from '@drover/runtime';
import { Scheduler } from '@drover/scheduler';
import { Ensemble, Network } from '@drover/simulation';
import { strategyNamed } from '@drover/strategies';
import { LocalExecutor, Worker, type HandlerInterceptor } from '@drover/worker';
import type { ZooKeeperFactory } from '@drover/zookeeper';
import { TestClock } from './clock.js';
import { PatientExecutor } from './patient-executor.js';

export interface TestDroverOptions<Given extends object> {
  /** The handlers of the worker, as `defineHandlers` returns them: the default export of a handlers module. */
  handlers: Given;
  /** The interceptors that the handlers module exports. Default: none. */
  interceptors?: readonly HandlerInterceptor[];
  /** Tasks that run at the same time. Default 16. */
  concurrency?: number;
  /**
   * How long the clock stands still for a handler that runs, in real time: then it is taken for one that waits for the
   * clock, such as one that is to time out. Default 250 ms.
   */
  patience?: Duration;
  /** How many tasks may be unfinished before submits are refused with `IntakeClosedError`. Default 1,000,000. */
  maxPendingTasks?: number;
}

/**
 * A Drover of its own: ZooKeeper, one scheduler, one worker and a client, in this process, on a clock that stands
 * still.
 */
export interface TestDrover<Types> {
  /**
   * The client, as `connect(zk, { handlers })` gives it: payloads are checked by the handlers' schemas before they are
   * submitted. Its timeouts are of the clock below.
   */
  readonly drover: Drover<Types>;
  readonly clock: {
    /** Milliseconds since 1970. */
    readonly now: number;
    /**
     * Moves the clock: milliseconds or `30s`, `5m`, `2h`. Events that need no move happen first; events that come due
     * on the way happen at their time. The clock stands still while handlers run, for as long as `patience`.
     */
    advance(duration: Duration): Promise<void>;
  };
  /**
   * Resolves when nothing is left to happen unless the clock is moved, and no handler runs. Rejects with
   * `HandlersStillRunError` when handlers run on after 5 s of real time: those that wait for the clock need `advance`.
   */
  settle(): Promise<void>;
  /** Ends all of it; handlers that run are aborted. Nothing is left that would keep the process alive. */
  close(): Promise<void>;
}

/** Handlers run on, and `settle` has waited long enough. `running` says which. */
export class HandlersStillRunError extends DroverError {
  override readonly name = 'HandlersStillRunError';
  readonly running: readonly string[];
  constructor(running: readonly string[], waitedMs: number) {
    super(
      `after ${waitedMs} ms of real time ${running.join(', ')} still runs: ` +
        'a handler that waits for the clock, such as one that is to time out, ends by clock.advance()',
    );
    this.running = running;
  }
}

/**
 * Starts a Drover for one test. Rejects with a `TypeError` that names the entry of `handlers` that is no handler, and
 * with `InvalidArgumentError`.
 */
export async function testDrover<Given extends object>(options: TestDroverOptions<Given>): Promise<TestDrover<Given>> {
  const kit = new Kit(options);
  try {
    return await kit.start<Given>();
  } catch (error) {
    await kit.close();
    throw error;
  }
}

/** Wide enough that a month of test time takes few heartbeats. */
const TICK_MS = 10 * 60_000;
const SESSION_MS = 20 * TICK_MS;
/** Delays of the worker and the client up to this only gather work that belongs together: they elapse by themselves. */
const GATHERING_MS = 100;
const STOP_GRACE_MS = 1_000;
const SETTLE_LIMIT_MS = 5_000;
const DEFAULT_CONCURRENCY = 16;
const DEFAULT_PATIENCE_MS = 250;
const DEFAULT_MAX_PENDING_TASKS = 1_000_000;
const PROCESS = { host: 'test', pid: process.pid, version: 'test' };
const CONNECT = 'test:1';

class Kit {
  readonly #handlers: object;
  readonly #executor: PatientExecutor;
  readonly #clock: TestClock;
  readonly #ensemble: Ensemble;
  readonly #networks: Network[] = [];
  readonly #concurrency: number;
  readonly #maxTasks: number;
  #seeds = 0;
  #worker: Worker | null = null;
  #scheduler: Scheduler | null = null;
  #drover: { close(): Promise<void> } | null = null;
  #closing: Promise<void> | null = null;
  /** Nobody expected it: the next call of the test rejects with it. */
  #failure: { error: unknown } | null = null;

  constructor({
    handlers,
    interceptors = [],
    concurrency = DEFAULT_CONCURRENCY,
    patience = DEFAULT_PATIENCE_MS,
    maxPendingTasks = DEFAULT_MAX_PENDING_TASKS,
  }: TestDroverOptions<object>) {
    this.#handlers = handlers;
    if (!Number.isSafeInteger(maxPendingTasks) || maxPendingTasks < 1)
      throw new InvalidArgumentError('maxPendingTasks', maxPendingTasks, 'a whole number from 1');
    this.#concurrency = concurrency;
    this.#maxTasks = maxPendingTasks;
    this.#clock = new TestClock(
      () => this.#executor.holds,
      (error) => this.#failed(error),
    );
    const executor = new LocalExecutor(handlers, 'test', interceptors);
    this.#executor = new PatientExecutor(executor, parseDuration('patience', patience), () => this.#clock.wake());
    this.#ensemble = new Ensemble({
      tickMs: TICK_MS,
      delays: { quorumMs: [0, 0], lagMs: [0, 0] },
      runtime: this.#timeless(),
    });
  }

  async start<Given>(): Promise<TestDrover<Given>> {
    const scheduler = this.#startScheduler();
    const worker = this.#startWorker();
    await this.#clock.until(Promise.all([scheduler, worker]));
    const runtime = this.#runtime(GATHERING_MS);
    const zookeeper = { zk: CONNECT, sessionTimeout: SESSION_MS, driver: this.#factory() };
    const handlers = this.#handlers as AnyHandlers;
    const drover = await this.#clock.until(connect<Given>({ ...zookeeper, handlers, runtime, name: 'test' }));
    this.#drover = drover;
    await this.settle();
    const clock = this.#clock;
    return {
      drover,
      clock: {
        get now() {
          return clock.now;
        },
        advance: (duration) => this.#advance(duration),
      },
      settle: () => this.settle(),
      close: () => this.close(),
    };
  }

  async settle(): Promise<void> {
    const limit = systemRuntime.monotonic() + SETTLE_LIMIT_MS;
    for (;;) {
      await this.#clock.quiet();
      this.#throwFailure();
      if (this.#executor.running.length === 0) return;
      const leftMs = limit - systemRuntime.monotonic();
      if (leftMs <= 0 || !(await within(systemRuntime, leftMs, this.#executor.oneEnded())))
        throw new HandlersStillRunError(this.#executor.running, SETTLE_LIMIT_MS);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #advance(duration: Duration): Promise<void> {
    await this.#clock.moveBy(parseDuration('duration', duration));
    this.#throwFailure();
  }

  async #close(): Promise<void> {
    const stop = async (): Promise<void> => {
      await this.#worker?.stop();
      await this.#drover?.close();
      await this.#scheduler?.stop();
    };
    await this.#clock.until(stop());
    for (const network of this.#networks) network.close();
    this.#ensemble.stop();
    this.#throwFailure();
  }

  #startScheduler(): Promise<void> {
    const scheduler = new Scheduler({
      ...{ ...PROCESS, id: 'test', runtime: this.#runtime(0), factory: this.#factory() },
      ...{ log: silentLog, metrics: silentMetrics },
      zookeeper: { connect: CONNECT, sessionTimeoutMs: SESSION_MS },
      strategy: () => strategyNamed(SCHEDULING_DEFAULTS.strategy),
      planner: DEFAULT_PLANNER_SETTINGS,
      intake: { maxTasks: this.#maxTasks, maxBytes: 1_000_000_000 },
    });
    this.#scheduler = scheduler;
    return scheduler.start();
  }

  #startWorker(): Promise<void> {
    const runtime = this.#runtime(GATHERING_MS);
    const capacity = this.#concurrency;
    const worker = new Worker({
      ...{ runtime, factory: this.#factory(), log: silentLog, types: this.#executor.types },
      zookeeper: { connect: CONNECT, sessionTimeoutMs: SESSION_MS, runtime },
      settings: {
        ...{ ...PROCESS, name: 'test', capacity, weight: capacity, computeThreads: 1 },
        ...{ stopTimeoutMs: 0, graceMs: STOP_GRACE_MS },
      },
    });
    this.#worker = worker;
    worker.stopped.catch((error: unknown) => this.#failed(error));
    return worker.start();
  }

  #factory(): ZooKeeperFactory {
    const network = new Network({
      ensemble: this.#ensemble,
      runtime: this.#timeless(),
      delayMs: [0, 0],
      onCallerError: (error) => this.#failed(error),
    });
    this.#networks.push(network);
    return network.factory;
  }

  #runtime(elapsesMs: number): Runtime {
    return this.#clock.runtime(elapsesMs, seededRandom(++this.#seeds));
  }

  /** The runtime of ZooKeeper and the network: callbacks without a delay run at once. */
  #timeless(): Runtime {
    const runtime = this.#runtime(0);
    const after: Runtime['after'] = (delayMs, callback) => {
      if (delayMs > 0) return runtime.after(delayMs, callback);
      let isCancelled = false;
      runtime.soon(() => {
        if (!isCancelled) callback();
      });
      return { cancel: () => (isCancelled = true) };
    };
    return { ...runtime, after };
  }

  #failed(error: unknown): void {
    this.#failure ??= { error };
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }
}
