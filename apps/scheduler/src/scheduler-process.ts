import type { Program } from '@drover/ops';
import { inBackground, toldElsewhere, type Health } from '@drover/runtime';
import type { Scheduler } from '@drover/scheduler';
import type { ApiListenError, ApiThread } from './api/api-thread.js';

/** Starts the API's thread; `failed`: the process must end with this error. */
export type StartApi = (scheduler: Scheduler, failed: (error: ApiListenError) => void) => ApiThread;

/**
 * A scheduler with its API beside it: the API begins when the scheduler takes part, and never delays it; when the process
 * stops, the scheduler hands over at once.
 */
export class SchedulerProcess implements Program {
  readonly stopped: Promise<void>;
  readonly scheduler: Scheduler;
  readonly #startApi: StartApi | null;
  #api: ApiThread | null = null;
  #stopping: Promise<void> | null = null;
  #fail!: (error: Error) => void;

  /** `startApi` null: it has no API. */
  constructor(scheduler: Scheduler, startApi: StartApi | null) {
    this.scheduler = scheduler;
    this.#startApi = startApi;
    const failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.stopped = Promise.race([scheduler.stopped, failed]);
    inBackground(this.stopped, toldElsewhere);
  }

  get health(): Health {
    return this.scheduler.health;
  }

  /** As `Scheduler.start`. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.scheduler.start(signal);
    if (this.#stopping === null && this.#startApi !== null) this.#api = this.#startApi(this.scheduler, this.#fail);
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await Promise.all([this.scheduler.stop(), this.#api?.close()]);
  }
}
