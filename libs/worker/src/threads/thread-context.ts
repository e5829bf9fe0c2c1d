import { setMaxListeners } from 'node:events';
import type { HandlerTrace, TaskFire } from '@drover/core';
import type { InterceptedContext } from '../intercept/handler-hooks.js';
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
export class ThreadContext implements InterceptedContext {
  readonly id: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly fire: TaskFire | undefined;
  readonly trace: HandlerTrace | undefined;
  readonly worker: string;
  /** Not for handlers: its type, and where interceptors are told it, its queue. */
  readonly type: string;
  readonly queue: string;
  readonly #n: number;
  readonly #sink: NoteSink;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;

  constructor(call: Omit<WireCall, 'payload'>, worker: string, sink: NoteSink) {
    this.id = call.task;
    this.attempt = call.attempt;
    this.fencingToken = call.fencingToken;
    this.fire = call.fire;
    this.trace = call.trace;
    this.type = call.type;
    this.queue = call.queue ?? '';
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

  /** Not for handlers: why it was asked to end; `undefined`: it was not. */
  get aborted(): Error | undefined {
    return this.#aborted;
  }

  /** Not for handlers. */
  abort(reason: Error): void {
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  // Arrow functions: handlers may take them out of the context (`const { log, progress } = context`).
  log = (message: string, fields: Record<string, unknown> = NO_FIELDS): void => {
    const told = cut(text(message), MAX_MESSAGE_CHARS);
    const more = fields === NO_FIELDS ? NOTHING : plain(fields);
    this.#sink.note({ n: this.#n, log: { message: told, fields: more.fields, chars: told.length + more.chars } });
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

const NO_FIELDS: Record<string, unknown> = Object.freeze({});
/** Of a log line: longer ones are cut here, before they cost anybody anything. */
const MAX_MESSAGE_CHARS = 8_000;
const MAX_FIELDS_CHARS = 16_000;
const cut = (value: string, most: number): string => (value.length > most ? `${value.slice(0, most)}...` : value);

interface Plain {
  fields: Record<string, unknown>;
  chars: number;
}
const NOTHING: Plain = { fields: {}, chars: 0 };

/**
 * Makes a handler's log fields transferable to the other thread: as JSON; values that JSON cannot carry, and those that
 * are too large, become text.
 */
function plain(fields: unknown): Plain {
  if (typeof fields !== 'object' || fields === null) return asText(show(fields));
  try {
    const json = JSON.stringify(fields);
    if (json.length > MAX_FIELDS_CHARS) return asText(json);
    return { fields: JSON.parse(json) as Record<string, unknown>, chars: json.length };
  } catch {
    return asText(show(fields));
  }
}

function asText(shown: string): Plain {
  const fields = cut(shown, MAX_FIELDS_CHARS);
  return { fields: { fields }, chars: fields.length };
}
