import { setMaxListeners } from 'node:events';
import type { TaskContext, TaskFire } from '@drover/core';
import { show } from '../execution/thrown.js';
import type { WireCall, WireNote } from './messages.js';

/** The receiver of a handler's logs and progress. */
export interface NoteSink {
  note(note: WireNote): void;
}

/**
 * The context that a handler is given beside the payload. The signal is made when it is first asked for: most handlers
 * never do.
 */
export class ThreadContext implements TaskContext {
  readonly id: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly fire: TaskFire | undefined;
  readonly worker: string;
  readonly #n: number;
  readonly #sink: NoteSink;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(call: Omit<WireCall, 'type' | 'payload'>, worker: string, sink: NoteSink) {
    this.id = call.task;
    this.attempt = call.attempt;
    this.fencingToken = call.fencingToken;
    this.fire = call.fire;
    this.worker = worker;
    this.#n = call.n;
    this.#sink = sink;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // A handler may wait for it in every step; the signal goes with the call.
      setMaxListeners(0, this.#controller.signal);
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Not for handlers. */
  abort(reason: Error): void {
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  // Arrow functions: handlers may take them out of the context (`const { log, progress } = context`).
  log = (message: string, fields: Record<string, unknown> = {}): void => {
    this.#sink.note({ n: this.#n, log: { message: text(message), fields: plain(fields) } });
  };

  progress = (fraction: number, note?: string): void => {
    const clamped = Number.isFinite(fraction) ? Math.min(Math.max(fraction, 0), 1) : 0;
    this.#sink.note({
      n: this.#n,
      progress: { fraction: clamped, note: note === undefined ? undefined : text(note) },
    });
  };
}

/** Handlers in JavaScript give anything. */
const text = (value: unknown): string => (typeof value === 'string' ? value : show(value));

/**
 * Makes a handler's log fields transferable to the other thread: as JSON; values that JSON cannot carry become text.
 */
function plain(fields: unknown): Record<string, unknown> {
  if (typeof fields !== 'object' || fields === null) return { fields: show(fields) };
  try {
    return JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
  } catch {
    return { fields: show(fields) };
  }
}
