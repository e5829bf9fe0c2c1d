import type { Call, Execution, Executor } from '../execution/executor.js';
import { HandlerThread, type ThreadOptions } from './handler-thread.js';

/** Handlers that compute: each has a thread for itself, so that ending it by force costs nobody else anything. */
export class ComputeExecutor implements Executor {
  readonly #options: ThreadOptions;
  readonly #limit: number;
  readonly #threads = new Set<HandlerThread>();
  /** They take no room any more, but are not gone yet. */
  readonly #ending = new Set<HandlerThread>();
  readonly #free: HandlerThread[] = [];
  readonly #onRoom: () => void;

  /** Threads are started when they are first needed. `onRoom`: one has become free. */
  constructor(options: Omit<ThreadOptions, 'kind'>, limit: number, onRoom: () => void) {
    this.#options = { ...options, kind: 'compute' };
    this.#limit = limit;
    this.#onRoom = onRoom;
  }

  room(): number {
    return this.#free.length + this.#limit - this.#threads.size;
  }

  start(call: Call): Execution {
    const thread = this.#free.pop() ?? this.#newThread();
    return thread.start(call);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads, ...this.#ending].map((thread) => thread.close()));
  }

  #newThread(): HandlerThread {
    const thread = new HandlerThread(this.#options, {
      idle: (idle) => {
        if (!this.#free.includes(idle)) this.#free.push(idle);
        this.#onRoom();
      },
      retiring: (retiring) => {
        this.#ending.add(retiring);
        this.#forget(retiring);
      },
      gone: (gone) => {
        this.#ending.delete(gone);
        this.#forget(gone);
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Its place is free already while it ends. */
  #forget(thread: HandlerThread): void {
    if (!this.#threads.delete(thread)) return;
    const at = this.#free.indexOf(thread);
    if (at >= 0) this.#free.splice(at, 1);
    this.#onRoom();
  }
}
