import type { Runtime, Timer } from '@drover/runtime';
import { isZooKeeperError, needNotSucceed, type ZooKeeper } from '@drover/zookeeper';
import type { Session } from './session.js';

export interface StepLoopOptions {
  session: Pick<Session, 'zk' | 'incarnation' | 'state' | 'holds' | 'onState' | 'makeLayout'>;
  runtime: Runtime;
  /** The znode that the recipe is about: changes of it wake the loop. */
  path: string;
  /** Looks at the present state and does one thing about it. It may reject with `ZooKeeperError`. */
  step: (zk: ZooKeeper, incarnation: number) => Promise<void>;
  /** Called, at most once, when a step fails with an error that is no `ZooKeeperError`: no step follows. */
  broken: (error: unknown) => void;
}

const RETRY_MS = 200;

/**
 * Runs the steps of a recipe one after the other. Connections, the watch and timers only wake it: each step then reads
 * the state itself. Nothing runs while the session is not connected.
 */
export class StepLoop {
  readonly #options: StepLoopOptions;
  #running: Promise<void> | null = null;
  #awake = false;
  #stopped = false;
  #timer: Timer | null = null;
  #watchedIncarnation = 0;
  #removeListener: (() => void) | null = null;

  constructor(options: StepLoopOptions) {
    this.#options = options;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    this.#removeListener = this.#options.session.onState(({ state }) => {
      if (state === 'connected') this.wake();
    });
    this.wake();
  }

  /** Runs another step: at once, or after the one that is under way. */
  wake(): void {
    if (this.#stopped) return;
    this.#awake = true;
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#broken(error))
      .finally(() => {
        this.#running = null;
        if (this.#awake) this.wake();
      });
  }

  /** Replaces the delay of an earlier call. */
  wakeAfter(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    if (delayMs <= 0) this.wake();
    else this.#timer = this.#options.runtime.after(delayMs, () => this.wake());
  }

  /** No step begins any more; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#end();
    await this.#running;
  }

  #end(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#removeListener?.();
  }

  /** Also called while the loop stops, so that the failure is not lost. */
  #broken(error: unknown): void {
    this.#end();
    this.#options.broken(error);
  }

  async #run(): Promise<void> {
    const { session, step, runtime } = this.#options;
    while (this.#awake && !this.#stopped) {
      this.#awake = false;
      const { zk, incarnation } = session;
      if (!session.holds(incarnation)) return;
      try {
        await this.#watch(zk, incarnation);
        await step(zk, incarnation);
      } catch (error) {
        if (!isZooKeeperError(error)) throw error;
        // Somebody removed the directory by hand.
        if (isZooKeeperError(error, 'NO_NODE')) await session.makeLayout().catch(needNotSucceed);
        // A lost connection wakes us when it is back.
        if (session.state === 'connected') this.wakeAfter(RETRY_MS * (0.5 + runtime.random()));
      }
    }
  }

  async #watch(zk: ZooKeeper, incarnation: number): Promise<void> {
    if (this.#watchedIncarnation === incarnation) return;
    const { session, path } = this.#options;
    const wake = (): void => {
      if (session.incarnation === incarnation) this.wake();
    };
    await zk.watch(path, 'persistent', { event: wake, reset: wake });
    this.#watchedIncarnation = incarnation;
  }
}
