import { systemRuntime, type Timer } from '@drover/runtime';
import type { Call, Execution, Executor, LocalExecutor, TypeEntry } from '@drover/worker';

interface Running {
  readonly call: Call;
  /** While it runs, the clock stands still for it. */
  patience: Timer | null;
}

/**
 * Runs handlers in the thread of the test, on real timers. The clock stands still while one runs, so that the real
 * milliseconds of a handler take no time of the test. But a handler may wait for the clock itself (for its timeout):
 * after `patienceMs` of real time the clock goes on without it.
 */
export class PatientExecutor implements Executor {
  readonly types: ReadonlyMap<string, TypeEntry>;
  readonly #executor: LocalExecutor;
  readonly #patienceMs: number;
  readonly #changed: () => void;
  readonly #running = new Set<Running>();
  #onEnd: (() => void)[] = [];

  /** `changed` is called when a handler no longer holds the clock. */
  constructor(executor: LocalExecutor, patienceMs: number, changed: () => void) {
    this.#executor = executor;
    this.#patienceMs = patienceMs;
    this.#changed = changed;
    this.types = new Map(
      [...executor.types].map(([type, entry]) => [type, entry.instant === null ? { ...entry, executor: this } : entry]),
    );
  }

  /** Somebody needs real time. */
  get holds(): boolean {
    return [...this.#running].some(({ patience }) => patience !== null);
  }

  /** The running tasks, for people to read. */
  get running(): string[] {
    return [...this.#running].map(({ call }) => `'${call.type}' (task ${call.task}, attempt ${call.attempt})`);
  }

  /** Resolves when the next handler has ended. */
  oneEnded(): Promise<void> {
    return new Promise((resolve) => this.#onEnd.push(resolve));
  }

  room(): number {
    return this.#executor.room();
  }

  start(call: Call): Execution {
    const running: Running = { call, patience: null };
    this.#running.add(running);
    running.patience = systemRuntime.after(this.#patienceMs, () => {
      running.patience = null;
      this.#changed();
    });
    const execution = this.#executor.start(this.#watched(running));
    return {
      abort: (reason) => execution.abort(reason),
      abandon: () => {
        this.#forget(running);
        execution.abandon();
      },
    };
  }

  async close(): Promise<void> {
    for (const running of [...this.#running]) this.#forget(running);
    await this.#executor.close();
  }

  #watched(running: Running): Call {
    const { call } = running;
    const { task, type, queue, attempt, fencingToken, fire, trace, step, devices, payload, checkpoint } = call;
    return {
      ...{ task, type, queue, attempt, fencingToken, fire, trace, step, devices, payload, checkpoint },
      ended: (end) => {
        this.#forget(running);
        call.ended(end);
      },
      log: (message, fields) => call.log(message, fields),
      logDropped: (lines) => call.logDropped(lines),
      print: (text) => call.print(text),
      printSkipped: (lines) => call.printSkipped(lines),
      progress: (fraction, note) => call.progress(fraction, note),
      leave: (checkpoint) => call.leave(checkpoint),
      setLabel: (name, value) => call.setLabel(name, value),
      alive: () => call.alive(),
    };
  }

  #forget(running: Running): void {
    running.patience?.cancel();
    if (!this.#running.delete(running)) return;
    this.#changed();
    const waiting = this.#onEnd;
    this.#onEnd = [];
    for (const resolve of waiting) resolve();
  }
}
